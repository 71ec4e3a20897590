// SPDX-License-Identifier: MIT
/* Reads CMS SignedData (RFC 5652, section 5) as far as it says who signed and how. DER only: no indefinite lengths. */
#include "read/image/siginfo.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

/* ---- DER elements ---- */

enum {
	DER_INTEGER = 0x02,
	DER_OCTETS = 0x04,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_UNIVERSAL = 0x1c,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT_0 = 0xa0,
	DER_CONTEXT_1 = 0xa1,
	DER_CONTEXT_0_PRIMITIVE = 0x80,
};

struct der {
	uint8_t tag;
	struct span content, whole;
};

static int take_length(struct span *rest, uint64_t *ret)
{
	struct span bytes;
	uint64_t n = 0;

	if (span_take(rest, 1, &bytes) < 0)
		return -EINVAL;
	if (bytes.p[0] < 0x80) {
		*ret = bytes.p[0];
		return 0;
	}
	if (bytes.p[0] == 0x80 || bytes.p[0] > 0x84 || span_take(rest, bytes.p[0] & 0x7f, &bytes) < 0)
		return -EINVAL;
	for (size_t i = 0; i < bytes.n; i++)
		n = n << 8 | bytes.p[i];
	*ret = n;
	return 0;
}

/* Takes the next element of any (one-byte) tag. */
static int der_next(struct span *rest, struct der *ret)
{
	struct span at = *rest, tag;
	struct der d;
	uint64_t n;

	if (span_take(&at, 1, &tag) < 0 || (tag.p[0] & 0x1f) == 0x1f || take_length(&at, &n) < 0 ||
	    span_take(&at, n, &d.content) < 0)
		return -EINVAL;
	d.tag = tag.p[0];
	d.whole = span_of(rest->p, rest->n - at.n);
	*rest = at;
	*ret = d;
	return 0;
}

/* Takes the next element, which must have this tag. */
static int der_take(struct span *rest, uint8_t tag, struct span *ret)
{
	struct span at = *rest;
	struct der d;

	if (der_next(&at, &d) < 0 || d.tag != tag)
		return -EINVAL;
	*rest = at;
	*ret = d.content;
	return 0;
}

/* An optional element: true when it was there and is taken. */
static bool der_option(struct span *rest, uint8_t tag, struct span *ret)
{
	return der_take(rest, tag, ret) == 0;
}

/* ---- object identifiers ---- */

struct oid_name {
	const char *oid;
	uint8_t len;
	const char *name; /* as OpenSSL's OBJ_obj2txt() prints it */
};

#define OID(bytes, name) { bytes, sizeof(bytes) - 1, name }

static const struct oid_name hash_names[] = {
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x01", "sha256"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x02", "sha384"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x03", "sha512"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x04", "sha224"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x05", "sha512-224"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x06", "sha512-256"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x07", "sha3-224"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x08", "sha3-256"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x09", "sha3-384"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x0a", "sha3-512"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x0b", "shake128"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x02\x0c", "shake256"),
	OID("\x2b\x0e\x03\x02\x1a", "sha1"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x02\x04", "md4"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x02\x05", "md5"),
	OID("\x2b\x24\x03\x02\x01", "ripemd160"),
	OID("\x2a\x81\x1c\xcf\x55\x01\x83\x11", "sm3"),
	OID("\x2a\x85\x03\x07\x01\x01\x02\x02", "GOST R 34.11-2012 with 256 bit hash"),
	OID("\x2a\x85\x03\x07\x01\x01\x02\x03", "GOST R 34.11-2012 with 512 bit hash"),
};

static const struct oid_name signature_names[] = {
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "rsaEncryption"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "sha1WithRSAEncryption"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "rsassaPss"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "sha256WithRSAEncryption"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "sha384WithRSAEncryption"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "sha512WithRSAEncryption"),
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "sha224WithRSAEncryption"),
	OID("\x2a\x86\x48\xce\x3d\x02\x01", "id-ecPublicKey"),
	OID("\x2a\x86\x48\xce\x3d\x04\x01", "ecdsa-with-SHA1"),
	OID("\x2a\x86\x48\xce\x3d\x04\x03\x01", "ecdsa-with-SHA224"),
	OID("\x2a\x86\x48\xce\x3d\x04\x03\x02", "ecdsa-with-SHA256"),
	OID("\x2a\x86\x48\xce\x3d\x04\x03\x03", "ecdsa-with-SHA384"),
	OID("\x2a\x86\x48\xce\x3d\x04\x03\x04", "ecdsa-with-SHA512"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0a", "ecdsa_with_SHA3-256"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0b", "ecdsa_with_SHA3-384"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0c", "ecdsa_with_SHA3-512"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0e", "RSA-SHA3-256"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x0f", "RSA-SHA3-384"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x10", "RSA-SHA3-512"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x11", "ML-DSA-44"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x12", "ML-DSA-65"),
	OID("\x60\x86\x48\x01\x65\x03\x04\x03\x13", "ML-DSA-87"),
	OID("\x2b\x65\x70", "ED25519"),
	OID("\x2b\x65\x71", "ED448"),
	OID("\x2a\x81\x1c\xcf\x55\x01\x83\x75", "SM2-with-SM3"),
	OID("\x2a\x85\x03\x07\x01\x01\x01\x01", "GOST R 34.10-2012 with 256 bit modulus"),
	OID("\x2a\x85\x03\x07\x01\x01\x01\x02", "GOST R 34.10-2012 with 512 bit modulus"),
};

static const char oid_signed_data[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
static const char oid_common_name[] = "\x55\x04\x03";

static const char *oid_lookup(const struct oid_name *table, size_t n, struct span oid)
{
	for (size_t i = 0; i < n; i++) {
		if (span_eq(oid, span_of(table[i].oid, table[i].len)))
			return table[i].name;
	}
	return NULL;
}

/* ---- names ---- */

/* Appends one code point; one that does not fit whole is left out. */
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

/* The length of s cut to at most max bytes, not inside of a character. */
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

/* Any directory string as UTF-8. Strings of one byte per character other than UTF8String are taken as Latin-1, as OpenSSL does. */
static void string_to_utf8(const struct der *string, char *ret)
{
	size_t width = string->tag == DER_BMP ? 2 : string->tag == DER_UNIVERSAL ? 4 : 1, n = 0;

	if (string->tag == DER_UTF8) {
		n = cut_utf8(string->content, SIGINFO_SIGNER_MAX - 1);
		memcpy(ret, string->content.p, n);
	} else {
		for (size_t i = 0; i + width <= string->content.n; i += width)
			add_utf8(ret, &n, code_point(string->content, i, width));
	}
	ret[n] = '\0';
}

/* The first CN of a Name, or its last entry's value. */
static int read_name(struct span name, char *ret)
{
	struct der value = { 0 };
	struct span set, pair, oid;
	bool found = false;

	while (name.n > 0 && !found) {
		if (der_take(&name, DER_SET, &set) < 0)
			return -EINVAL;
		while (set.n > 0 && !found) {
			if (der_take(&set, DER_SEQUENCE, &pair) < 0 || der_take(&pair, DER_OID, &oid) < 0 ||
			    der_next(&pair, &value) < 0)
				return -EINVAL;
			found = span_eq(oid, span_of(oid_common_name, sizeof(oid_common_name) - 1));
		}
	}
	string_to_utf8(&value, ret);
	return 0;
}

/* ---- SignedData ---- */

/* AlgorithmIdentifier: its OID. */
static int take_algorithm(struct span *rest, struct span *ret)
{
	struct span seq;

	return der_take(rest, DER_SEQUENCE, &seq) < 0 ? -EINVAL : der_take(&seq, DER_OID, ret);
}

static int take_signer_id(struct span *rest, struct siginfo *s)
{
	struct span seq;
	struct der issuer;

	if (der_option(rest, DER_CONTEXT_0_PRIMITIVE, &s->key_id)) {
		s->by_skid = true;
		return 0;
	}
	if (der_take(rest, DER_SEQUENCE, &seq) < 0)
		return -EINVAL;
	if (der_next(&seq, &issuer) < 0 || issuer.tag != DER_SEQUENCE || read_name(issuer.content, s->signer) < 0 || der_take(&seq, DER_INTEGER, &s->key_id) < 0)
		return -EINVAL;
	s->issuer = issuer.whole;
	if (s->key_id.n > 1 && s->key_id.p[0] == 0)
		s->key_id = span_of(s->key_id.p + 1, s->key_id.n - 1);
	return 0;
}

static int read_signer(struct span signer, struct siginfo *s)
{
	struct span version, attributes;

	if (der_take(&signer, DER_INTEGER, &version) < 0 || take_signer_id(&signer, s) < 0 ||
	    take_algorithm(&signer, &s->hash_oid) < 0)
		return -EINVAL;
	s->has_signed_attributes = der_option(&signer, DER_CONTEXT_0, &attributes);
	if (take_algorithm(&signer, &s->signature_oid) < 0 || der_take(&signer, DER_OCTETS, &s->signature) < 0)
		return -EINVAL;
	s->hash = oid_lookup(hash_names, ELEMENTSOF(hash_names), s->hash_oid);
	s->hash = s->hash ? s->hash : "unknown";
	s->signature_algorithm = oid_lookup(signature_names, ELEMENTSOF(signature_names), s->signature_oid);
	return 0;
}

/* The first signer is described; the others are counted. */
static int read_signers(struct span set, struct siginfo *s)
{
	struct span signer;

	while (set.n > 0) {
		if (der_take(&set, DER_SEQUENCE, &signer) < 0)
			return -EINVAL;
		if (s->n_signers++ == 0 && read_signer(signer, s) < 0)
			return -EINVAL;
	}
	return s->n_signers > 0 ? 0 : -EINVAL;
}

static int read_signed_data(struct span seq, struct siginfo *s)
{
	struct span version, digests, content, type, any, signers;

	if (der_take(&seq, DER_INTEGER, &version) < 0 || der_take(&seq, DER_SET, &digests) < 0 ||
	    der_take(&seq, DER_SEQUENCE, &content) < 0 || der_take(&content, DER_OID, &type) < 0)
		return -EINVAL;
	s->has_content = der_option(&content, DER_CONTEXT_0, &any);
	s->has_certificates = der_option(&seq, DER_CONTEXT_0, &any);
	(void)der_option(&seq, DER_CONTEXT_1, &any);
	return der_take(&seq, DER_SET, &signers) < 0 ? -EINVAL : read_signers(signers, s);
}

static int read_pkcs7(struct span der, struct siginfo *s)
{
	struct span info, type, wrapped, data;

	if (der_take(&der, DER_SEQUENCE, &info) < 0 || der_take(&info, DER_OID, &type) < 0 ||
	    !span_eq(type, span_of(oid_signed_data, sizeof(oid_signed_data) - 1)) ||
	    der_take(&info, DER_CONTEXT_0, &wrapped) < 0 || der_take(&wrapped, DER_SEQUENCE, &data) < 0)
		return -EINVAL;
	return read_signed_data(data, s);
}

/* ---- the two older kinds: signer and key id stand in the trailer ---- */

static void read_plain(const struct trailer *t, struct siginfo *s)
{
	static const char *const hashes[] = { "md4", "md5", "sha1", "rmd160", "sha256", "sha384", "sha512", "sha224", "sm3" };

	memcpy(s->signer, t->signer.p, t->signer.n); /* at most 255 bytes */
	s->signer[t->signer.n] = '\0';
	s->key_id = t->key_id;
	s->signature = t->signature;
	s->hash = t->hash < ELEMENTSOF(hashes) ? hashes[t->hash] : "unknown";
	s->n_signers = 1;
	s->parsed = true;
}

void siginfo_read(const struct trailer *t, struct siginfo *ret)
{
	static const char *const types[] = { "PGP", "X509", "PKCS#7" };
	const char *type = t->id_type < ELEMENTSOF(types) ? types[t->id_type] : "unknown";
	struct siginfo s = { .id_type = type, .hash = "unknown" };

	if (t->id_type == TRAILER_PGP || t->id_type == TRAILER_X509)
		read_plain(t, &s);
	else if (t->id_type == TRAILER_PKCS7 && read_pkcs7(t->signature, &s) == 0)
		s.parsed = true;
	if (!s.parsed)
		s = (struct siginfo){ .id_type = type, .hash = "unknown" };
	*ret = s;
}
