// SPDX-License-Identifier: MIT
#include "act/sign/cert_form.h"

#include <errno.h>

#include <openssl/x509.h>

#include "base/cleanup.h"
#include "act/sign/cms.h"
#include "read/image/oid.h"
#include "read/image/sigalg.h"

static const struct {
	struct span oid;
	unsigned since; /* 100 * major + minor */
} curves[] = {
	{ OID_INITIALIZER(P192), 514 },
	{ OID_INITIALIZER(P256), 514 },
	{ OID_INITIALIZER(P384), 514 },
	{ OID_INITIALIZER(P521), 610 },
};

enum { UTC_TIME = 0x17, GENERALIZED_TIME = 0x18, CONTEXT_1_PRIMITIVE = 0x81, CONTEXT_2_PRIMITIVE = 0x82, BOOLEAN = 1 };

/* What is judged further. */
struct parts {
	struct span scheme, inner_scheme, key, key_parameter;
};

static int take_time(struct span *in)
{
	struct der_item item;
	ASN1_TIME *t;
	int ok;

	if (form_next(in, &item) != 1 || (item.tag != UTC_TIME && item.tag != GENERALIZED_TIME))
		return -EBADMSG;
	t = ASN1_STRING_type_new(item.tag);
	ok = t && ASN1_STRING_set(t, item.body.p, (int)item.body.n) == 1 && ASN1_TIME_check(t) == 1;
	ASN1_STRING_free(t);
	return ok ? 0 : -EBADMSG;
}

static int take_validity(struct span *in)
{
	struct der_item item;

	if (form_expect(in, DER_SEQUENCE, &item) < 0 || take_time(&item.body) < 0 || take_time(&item.body) < 0)
		return -EBADMSG;
	return item.body.n > 0 ? -EBADMSG : 0;
}

static int take_key(struct span *in, struct parts *p)
{
	struct der_item item, bits;

	if (form_expect(in, DER_SEQUENCE, &item) < 0 || form_algorithm(&item.body, &p->key, &p->key_parameter) < 0 ||
	    form_expect(&item.body, DER_BIT_STRING, &bits) < 0)
		return -EBADMSG;
	return item.body.n > 0 ? -EBADMSG : 0;
}

static int take_extension(struct span *in)
{
	struct der_item item, part;

	if (form_expect(in, DER_SEQUENCE, &item) < 0 || form_expect(&item.body, DER_OID, &part) < 0 ||
	    form_optional(&item.body, BOOLEAN, &part) < 0 || form_expect(&item.body, DER_OCTET_STRING, &part) < 0)
		return -EBADMSG;
	return item.body.n > 0 ? -EBADMSG : 0;
}

static int take_extensions(struct span *in)
{
	struct der_item item, list;
	int r = form_optional(in, DER_CONTEXT_3, &item);

	if (r <= 0)
		return r;
	if (form_expect(&item.body, DER_SEQUENCE, &list) < 0 || item.body.n > 0)
		return -EBADMSG;
	while (list.body.n > 0)
		if (take_extension(&list.body) < 0)
			return -EBADMSG;
	return 0;
}

/* TBSCertificate, RFC 5280 4.1. */
static int take_signed_part(struct span *in, struct parts *p)
{
	struct der_item tbs, item;
	struct span parameter, name;

	if (form_expect(in, DER_SEQUENCE, &tbs) < 0 || form_optional(&tbs.body, DER_CONTEXT_0, &item) < 0 ||
	    form_expect(&tbs.body, DER_INTEGER, &item) < 0 ||
	    form_algorithm(&tbs.body, &p->inner_scheme, &parameter) < 0 || form_name(&tbs.body, &name) < 0 ||
	    take_validity(&tbs.body) < 0 || form_name(&tbs.body, &name) < 0 || take_key(&tbs.body, p) < 0 ||
	    form_optional(&tbs.body, CONTEXT_1_PRIMITIVE, &item) < 0 ||
	    form_optional(&tbs.body, CONTEXT_2_PRIMITIVE, &item) < 0 || take_extensions(&tbs.body) < 0)
		return -EBADMSG;
	return tbs.body.n > 0 ? -EBADMSG : 0;
}

static int take_parts(struct span der, struct parts *p)
{
	struct der_item outer, signature;
	struct span parameter;

	if (form_expect(&der, DER_SEQUENCE, &outer) < 0 || take_signed_part(&outer.body, p) < 0 ||
	    form_algorithm(&outer.body, &p->scheme, &parameter) < 0 ||
	    form_expect(&outer.body, DER_BIT_STRING, &signature) < 0)
		return -EBADMSG;
	return outer.body.n > 0 ? -EBADMSG : 0;
}

unsigned cert_form_curve_since(struct span oid)
{
	for (size_t i = 0; i < ELEMENTSOF(curves); i++)
		if (span_eq(oid, curves[i].oid))
			return curves[i].since;
	return 0;
}

static int check_key(const struct parts *p, unsigned kernel)
{
	struct span in = p->key_parameter;
	struct der_item curve;
	unsigned since;

	if (span_eq(p->key, OID(RSA)))
		return 0;
	if (cms_scheme_by_oid(p->key) == CMS_MLDSA)
		return kernel >= 700 ? 0 : -ENOPKG;
	if (!span_eq(p->key, OID(EC)))
		return -ENOPKG;
	if (der_expect(&in, DER_OID, &curve) < 0)
		return -EBADMSG;
	since = cert_form_curve_since(curve.body);
	return since > 0 && since <= kernel ? 0 : -ENOPKG;
}

int cert_form_check(struct span der, unsigned kernel)
{
	struct parts p = { 0 };
	const char *hash;

	if (take_parts(der, &p) < 0)
		return -EBADMSG;
	if (!sigalg_knows_certificate(p.inner_scheme, kernel, &hash))
		return -ENOPKG;
	if (!span_eq(p.scheme, p.inner_scheme))
		return -EINVAL;
	return check_key(&p, kernel);
}
