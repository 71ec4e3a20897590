/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Would a kernel that trusts these certificates accept this signature? Decided offline, over bytes, in the order in
 * which the kernel decides (kernel/module/signing.c as documented and as measured: tests/vm/sign).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "act/sign/chain.h"
#include "act/sign/keyring.h"

struct cert;

enum verify_state {
	VERIFY_GOOD,
	VERIFY_UNSIGNED,
	VERIFY_UNKNOWN_SIGNER, /* by a key whose certificate was not given */
	VERIFY_UNDECIDED,      /* it cannot be told: doubt says why. Also the caller's, for one that is waived */
	VERIFY_UNSUPPORTED,    /* a scheme, hash or kind of key that the kernel does not know */
	VERIFY_CHANGED,        /* signed by a known key, and changed afterwards */
	VERIFY_BAD_SIGNATURE,  /* claims a known key, but is not a signature by it */
	VERIFY_REFUSED,        /* well-formed, but never accepted by the kernel: signed attributes, foreign content */
	VERIFY_DAMAGED,        /* the trailer or the message in it is broken */
	VERIFY_STATES,
};

/* "good", "unsigned", "unknown-signer", ...: stable, for JSON */
const char *verify_state_name(enum verify_state state);

struct verify_result {
	enum verify_state state;
	/*
	 * What the kernel's check returns: 0; "soft" errors that only matter under enforcement or lockdown (-ENODATA:
	 * unsigned, -ENOPKG, -ENOKEY); with all others the module is always refused.
	 */
	int error;
	const struct cert *cert; /* the one that vouches or is claimed; borrowed from the keyring; NULL: none */
	size_t signer;           /* of several signers the one that decides, from 0 */
	size_t links;            /* certificates in the message by way of which cert vouches; 0: it signed itself */
	char by[128];            /* name of the signer's own certificate in the message; "": it has none */
	/* Of an unknown signer whose certificate is in the message: the key identifier of the missing issuer. */
	uint8_t issuer_id[64];
	size_t issuer_id_n; /* 0: it has none */
	const char *hash;   /* of the deciding signer; NULL: unknown */
	size_t extra;       /* octets behind the message inside the trailer: ignored, but unusual */
	bool stacked;       /* below this signature there is another one */
	bool forbidden;     /* refused for the digest of a certificate in the message, which is on .blacklist */
	/* Of VERIFY_UNDECIDED, whose error is that of a signature that does not fit: why, and what would tell. */
	const char *doubt, *settle;
	bool waived;     /* only if the kernel takes signed attributes from keys of ML-DSA, which is not known */
	char cause[384]; /* one line for people */
};

/*
 * file: unpacked module. kernel: 100 * major + minor of the kernel whose parser decides. ring may be empty.
 * 0 or -ENOMEM; what is wrong with the file is a result.
 */
int verify_bytes(struct span file, const struct keyring *ring, unsigned kernel, struct verify_result *ret);
/* The same for a kernel of which more is known. */
int verify_for(struct span file, const struct keyring *ring, struct chain_kernel kernel, struct verify_result *ret);

/* Does an error of the kernel's check matter only under enforcement or lockdown? */
bool verify_is_soft(int error);
/*
 * What finit_module(2) then returns: 0 or the errno, positive. With 0 and an error the module loads and taints the
 * kernel.
 */
int verify_load_errno(int error, bool sig_enforce, bool lockdown);
