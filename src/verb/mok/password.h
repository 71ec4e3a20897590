/* SPDX-License-Identifier: MIT */
#pragma once

/* The record of the password that goes with a request, from the source that the user chose. */

#include "system/sys.h"
#include "verb/mok/mokpw.h"

/* Where the password comes from, and how the user is asked for one, which is up to the face. */
struct mok_secret {
	const char *hash_file; /* a crypt(5) text; NULL: not given */
	bool root_password;    /* from /etc/shadow */
	/* A new password of min to max characters; ret has max + 2 bytes. 0, or -errno: the user gave up. */
	int (*choose)(void *data, size_t min, size_t max, char *ret);
	/* One line, after a note that says why it is needed. A line that is too long is cut. 0 or -errno. */
	int (*answer)(void *data, const char *note, const char *prompt, char *ret, size_t cap);
	void *data;
};

/* The record; reports what is wrong with a hash. -EINVAL: the text cannot be used; else the error of choose(). */
int mok_record(struct sys *sys, const struct mok_secret *secret, uint8_t ret[MOKPW_RECORD]);
