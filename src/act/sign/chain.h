/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The certificates that a message brings along, and the walk along their issuers to a key that is trusted: as kernels
 * do it (docs/formats/signature.md). Dates, uses and whether an issuer is a CA are not looked at.
 */

#include "act/sign/cms.h"
#include "act/sign/keyring.h"
#include "read/kernel/kconfig.h"
#include "read/kernel/rings.h"

struct kernel_target;

/* Of the kernel that decides. */
struct chain_kernel {
	unsigned version;              /* 100 * major + minor */
	bool without_ecdsa;            /* built without CONFIG_CRYPTO_ECDSA */
	bool without_mldsa;            /* built without CONFIG_CRYPTO_MLDSA */
	enum kconfig_built attributes; /* KCONFIG_MLDSA_ATTRIBUTES */
	const struct ring *blacklist;  /* whose "tbs:" entries count against embedded certificates; NULL: not read */
	const struct kernel_target *target; /* certificates on the ring are judged by; NULL: as cert_judged() says */
};

/* With what its configuration says, if that is at hand, and without a blacklist. */
struct chain_kernel chain_kernel_of(unsigned version, const struct kconfig *config);

/* The kernel's key ids: serial number and issuer, or subject key identifier. */
bool chain_is_signer(const struct cert *c, const struct cms_signer *s);

/* The signer's own certificate in the message. Kernels look for none if it is named by key identifier. NULL: none */
const struct cert *chain_leaf(const struct keyring *embedded, const struct cms_signer *s);

/*
 * Every certificate of the message, each refused for what the kernel's parser refuses it for: -EBADMSG, -EINVAL,
 * -EKEYREJECTED, -ENOPKG for an algorithm that Linux of that version does not know, or -ENOENT for one that it was
 * built without. -ENOMEM. *ret_unchecked: libcrypto here cannot check all that have signed themselves.
 */
int chain_read(const struct cms *message, struct chain_kernel kernel, struct keyring *ret, bool *ret_unchecked);

/* From the signer's own certificate to its issuers, as far as they are in the message. */
struct chain {
	const struct cert **links; /* borrowed from what chain_read() returned */
	size_t n;                  /* 0: the message does not have the signer's certificate */
	bool ends;                 /* in a certificate that signed itself, or in a circle: nobody else is asked */
	const struct cert
		*forbidden; /* the last link: its digest is on .blacklist, and nobody else is asked; or NULL */
};

/*
 * Every signature inside is checked, the signer's first: -EKEYREJECTED, -EBADMSG, -EINVAL, -ENOENT or -ENOPKG where
 * the kernel says so, -EOPNOTSUPP where libcrypto here cannot check one. covered: what the signer signed. -ENOMEM
 */
int chain_build(const struct keyring *embedded, const struct cms_signer *s, struct span covered,
		struct chain_kernel kernel, struct chain *ret);
void chain_done(struct chain *c);

/*
 * Looks for the chain's certificates on the ring, and if it has none, for the issuer of the last one. What is found
 * must have made the signature below it. 0: *ret vouches; -ENOKEY: not found; -EKEYREJECTED: found, and it does not fit
 * (*ret is that certificate, or NULL).
 */
int chain_trust(const struct chain *c, const struct keyring *ring, const struct cms_signer *s, struct span covered,
		const struct cert **ret);

/*
 * Who issued a certificate, as kernels find it in one that a message brings along: by its authority key identifier.
 * Does it name anybody but itself; and is this one the issuer that it names, who has signed it?
 */
bool chain_names_issuer(const struct cert *c);
bool chain_is_issued_by(const struct cert *c, const struct cert *issuer);

/* The key identifier of the issuer that the last link names and the message has not. Its length; 0: none. */
size_t chain_issuer_id(const struct chain *c, uint8_t *ret, size_t cap);

#define _cleanup_chain_ _cleanup_(chain_done)
