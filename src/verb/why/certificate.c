// SPDX-License-Identifier: MIT
#ifndef KMODCTL_SMALL
#include "verb/why/certificate.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/verdict/machine.h"
#include "read/image/sigalg.h"

/* ---- its parts ---- */

static bool read_certificate(struct span in, struct certificate *ret)
{
	struct der_item outer, tbs, item, number, key;

	if (der_expect(&in, DER_SEQUENCE, &outer) < 0 || der_expect(&outer.body, DER_SEQUENCE, &tbs) < 0 ||
	    der_optional(&tbs.body, DER_CONTEXT_0, &item) < 0 || der_expect(&tbs.body, DER_INTEGER, &number) < 0 ||
	    der_algorithm(&tbs.body, &ret->scheme) < 0 || der_expect(&tbs.body, DER_SEQUENCE, &ret->issuer) < 0 ||
	    der_expect(&tbs.body, DER_SEQUENCE, &item) < 0 || der_expect(&tbs.body, DER_SEQUENCE, &ret->subject) < 0 ||
	    der_expect(&tbs.body, DER_SEQUENCE, &key) < 0 || der_algorithm(&key.body, &ret->key) < 0)
		return false;
	ret->number = number.body;
	ret->extensions = tbs.body;
	return true;
}

struct span certificate_serial(const struct certificate *c)
{
	return der_unsigned(c->number);
}

/* The value of the extension 2.5.29.`which` (RFC 5280, 4.2.1): behind its identifier, and whether it is critical. */
static bool find_extension(const struct certificate *c, uint8_t which, struct span *ret)
{
	const uint8_t id[] = { DER_OID, 3, 0x55, 0x1d, which };
	const uint8_t *p = memmem(c->extensions.p, c->extensions.n, id, sizeof(id));
	struct der_item item, octets;
	struct span in;

	if (!p)
		return false;
	in = span_of(p + sizeof(id), c->extensions.n - (size_t)(p + sizeof(id) - c->extensions.p));
	if (der_optional(&in, DER_BOOLEAN, &item) < 0 || der_expect(&in, DER_OCTET_STRING, &octets) < 0)
		return false;
	*ret = octets.body;
	return true;
}

enum { KEY_IDENTIFIER = 0x0e, KEY_USAGE = 0x0f, BASIC_CONSTRAINTS = 0x13, EXTENDED_KEY_USAGE = 0x25 };

struct span certificate_skid(const struct certificate *c)
{
	struct der_item id;
	struct span value;

	return find_extension(c, KEY_IDENTIFIER, &value) && der_expect(&value, DER_OCTET_STRING, &id) == 0 ?
		       id.body :
		       span_of(NULL, 0);
}

static bool is_ca(const struct certificate *c)
{
	struct der_item constraints, ca;
	struct span value;

	return find_extension(c, BASIC_CONSTRAINTS, &value) && der_expect(&value, DER_SEQUENCE, &constraints) == 0 &&
	       der_expect(&constraints.body, DER_BOOLEAN, &ca) == 0 && ca.body.n == 1 && ca.body.p[0];
}

/* The first octet of the bits, behind the number of those that are not used. */
static unsigned key_usage(const struct certificate *c)
{
	struct der_item bits;
	struct span value;

	return find_extension(c, KEY_USAGE, &value) && der_expect(&value, DER_BIT_STRING, &bits) == 0 &&
			       bits.body.n > 1 ?
		       bits.body.p[1] :
		       0;
}

unsigned certificate_use(const struct certificate *c)
{
	unsigned usage = key_usage(c);

	return (is_ca(c) ? TRUST_USE_CA : 0u) | (usage & 0x04 ? TRUST_USE_CERT_SIGN : 0u) |
	       (usage & 0x80 ? TRUST_USE_SIGNATURE : 0u);
}

bool certificate_signs_code(const struct certificate *c)
{
	static const uint8_t code_signing[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03 };
	struct der_item purposes, purpose;
	struct span value;

	if (!find_extension(c, EXTENDED_KEY_USAGE, &value) || der_expect(&value, DER_SEQUENCE, &purposes) < 0)
		return false;
	while (der_expect(&purposes.body, DER_OID, &purpose) == 0)
		if (span_eq(purpose.body, span_of(code_signing, sizeof(code_signing))))
			return true;
	return false;
}

/* ---- whose it is ---- */

static enum likeness compare(const struct certificate *c, const struct siginfo *info)
{
	if (info->by_skid)
		return info->key_id.n > 0 && span_eq(certificate_skid(c), info->key_id) ? SAME_KEY : FOREIGN;
	if (info->issuer.n == 0)
		return FOREIGN;
	if (span_eq(c->issuer.whole, info->issuer) && span_eq(certificate_serial(c), info->key_id))
		return SAME_KEY;
	return span_eq(c->subject.whole, info->issuer) ? OTHER_KEY : FOREIGN;
}

enum likeness certificate_find(struct span lists, const struct siginfo *info, struct certificate *ret)
{
	enum likeness best = FOREIGN;
	const uint8_t *p;

	while (best != SAME_KEY && lists.n > 0 && (p = memchr(lists.p, DER_SEQUENCE, lists.n))) {
		struct certificate c;
		enum likeness found;

		lists = span_of(p, lists.n - (size_t)(p - lists.p));
		found = read_certificate(lists, &c) ? compare(&c, info) : FOREIGN;
		if (found != FOREIGN) {
			best = found;
			*ret = c;
		}
		lists = span_of(lists.p + 1, lists.n - 1);
	}
	return best;
}

/* ---- what a kernel makes of it ---- */

bool certificate_is_unfit(const struct certificate *c, unsigned kernel, const struct kconfig *config, char *ret,
			  size_t n)
{
	static const uint8_t ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
	const char *name = sigalg_scheme_name(c->scheme), *hash;
	enum kconfig_crypto option;

	if (!sigalg_knows_certificate(c->scheme, kernel, &hash)) {
		snprintf(ret, n, SIGALG_UNKNOWN_TO_CERTIFICATES, name ? name : "an algorithm without a name",
			 kernel / 100, kernel % 100);
		return true;
	}
	if (span_eq(c->key, span_of(ec, sizeof(ec))) && kconfig_crypto_lacks(config, KCONFIG_ECDSA, ret, n))
		return true;
	if (sigalg_is_mldsa(c->key) && kconfig_crypto_lacks(config, KCONFIG_MLDSA, ret, n))
		return true;
	return hash && kconfig_hash_option(hash, &option) && kconfig_crypto_lacks(config, option, ret, n);
}
#endif
