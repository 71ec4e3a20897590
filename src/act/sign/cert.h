/* SPDX-License-Identifier: MIT */
#pragma once

/* One X.509 certificate: what identifies it to the kernel, and what it says about itself. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/root.h"
#include "base/span.h"

#define CERT_FILE_MAX (1u << 20)

struct x509_st;
struct evp_pkey_st;
struct cert;

/*
 * Hands every certificate of a file to take(), which becomes its owner, until that fails: PEM blocks, and DER one
 * behind the other. Whatever else is in the file is ignored. Reported: unreadable (-errno), contains no certificate, or
 * a damaged one (-EBADMSG).
 */
int cert_load_each(const struct root *root, const char *path, struct diag *diag,
		   int (*take)(void *data, struct cert *c), void *data);
/* For those that want one: the first. Further ones are reported. */
int cert_load(const struct root *root, const char *path, struct diag *diag, struct cert **ret);
/*
 * The next certificate, which rest moves on behind. Nothing is reported. 1; 0: there is none; -EBADMSG: it is damaged.
 * Copies what it needs. label is used in messages.
 */
int cert_next(struct span *rest, const char *label, struct cert **ret);
/* The first certificate, or what is wrong with it. */
int cert_parse(struct span bytes, const char *label, struct diag *diag, struct cert **ret);
void cert_free(struct cert *c);

/* All borrowed. */
const char *cert_label(const struct cert *c);
struct span cert_der(const struct cert *c);
struct span cert_issuer(const struct cert *c);    /* contents of the Name */
struct span cert_subject(const struct cert *c);   /* the same */
struct span cert_serial(const struct cert *c);    /* contents of the INTEGER */
struct span cert_serial_id(const struct cert *c); /* the same without a leading zero octet: sig_key of modinfo */
struct span cert_skid(const struct cert *c);      /* n == 0: none */
struct span cert_tbs(const struct cert *c);       /* the part that is signed, encoded */
const struct x509_st *cert_x509(const struct cert *c);
struct span cert_scheme(const struct cert *c); /* OID of what it is signed with */
struct evp_pkey_st *cert_public_key(const struct cert *c);

/* The name that the kernel gives to the key: CN, or "O: CN", or O, or e-mail. Into *ret. */
int cert_name(const struct cert *c, struct buf *ret);

/* "O = Org, CN = Name", UTF-8, the way OpenSSL prints names on one line. */
int cert_subject_text(const struct cert *c, struct buf *ret);
int cert_issuer_text(const struct cert *c, struct buf *ret);
/* The first CN, or the subject where there is none; "," and the like have a "\" before them. */
int cert_brief_name(const struct cert *c, struct buf *ret);
/* Everything, as `openssl x509 -text` shows it. */
int cert_print(const struct cert *c, FILE *out);

int cert_write_pem(const struct cert *c, struct buf *ret);

/* "RSA 4096", "ECDSA P-384", "ML-DSA-65", ... of a public or private key. */
void cert_describe_key(const struct evp_pkey_st *key, char *ret, size_t n);

/* The same of the certificate's key, also when libcrypto here cannot handle it. */
void cert_describe(const struct cert *c, char *ret, size_t n);
/*
 * By the object identifier of the key, which names even a key that this libcrypto cannot handle. NULL: not
 * ML-DSA.
 */
const char *cert_mldsa_name(const struct cert *c);

struct cert_facts {
	char algorithm[48];            /* "RSA 4096", "ECDSA P-384", "ML-DSA-65" */
	char signed_with[48];          /* "sha256WithRSAEncryption" */
	uint8_t sha1[20], sha256[32];  /* fingerprints of the DER */
	uint8_t tbs_sha256[32];        /* of the part that is signed: how dbx names certificates */
	int64_t not_before, not_after; /* seconds since 1970 */
	bool not_yet_valid, expired;   /* now */
	bool self_signed;              /* issuer is the subject */
	bool is_ca;
	bool has_key_usage, digital_signature, cert_sign;
	bool has_extended_usage, code_signing, module_signing; /* module_signing: 1.3.6.1.4.1.2312.16.1.2 */
};
void cert_facts(const struct cert *c, time_t now, struct cert_facts *ret);

/* What a reader should know before using the certificate for modules, beside what cert_judge() finds. */
enum cert_problem {
	CERT_IS_CA = 1, /* whoever it certified may sign modules, too */
	CERT_NO_DIGITAL_SIGNATURE = 2,
	CERT_NO_CODE_SIGNING = 4, /* kernels of SUSE require it: cert_problems_here() knows of this one */
	CERT_EXPIRED = 8,
	CERT_NOT_YET_VALID = 16,
	CERT_MODULE_ONLY = 32, /* shim will not accept boot files signed by it: intended */
};
/* A set of the above. */
unsigned cert_problems(const struct cert_facts *facts);
/* The text of one problem. */
const char *cert_problem_text(enum cert_problem problem);

/* The answer of the running kernel's own parser. */
enum cert_asked { CERT_NOT_ASKED, CERT_TAKEN, CERT_REFUSED };

struct cert_standing {
	bool usable;           /* for modules */
	bool on_ring;          /* a ring takes it; without usable, no module is checked by it all the same */
	enum cert_asked asked; /* not asked: another kernel, or it may not be asked */
	char reason[224];      /* why it is not usable; "" */
};

/* Keeps what cert_judge() found for those that meet the certificate later. NULL: nothing is kept. */
void cert_keep_standing(struct cert *c, const struct cert_standing *standing);
const struct cert_standing *cert_standing(const struct cert *c);

DEFINE_CLEANUP(struct cert *, cert_free)
