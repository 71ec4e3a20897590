/* SPDX-License-Identifier: MIT */
#pragma once

/* Who signed: read from the trailer by walking the DER of the PKCS#7, without a crypto library. */

#include "base/buf.h"
#include "read/image/trailer.h"

#define SIGINFO_SIGNER_MAX 512

struct siginfo {
	const char *id_type;             /* "PKCS#7", "X509", "PGP" */
	char signer[SIGINFO_SIGNER_MAX]; /* common name of the issuer as UTF-8, or its last name entry; "" */
	const char *hash;                /* OpenSSL's name, "sha256"; "unknown" */
	/* The serial number's bytes without a leading zero byte, as OpenSSL has it; in SKID form the key identifier. */
	struct span key_id;
	struct span signature; /* encrypted digest */
	bool by_skid;          /* signer is named by subject key identifier */
	bool parsed;           /* false: the DER could not be read; the fields above are empty */
	bool has_signed_attributes, has_content, has_certificates;
	unsigned n_signers;
	const char *signature_algorithm;     /* "rsaEncryption", "ecdsa-with-SHA384", ... or NULL: unknown OID */
	struct span hash_oid, signature_oid; /* raw OID contents */
	struct span issuer;                  /* DER of the issuer name */
	struct span issuer_entries;          /* its contents */
};

/* Fills *ret for any trailer with TRAILER_OK; never fails, see .parsed. Borrowed from the file's bytes. */
void siginfo_read(const struct trailer *t, struct siginfo *ret);
/* The same for another signer than the first, numbered from 0; not parsed, if there are not so many. */
void siginfo_read_signer(const struct trailer *t, unsigned which, struct siginfo *ret);
/* Below this signature there is another one, which to kernels is a part of the content. */
bool siginfo_is_stacked(const struct trailer *t);
/*
 * The name that the kernel gives to a key of that subject on its rings: CN, or "O: CN" unless they begin alike, or O,
 * or the e-mail address. name: the contents of the Name. 0 or -ENOMEM.
 */
int siginfo_ring_name(struct span name, struct buf *into);
