// SPDX-License-Identifier: MIT
/* Reads those parts of CMS SignedData (RFC 5652, section 5) that say who signed and how. */
#include "read/image/siginfo.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "read/image/der.h"
#include "read/image/oid.h"
#include "read/image/sigalg.h"

/* ---- names ---- */

/* Appends one code point; one that does not fit completely is left out. */
static void add_utf8(char *text, size_t *n, uint32_t c)
{
	uint8_t bytes[4];
	size_t len = 0;

	if (c < 0x80) {
		bytes[len++] = (uint8_t)c;
	} else if (c < 0x800) {
		bytes[len++] = (uint8_t)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		bytes[len++] = (uint8_t)(0xe0 | c >> 12);
		bytes[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	} else {
		bytes[len++] = (uint8_t)(0xf0 | (c >> 18 & 7));
		bytes[len++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		bytes[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		bytes[len++] = (uint8_t)(0x80 | (c & 0x3f));
	if (c == 0 || *n + len >= SIGINFO_SIGNER_MAX)
		return;
	memcpy(text + *n, bytes, len);
	*n += len;
}

/* The length of s cut to at most max bytes, not inside a character. */
static size_t cut_utf8(struct span s, size_t max)
{
	size_t n = s.n < max ? s.n : max;

	while (n < s.n && n > 0 && (s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static uint32_t code_point(struct span s, size_t at, size_t width)
{
	return width == 4 ? load_be32(s.p + at) : width == 2 ? load_be16(s.p + at) : s.p[at];
}

static size_t width_of(uint8_t tag)
{
	return tag == DER_BMP_STRING ? 2 : tag == DER_UNIVERSAL_STRING ? 4 : 1;
}

/* Any directory string as UTF-8. One byte per character that is not UTF8String is taken as Latin-1, as OpenSSL does. */
static void string_to_utf8(const struct der_item *string, char *ret)
{
	size_t width = width_of(string->tag), n = 0;

	if (string->tag == DER_UTF8_STRING) {
		n = cut_utf8(string->body, SIGINFO_SIGNER_MAX - 1);
		memcpy(ret, string->body.p, n);
	} else {
		for (size_t i = 0; i + width <= string->body.n; i += width)
			add_utf8(ret, &n, code_point(string->body, i, width));
	}
	ret[n] = '\0';
}

/* The first CN of a Name, or its last entry's value. */
static int read_name(struct span name, char *ret)
{
	struct der_item set, pair, oid, value = { 0 };
	bool found = false;

	while (name.n > 0 && !found) {
		if (der_expect(&name, DER_SET, &set) < 0)
			return -EBADMSG;
		while (set.body.n > 0 && !found) {
			if (der_expect(&set.body, DER_SEQUENCE, &pair) < 0 ||
			    der_expect(&pair.body, DER_OID, &oid) < 0 || der_next(&pair.body, &value) != 1)
				return -EBADMSG;
			found = span_eq(oid.body, OID(COMMON_NAME));
		}
	}
	string_to_utf8(&value, ret);
	return 0;
}

/* The last entry of that kind, which is the one the kernel uses; n 0: none. */
static struct span name_entry(struct span name, struct span kind)
{
	struct der_item set, pair, oid, value;
	struct span found = { 0 };

	while (der_expect(&name, DER_SET, &set) == 0)
		while (der_expect(&set.body, DER_SEQUENCE, &pair) == 0)
			if (der_expect(&pair.body, DER_OID, &oid) == 0 && span_eq(oid.body, kind) &&
			    der_next(&pair.body, &value) == 1)
				found = value.body;
	return found;
}

/* "Fedora kernel signing key" of "Fedora" needs no "Fedora: " before it (keyring names, crypto/asymmetric_keys). */
static bool name_covers(struct span cn, struct span o)
{
	return span_starts(cn, o.p, o.n) || (cn.n >= 7 && o.n >= 7 && memcmp(cn.p, o.p, 7) == 0);
}

int siginfo_ring_name(struct span name, struct buf *into)
{
	struct span cn = name_entry(name, OID(COMMON_NAME)), o = name_entry(name, OID(ORGANIZATION));

	if (cn.n && o.n && !name_covers(cn, o)) {
		buf_add(into, o.p, o.n);
		buf_adds(into, ": ");
	}
	cn = cn.n ? cn : o.n ? o : name_entry(name, OID(EMAIL_ADDRESS));
	return buf_add(into, cn.p, cn.n);
}

/* ---- SignedData ---- */

static int take_signer_id(struct span *rest, struct siginfo *s)
{
	struct der_item id, issuer, serial;

	if (der_optional(rest, DER_CONTEXT_0_PRIMITIVE, &id) == 1) {
		s->key_id = id.body;
		s->by_skid = true;
		return 0;
	}
	if (der_expect(rest, DER_SEQUENCE, &id) < 0 || der_expect(&id.body, DER_SEQUENCE, &issuer) < 0 ||
	    read_name(issuer.body, s->signer) < 0 || der_expect(&id.body, DER_INTEGER, &serial) < 0)
		return -EBADMSG;
	s->issuer = issuer.whole;
	s->issuer_entries = issuer.body;
	s->key_id = der_unsigned(serial.body);
	return 0;
}

static int read_signer(struct span signer, struct siginfo *s)
{
	struct der_item item;

	if (der_expect(&signer, DER_INTEGER, &item) < 0 || take_signer_id(&signer, s) < 0 ||
	    der_algorithm(&signer, &s->hash_oid) < 0)
		return -EBADMSG;
	s->has_signed_attributes = der_optional(&signer, DER_CONTEXT_0, &item) == 1;
	if (der_algorithm(&signer, &s->signature_oid) < 0 || der_expect(&signer, DER_OCTET_STRING, &item) < 0)
		return -EBADMSG;
	s->signature = item.body;
	s->hash = sigalg_hash_name(s->hash_oid);
	s->hash = s->hash ? s->hash : "unknown";
	s->signature_algorithm = sigalg_scheme_name(s->signature_oid);
	return 0;
}

/* One signer is described; the others are counted. */
static int read_signers(struct span set, unsigned which, struct siginfo *s)
{
	struct der_item signer;

	while (set.n > 0) {
		if (der_expect(&set, DER_SEQUENCE, &signer) < 0)
			return -EBADMSG;
		if (s->n_signers++ == which && read_signer(signer.body, s) < 0)
			return -EBADMSG;
	}
	return s->n_signers > which ? 0 : -EBADMSG;
}

static int read_signed_data(struct span seq, unsigned which, struct siginfo *s)
{
	struct der_item version, digests, content, type, any, signers;

	if (der_expect(&seq, DER_INTEGER, &version) < 0 || der_expect(&seq, DER_SET, &digests) < 0 ||
	    der_expect(&seq, DER_SEQUENCE, &content) < 0 || der_expect(&content.body, DER_OID, &type) < 0)
		return -EBADMSG;
	s->has_content = der_optional(&content.body, DER_CONTEXT_0, &any) == 1;
	s->has_certificates = der_optional(&seq, DER_CONTEXT_0, &any) == 1;
	(void)der_optional(&seq, DER_CONTEXT_1, &any);
	return der_expect(&seq, DER_SET, &signers) < 0 ? -EBADMSG : read_signers(signers.body, which, s);
}

static int read_pkcs7(struct span der, unsigned which, struct siginfo *s)
{
	struct der_item info, type, wrapped, data;

	if (der_expect(&der, DER_SEQUENCE, &info) < 0 || der_expect(&info.body, DER_OID, &type) < 0 ||
	    !span_eq(type.body, OID(SIGNED_DATA)) || der_expect(&info.body, DER_CONTEXT_0, &wrapped) < 0 ||
	    der_expect(&wrapped.body, DER_SEQUENCE, &data) < 0)
		return -EBADMSG;
	return read_signed_data(data.body, which, s);
}

/* ---- the two older kinds: signer and key id are in the trailer ---- */

static void read_plain(const struct trailer *t, struct siginfo *s)
{
	static const char *const hashes[] = { "md4",    "md5",    "sha1",   "rmd160", "sha256",
					      "sha384", "sha512", "sha224", "sm3" };

	memcpy(s->signer, t->signer.p, t->signer.n); /* at most 255 bytes */
	s->signer[t->signer.n] = '\0';
	s->key_id = t->key_id;
	s->signature = t->signature;
	s->hash = t->hash < ELEMENTSOF(hashes) ? hashes[t->hash] : "unknown";
	s->n_signers = 1;
	s->parsed = true;
}

void siginfo_read_signer(const struct trailer *t, unsigned which, struct siginfo *ret)
{
	static const char *const types[] = { "PGP", "X509", "PKCS#7" };
	const char *type = t->id_type < ELEMENTSOF(types) ? types[t->id_type] : "unknown";
	struct siginfo s = { .id_type = type, .hash = "unknown" };

	if (t->id_type == TRAILER_PGP || t->id_type == TRAILER_X509)
		read_plain(t, &s);
	else if (t->id_type == TRAILER_PKCS7 && read_pkcs7(t->signature, which, &s) == 0)
		s.parsed = true;
	if (!s.parsed)
		s = (struct siginfo){ .id_type = type, .hash = "unknown" };
	*ret = s;
}

void siginfo_read(const struct trailer *t, struct siginfo *ret)
{
	siginfo_read_signer(t, 0, ret);
}

bool siginfo_is_stacked(const struct trailer *t)
{
	return t->state != TRAILER_NONE && trailer_read(t->payload).state != TRAILER_NONE;
}
