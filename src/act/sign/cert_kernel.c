// SPDX-License-Identifier: MIT
#include "act/sign/cert_kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include "act/sign/cert.h"
#include "act/sign/cert_form.h"
#include "base/errname.h"
#include "read/image/sigalg.h"

/* Why a certificate is not usable, and whether the kernel's own "taken" says more than that. */
struct objection {
	bool to_form; /* what the parser checks, and therefore add_key(2) as well */
	char *reason;
	size_t n;
};

_printf_(3, 4) static bool object(struct objection *o, bool to_form, const char *fmt, ...)
{
	va_list ap;

	o->to_form = to_form;
	va_start(ap, fmt);
	vsnprintf(o->reason, o->n, fmt, ap);
	va_end(ap);
	return true;
}

/* ---- the key ---- */

/* The kernel's RSA accepts no other lengths, counted in whole octets. */
bool cert_is_kernel_rsa(const EVP_PKEY *key)
{
	static const int sizes[] = { 512, 1024, 1536, 2048, 3072, 4096 };
	int bits = (EVP_PKEY_get_bits(key) + 7) / 8 * 8;

	for (size_t i = 0; i < ELEMENTSOF(sizes); i++)
		if (bits == sizes[i])
			return true;
	return false;
}

static bool is_ec(const struct cert *c)
{
	ASN1_OBJECT *algorithm = NULL;

	X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, X509_get_X509_PUBKEY(cert_x509(c)));
	return algorithm && OBJ_obj2nid(algorithm) == NID_X9_62_id_ecPublicKey;
}

/* The curve by its name, as it is written in the certificate; NID_undef: by parameters, or not at all. */
static int named_curve(const struct cert *c)
{
	X509_ALGOR *algorithm = NULL;
	const void *value = NULL;
	int type = V_ASN1_UNDEF;

	X509_PUBKEY_get0_param(NULL, NULL, NULL, &algorithm, X509_get_X509_PUBKEY(cert_x509(c)));
	if (algorithm)
		X509_ALGOR_get0(NULL, &type, &value, algorithm);
	return type == V_ASN1_OBJECT ? OBJ_obj2nid(value) : NID_undef;
}

static unsigned curve_since(int nid)
{
	const ASN1_OBJECT *curve = OBJ_nid2obj(nid);

	return cert_form_curve_since(span_of(OBJ_get0_data(curve), OBJ_length(curve)));
}

/* A curve that is not named is an objection of its own. */
static unsigned ec_since(const struct cert *c)
{
	int curve = named_curve(c);

	return curve == NID_undef ? 514 : curve_since(curve);
}

/* The first octet of a point says how it is written: 4 for both coordinates. */
static bool is_point_whole(const struct cert *c)
{
	const unsigned char *point = NULL;
	int n = 0;

	X509_PUBKEY_get0_param(NULL, &point, &n, NULL, X509_get_X509_PUBKEY(cert_x509(c)));
	return n > 0 && point[0] == 4;
}

static bool object_to_curve(const struct cert *c, struct objection *o)
{
	if (named_curve(c) == NID_undef)
		return object(o, true, "the curve of its key is given by parameters, not by its name");
	return !is_point_whole(c) && object(o, true, "its key is not written in the uncompressed form of EC points");
}

static bool object_to_key(const struct cert *c, unsigned version, struct objection *o)
{
	const EVP_PKEY *key = cert_public_key(c);
	bool ec = is_ec(c);
	unsigned since = cert_mldsa_name(c)                                          ? 700 :
			 ec                                                          ? ec_since(c) :
			 key && EVP_PKEY_is_a(key, "RSA") && cert_is_kernel_rsa(key) ? 307 :
										       0;
	char algorithm[48];

	cert_describe(c, algorithm, sizeof(algorithm));
	if (since == 0)
		return object(o, false, "no kernel checks module signatures of %s keys", algorithm);
	if (since > version)
		return object(o, false, "only Linux %u.%u and newer check module signatures of %s keys", since / 100,
			      since % 100, algorithm);
	if (ec && object_to_curve(c, o))
		return true;
	return since < 700 && !key && object(o, false, "its key is damaged");
}

/* ---- the signature on the certificate ---- */

/* Whoever signed, the kernel's parser must know how. */
static bool knows_signature(const struct cert *c, unsigned version, const char **ret_hash)
{
	return sigalg_knows_certificate(cert_scheme(c), version, ret_hash);
}

static bool object_to_signature(const struct cert *c, unsigned version, struct objection *o)
{
	struct cert_facts facts;
	const char *hash;

	if (knows_signature(c, version, &hash))
		return false;
	cert_facts(c, 0, &facts);
	return object(o, true, SIGALG_UNKNOWN_TO_CERTIFICATES, facts.signed_with, version / 100, version % 100);
}

/* ---- names ---- */

static bool object_to_names(const struct cert *c, struct objection *o)
{
	if (cert_subject(c).n == 0)
		return object(o, true, "its subject is empty");
	return cert_issuer(c).n == 0 && object(o, true, "its issuer is empty");
}

/* ---- configuration ---- */

static bool object_to_missing(const struct kconfig *config, enum kconfig_crypto option, struct objection *o)
{
	o->to_form = config->crypto[option] == KCONFIG_NOT_BUILT;
	return kconfig_crypto_lacks(config, option, o->reason, o->n);
}

static bool object_to_config(const struct cert *c, const struct kconfig *config, struct objection *o)
{
	enum kconfig_crypto option;
	const char *hash;

	if (is_ec(c) && object_to_missing(config, KCONFIG_ECDSA, o))
		return true;
	if (cert_mldsa_name(c) && object_to_missing(config, KCONFIG_MLDSA, o))
		return true;
	knows_signature(c, 0, &hash);
	return hash && kconfig_hash_option(hash, &option) && object_to_missing(config, option, o);
}

/* It is on a ring, and yet no module is checked by it. */
static bool object_to_use(const struct cert *c, const struct kconfig *config, struct objection *o)
{
	struct cert_facts facts;

	cert_facts(c, 0, &facts);
	return !facts.code_signing && kconfig_wants_code_signing(config, o->reason, o->n);
}

unsigned cert_problems_here(const struct cert_facts *facts, const struct kernel_target *kernel)
{
	bool is_known = kernel->config.crypto[KCONFIG_CHECK_CODESIGN_EKU] != KCONFIG_BUILT_UNKNOWN;

	return cert_problems(facts) & ~(is_known ? (unsigned)CERT_NO_CODE_SIGNING : 0u);
}

/* ---- together ---- */

static bool object_by_rules(const struct cert *c, unsigned version, struct objection *o)
{
	return object_to_key(c, version, o) || object_to_names(c, o) || object_to_signature(c, version, o);
}

/* Errors of the kernel's parser; all others say that it was not asked: no permission, no memory, no such call. */
static bool is_refusal(int error)
{
	return error == -ENOPKG || error == -EBADMSG || error == -EINVAL || error == -ENOENT || error == -EKEYREJECTED;
}

static void ask(const struct cert *c, const struct keyring_access *k, bool objected, bool to_form,
		struct cert_standing *s)
{
	int r = k->calls->takes(k->data, cert_der(c));

	if (r == 0) {
		s->asked = CERT_TAKEN;
		if (to_form)
			*s = (struct cert_standing){ .usable = true, .on_ring = true, .asked = CERT_TAKEN };
	} else if (is_refusal(r)) {
		s->asked = CERT_REFUSED;
		s->usable = s->on_ring = false;
		if (!objected)
			snprintf(s->reason, sizeof(s->reason), "the running kernel refuses it: %s (%s)", errname(-r),
				 strerror(-r));
	}
}

void cert_judged(const struct cert *c, unsigned version, struct cert_standing *ret)
{
	struct objection o = { .reason = ret->reason, .n = sizeof(ret->reason) };

	if (cert_standing(c)) {
		*ret = *cert_standing(c);
		return;
	}
	*ret = (struct cert_standing){ 0 };
	ret->usable = ret->on_ring = !object_by_rules(c, version, &o);
}

void cert_judge(const struct cert *c, const struct kernel_target *kernel, struct cert_standing *ret)
{
	struct objection o = { .reason = ret->reason, .n = sizeof(ret->reason) };
	bool objected;

	*ret = (struct cert_standing){ 0 };
	objected = object_by_rules(c, kernel->version, &o) || object_to_config(c, &kernel->config, &o);
	ret->on_ring = !objected;
	ret->usable = !objected && !object_to_use(c, &kernel->config, &o);
	if (kernel->keyring && kernel->keyring->calls->takes)
		ask(c, kernel->keyring, objected, objected && o.to_form, ret);
}
