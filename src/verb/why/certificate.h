/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The certificate of a signer as shim's lists and the kernel's image have it, read without a crypto library: only as
 * far as it tells keys apart, and what a kernel makes of it.
 */

#include "read/image/der.h"
#include "read/image/siginfo.h"
#include "read/kernel/kconfig.h"

/* RFC 5280, 4.1. Borrowed from the bytes that it was found in. */
struct certificate {
	struct der_item issuer, subject;
	struct span number; /* contents of the serial number */
	struct span scheme; /* object identifiers: what it is signed with, the kind of its key */
	struct span key;
	struct span extensions;
};

/* What a list has of the signer's issuer: the certificate itself, or another one of that name. */
enum likeness { FOREIGN, OTHER_KEY, SAME_KEY };
/* ret is written for the last two. */
enum likeness certificate_find(struct span lists, const struct siginfo *info, struct certificate *ret);

/* As OpenSSL has it: without a leading zero octet. */
struct span certificate_serial(const struct certificate *c);
/* The subject key identifier; n 0: none. */
struct span certificate_skid(const struct certificate *c);
/* Does its extended key usage name codeSigning? */
bool certificate_signs_code(const struct certificate *c);
/* A set of enum trust_use (decide/verdict/machine.h). */
unsigned certificate_use(const struct certificate *c);
/*
 * Does a kernel of that version and configuration put it on no ring, for what its algorithms are? Then why. The length
 * of the key and its curve are not looked at: act/sign/cert_kernel does.
 */
bool certificate_is_unfit(const struct certificate *c, unsigned kernel, const struct kconfig *config, char *ret,
			  size_t n);
