// SPDX-License-Identifier: MIT

/* Messages as the kernel's parser reads them. */

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"
#include "act/sign/cms.h"
#include "act/sign/form.h"
#include "read/image/oid.h"

static int bad(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EBADMSG;
}

static int unknown(const char **ret_why, const char *why)
{
	*ret_why = why;
	return -EINVAL;
}

/* The signer's name; the version says which of the two forms it must have. */
static int parse_signer_id(struct span *in, uint8_t version, struct cms_signer *s, const char **ret_why)
{
	struct der_item id, serial;
	struct span issuer;

	if (form_next(in, &id) != 1)
		return bad(ret_why, "a signer without name");
	s->by_skid = id.tag == DER_CONTEXT_0_PRIMITIVE;
	if (!s->by_skid && !form_is_tag(id.tag, DER_SEQUENCE))
		return bad(ret_why, "a signer without name");
	if (version != (s->by_skid ? 3 : 1))
		return unknown(ret_why, "the signer's version does not fit the way it is named");
	if (s->by_skid) {
		s->skid = id.body;
		return id.body.n > 0 ? 0 : unknown(ret_why, "a signer with an empty key identifier");
	}
	if (form_name(&id.body, &issuer) < 0 || form_expect(&id.body, DER_INTEGER, &serial) < 0 || id.body.n > 0)
		return bad(ret_why, "a signer without issuer and serial number, or with more than these");
	s->issuer = issuer;
	s->serial = serial.body;
	return 0;
}

/* Attribute: a type, and a set of values, of which the last one is returned. How many there are (2: more), -EBADMSG */
static int take_attribute(struct span *in, struct span *ret_type, struct der_item *ret_value)
{
	struct der_item attribute, type, values;
	size_t n = 0;

	if (form_expect(in, DER_SEQUENCE, &attribute) < 0 || form_expect(&attribute.body, DER_OID, &type) < 0 ||
	    form_expect(&attribute.body, DER_SET, &values) < 0 || values.body.n == 0 || attribute.body.n > 0)
		return -EBADMSG;
	for (; values.body.n > 0; n++)
		if (form_next(&values.body, ret_value) < 0)
			return -EBADMSG;
	*ret_type = type.body;
	return n > 1 ? 2 : 1;
}

static int check_attributes(struct span in)
{
	struct der_item value;
	struct span type;

	if (in.n == 0)
		return -EBADMSG;
	while (in.n > 0)
		if (take_attribute(&in, &type, &value) < 0)
			return -EBADMSG;
	return 0;
}

/* Signed ones must have the content type, which is that of the message, and the digest. */
static int check_signed_attributes(struct span in, struct span content_type, struct cms_signer *s)
{
	int types = 0, digests = 0;

	while (in.n > 0) {
		struct der_item value;
		struct span type;
		int n = take_attribute(&in, &type, &value);

		if (n < 0)
			return n;
		if (span_eq(type, OID(CONTENT_TYPE))) {
			if (value.tag != DER_OID || !span_eq(value.body, content_type))
				return -EBADMSG;
			types += n;
		} else if (span_eq(type, OID(MESSAGE_DIGEST))) {
			s->digest = value.tag == DER_OCTET_STRING ? value.body : span_of(NULL, 0);
			digests += n;
		}
	}
	s->odd_attributes = types > 1 || digests > 1;
	return types > 0 && digests > 0 ? 0 : -EBADMSG;
}

/* The first element, if it has one of these two tags. */
static int either(struct span *in, uint8_t set, uint8_t sequence, struct der_item *ret)
{
	int r = form_optional(in, set, ret);

	return r == 0 ? form_optional(in, sequence, ret) : r;
}

static int parse_attributes(struct span *in, struct span content_type, struct cms_signer *s)
{
	struct der_item item;
	int r = form_optional(in, DER_CONTEXT_0, &item);

	if (r != 1)
		return r;
	s->attributes = item.whole;
	return check_signed_attributes(item.body, content_type, s);
}

static int parse_signature(struct span *in, struct span content_type, struct cms_signer *s, const char **ret_why)
{
	struct span parameter;
	struct der_item item;
	int r;

	if (form_algorithm(in, &s->hash_oid, &parameter) < 0 || parse_attributes(in, content_type, s) < 0 ||
	    form_algorithm(in, &s->scheme_oid, &parameter) < 0 || form_expect(in, DER_OCTET_STRING, &item) < 0)
		return bad(ret_why, "a signer without algorithms or signature");
	s->signature = item.body;
	r = either(in, DER_CONTEXT_1, DER_CONTEXT_3, &item);
	if (r < 0 || (r == 1 && check_attributes(item.body) < 0) || in->n != 0)
		return bad(ret_why, "unexpected data after a signature");
	return 0;
}

/* Like the kernel, distinguishes unknown versions from versions that do not belong together. */
static int parse_version(struct span *in, uint8_t *ret, const char **ret_why)
{
	struct der_item item;
	uint8_t version;

	if (form_expect(in, DER_INTEGER, &item) < 0)
		return bad(ret_why, "no version");
	if (der_small(item.body, &version) < 0 || (version != 1 && version != 3))
		return unknown(ret_why, "unknown version");
	*ret = version;
	return 0;
}

static int parse_signer(struct span in, uint8_t message_version, struct span content_type, struct cms_signer *ret,
			const char **ret_why)
{
	struct cms_signer s = { 0 };
	uint8_t version;
	int r = parse_version(&in, &version, ret_why);

	if (r == 0 && version != message_version)
		return bad(ret_why, "the signer's version is not that of the message");
	if (r == 0)
		r = parse_signer_id(&in, version, &s, ret_why);
	if (r == 0)
		r = parse_signature(&in, content_type, &s, ret_why);
	if (r < 0)
		return r;
	*ret = s;
	return 0;
}

static int parse_signers(struct span set, uint8_t version, struct cms *c, const char **ret_why)
{
	struct der_item item;
	int r;

	while ((r = form_next(&set, &item)) == 1) {
		if (!form_is_tag(item.tag, DER_SEQUENCE))
			return bad(ret_why, "an element that is not a signer");
		if (vec_room(&c->signers, c->n, &c->cap) < 0)
			return -ENOMEM;
		r = parse_signer(item.body, version, c->content_type, &c->signers[c->n], ret_why);
		if (r < 0)
			return r;
		c->n++;
	}
	return r < 0 ? bad(ret_why, "the list of signers is truncated") : 0;
}

static int parse_content(struct span *in, struct cms *c)
{
	struct der_item info, type, content;
	int r;

	if (form_expect(in, DER_SEQUENCE, &info) < 0 || form_expect(&info.body, DER_OID, &type) < 0)
		return -EBADMSG;
	r = form_optional(&info.body, DER_CONTEXT_0, &content);
	if (r < 0 || info.body.n > 0)
		return -EBADMSG;
	c->content_type = type.body;
	c->has_content = r == 1;
	return 0;
}

static int parse_hash_list(struct span *in, const char **ret_why)
{
	struct span oid, parameter;
	struct der_item set;

	if (either(in, DER_SET, DER_SEQUENCE, &set) != 1 || set.body.n == 0)
		return bad(ret_why, "no list of hashes");
	while (set.body.n > 0)
		if (form_algorithm(&set.body, &oid, &parameter) < 0)
			return bad(ret_why, "a damaged list of hashes");
	return 0;
}

static int parse_signed_data(struct span in, struct cms *c, const char **ret_why)
{
	struct der_item item;
	uint8_t version;
	int r = parse_version(&in, &version, ret_why);

	if (r == 0)
		r = parse_hash_list(&in, ret_why);
	if (r < 0)
		return r;
	if (parse_content(&in, c) < 0)
		return bad(ret_why, "no content type, or more than that");
	r = form_optional(&in, DER_CONTEXT_0, &item);
	if (r == 1)
		c->certificates = item.body;
	if (r < 0)
		return bad(ret_why, "damaged certificates");
	if (in.n > 0 && in.p[0] == DER_CONTEXT_1)
		return bad(ret_why, "revocation lists, which kernels do not read");
	if (either(&in, DER_SET, DER_SEQUENCE, &item) != 1 || item.body.n == 0)
		return bad(ret_why, "no signer");
	if (in.n != 0)
		return bad(ret_why, "unexpected data after the signers");
	return parse_signers(item.body, version, c, ret_why);
}

static int parse_message(struct span der, struct cms *c, const char **ret_why)
{
	struct der_item outer, type, content, data;
	struct span in = der;

	if (form_expect(&in, DER_SEQUENCE, &outer) < 0)
		return bad(ret_why, "the message is truncated or garbage");
	c->length = outer.whole.n;
	if (form_expect(&outer.body, DER_OID, &type) < 0)
		return bad(ret_why, "not a PKCS#7 message");
	if (!span_eq(type.body, OID(SIGNED_DATA)))
		return unknown(ret_why, "a PKCS#7 message without signed data");
	if (form_expect(&outer.body, DER_CONTEXT_0, &content) < 0 ||
	    form_expect(&content.body, DER_SEQUENCE, &data) < 0)
		return bad(ret_why, "no signed data");
	if (content.body.n > 0 || outer.body.n > 0)
		return bad(ret_why, "unexpected data after the signed data");
	return parse_signed_data(data.body, c, ret_why);
}

int cms_parse(struct span der, struct cms *ret, const char **ret_why)
{
	struct cms c = { 0 };
	int r;

	if (der.n > CMS_SIZE_MAX) {
		*ret_why = "more than 65,535 octets, which kernels do not read";
		return -EMSGSIZE;
	}
	r = parse_message(der, &c, ret_why);

	if (r < 0) {
		cms_done(&c);
		return r;
	}
	*ret = c;
	return 0;
}

void cms_done(struct cms *c)
{
	free(c->signers);
	*c = (struct cms){ 0 };
}
