/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The kernel's option strings: the parameters of a module and the kernel command line (kernel-parameters.txt). Words
 * are separated by blanks, except between double quotes; quotes around a value or around a whole word are not part of
 * it. '-' and '_' are the same in a name. kmod reads /proc/cmdline by other rules (read/conf/cmdline.h).
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

#define OPTION_STRING_MAX 1024 /* bytes: the kernel refuses a longer value of a parameter that is a string (charp) */

struct option {
	struct span word; /* all of it, as written */
	const char *key;  /* up to '=' or the end */
	size_t key_len;
	const char *value; /* without its outer quotes; NULL: none */
	size_t value_len;
};

/* Removes the next option from *text. false: there are no more. Borrowed. */
bool option_next(struct span *text, struct option *ret);
/* Does the option set this parameter? */
bool option_is(const struct option *o, const char *name);

/* Does the value have to be quoted? */
bool option_needs_quotes(const char *value);
/* Appends NAME, or NAME=VALUE with quotes where they are needed. value NULL: none. Errors stick to *into. */
int option_put(struct buf *into, const char *name, const char *value);

/*
 * Appends command line arguments as kmod's modprobe does: joined with single blanks; the value of `key=value` gets
 * double quotes when it contains a space and does not begin with a quote itself. Empty arguments at the beginning add
 * nothing. 0 or -ENOMEM.
 */
int optstring_join(int argc, char *const *argv, struct buf *into);
