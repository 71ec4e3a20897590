/* SPDX-License-Identifier: MIT */
#pragma once

/* Where a command gets the passphrase of a key: a file, KBUILD_SIGN_PIN as Kbuild sets it, or the terminal. */

#include "act/sign/key.h"
#include "face/common/env.h"

struct passphrase {
	struct env *env;
	const char *file;             /* first line; NULL: not given */
	struct key_passphrase source; /* for key_load() */
};

void passphrase_init(struct passphrase *p, struct env *env, const char *file);
/*
 * key_load() of a command's argument. A PIN in a pkcs11: URI is taken, but warned of, and overwritten in the argument,
 * which every user of the machine can read (/proc/PID/cmdline).
 */
int passphrase_load_key(struct passphrase *p, const char *argument, struct key **ret);
/* A certificate from a file, also from a PKCS#12 file, whose passphrase is asked for. */
int passphrase_load_certificate(struct passphrase *p, const char *path, struct cert **ret);
/*
 * Asks twice on the terminal, or takes the file or KBUILD_SIGN_PIN. into is a buffer of secret_init(). 0, -ENOKEY, or
 * another error after reporting it.
 */
int passphrase_choose(struct passphrase *p, struct buf *into);
