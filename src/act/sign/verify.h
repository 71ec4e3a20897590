/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Would a kernel that trusts these certificates accept this signature? Decided offline, over bytes, in the order in
 * which the kernel decides (kernel/module/signing.c as documented and as measured: tests/vm/sign).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/root.h"
#include "base/span.h"

struct cert;
struct kernel_target;

enum verify_state {
	VERIFY_GOOD,
	VERIFY_UNSIGNED,
	VERIFY_UNKNOWN_SIGNER, /* by a key whose certificate was not given */
	VERIFY_UNSUPPORTED,    /* a scheme, hash or kind of key that the kernel does not know */
	VERIFY_CHANGED,        /* signed by a known key, and changed afterwards */
	VERIFY_BAD_SIGNATURE,  /* claims a known key, but is not a signature by it */
	VERIFY_REFUSED,        /* well-formed, but never accepted by the kernel: signed attributes, foreign content */
	VERIFY_DAMAGED,        /* the trailer or the message in it is broken */
	VERIFY_STATES,
};

/* "good", "unsigned", "unknown-signer", ...: stable, for JSON */
const char *verify_state_name(enum verify_state state);

/* The certificates that are trusted. */
struct keyring {
	struct cert **certs; /* owned */
	size_t n, cap;
};

/* Becomes the owner of c, also on failure. */
int keyring_take(struct keyring *ring, struct cert *c);
/* Every certificate of a file. As cert_load_each(). */
int keyring_add_file(struct keyring *ring, const struct root *root, const char *path, struct diag *diag);
/*
 * Every certificate file (.der .pem .crt .cer .x509) of a directory, by name. Unusable ones are reported and left
 * out.
 */
int keyring_add_directory(struct keyring *ring, const struct root *root, const char *path, struct diag *diag);
/* Keeps with each certificate what the kernel makes of it (cert_kernel.h): what verify_bytes() then goes by. */
void keyring_judge(struct keyring *ring, const struct kernel_target *kernel);
void keyring_done(struct keyring *ring);

#define _cleanup_keyring_ _cleanup_(keyring_done)

struct verify_result {
	enum verify_state state;
	/*
	 * What the kernel's check returns: 0; "soft" errors that only matter under enforcement or lockdown (-ENODATA:
	 * unsigned, -ENOPKG, -ENOKEY); with all others the module is always refused.
	 */
	int error;
	const struct cert *cert; /* the one that vouches or is claimed; borrowed from the keyring; NULL: none */
	const char *hash;        /* of the deciding signer; NULL: unknown */
	size_t extra;            /* octets behind the message inside the trailer: ignored, but unusual */
	bool stacked;            /* below this signature there is another one */
	char cause[384];         /* one line for people */
};

/*
 * file: unpacked module. kernel: 100 * major + minor of the kernel whose parser decides. ring may be empty.
 * 0 or -ENOMEM; what is wrong with the file is a result.
 */
int verify_bytes(struct span file, const struct keyring *ring, unsigned kernel, struct verify_result *ret);

/*
 * What finit_module(2) then returns: 0 or the errno, positive. With 0 and an error the module loads and taints the
 * kernel.
 */
int verify_load_errno(int error, bool sig_enforce, bool lockdown);
