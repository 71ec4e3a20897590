/* SPDX-License-Identifier: MIT */
#pragma once

/* What is read from a module and compared with the machine: shared by the files of this room. */

#include "act/sign/cert.h"
#include "read/image/siginfo.h"
#include "read/image/source.h"
#include "verb/trust/keystore.h"
#include "decide/verdict/verdict.h"
#include "system/machine.h"

/* How it is known that the kernel trusts the signer's key. */
enum trust_evidence {
	TRUST_PREDICTED, /* by the rules alone: another state was assumed, or the rings could not be read */
	TRUST_RING_READ, /* the ring was read and holds the key's id */
	TRUST_ASKED,     /* a ring restricted to the kernel's own took the certificate */
};

struct module_signer {
	char *name;   /* common name of its certificate in the signature, or of the issuer that this names; "": none */
	char *key_id; /* in hex */
};

struct module_reading {
	char *path;
	struct source *source;
	struct siginfo siginfo;        /* of the signer that decides; of several of which none does, the first */
	struct module_signer *signers; /* all; n_signers 0: the signature could not be parsed */
	size_t n_signers;
	size_t signer; /* the number of the one that decides */
	size_t links;  /* certificates in the signature between its key and that of the ring */
	bool is_signed;
	bool is_stacked; /* the kernel reads the last of several signatures */
	bool is_compressed;
	struct trust_module module; /* its strings are in names, root, own_key, other_key */
	char *names;                /* of the signer, or of all */
	char *root;                 /* of the key that vouches by way of links */
	char *own_key, *other_key;  /* key ids in hex */
	struct trust_verdict verdict;
	enum trust_evidence evidence;
	enum trust_answer kernel_verified; /* the kernel's own crypto on content and signature; unknown: not asked */
	const struct key_entry *key; /* whose certificate made the signature; borrowed from the stores; NULL: unknown */
	const char *store;           /* the list it is in */
	const struct key_entry *issuer; /* of TRUST_OTHER_ISSUED, borrowed as well */
	struct cert_standing standing;  /* what this kernel makes of its certificate, with a key only */
	unsigned rings;                 /* that its key may be in, a set of 1 << enum trust_ring */
	char detail[384];               /* what the check of the signature reported */
};

struct trust_context {
	struct sys *sys;
	const struct machine_reading *reading;
	struct trust_machine machine; /* as read, or as assumed */
	bool assumed;
	struct key_stores *stores;
	bool forced; /* as with modprobe --force */
};
