// SPDX-License-Identifier: MIT
#include "act/sign/verify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "read/image/der.h"
#include "read/image/sigalg.h"
#include "read/image/siginfo.h"
#include "read/image/trailer.h"
#include "act/sign/attributes.h"
#include "act/sign/cert.h"
#include "act/sign/cert_kernel.h"
#include "act/sign/chain.h"

_printf_(4, 5) static void set(struct verify_result *v, enum verify_state state, int error, const char *fmt, ...)
{
	va_list ap;

	v->state = state;
	v->error = error;
	va_start(ap, fmt);
	vsnprintf(v->cause, sizeof(v->cause), fmt, ap);
	va_end(ap);
}

static void set_undecided(struct verify_result *v, const char *doubt, const char *settle)
{
	set(v, VERIFY_UNDECIDED, -EKEYREJECTED, "%s", doubt);
	v->doubt = doubt;
	v->settle = settle;
}

static void set_without_mldsa(struct verify_result *v)
{
	set_undecided(v, "libcrypto here cannot check signatures of ML-DSA keys (OpenSSL 3.5 can)",
		      "examine it where kmodctl has OpenSSL 3.5");
}

#define ATTRIBUTES_HASH "signed attributes with %s; the kernel takes them from keys of ML-DSA with sha512 only"
#define SHOWN_ID_MAX 24 /* octets of a key id in a cause */

/* What one check needs. */
struct checking {
	const struct keyring *ring;
	struct chain_kernel kernel;
	struct trailer trailer;
	struct span covered;   /* what the signer's signature is over: the payload or, ... */
	struct buf attributes; /* if it has any, its signed attributes, which have the payload's digest */
	struct cms message;
	struct chain *chains; /* of each signer */
};

/* ---- one signer ---- */

static const struct cert *find_signer(const struct keyring *ring, const struct cms_signer *s)
{
	for (size_t i = 0; i < ring->n; i++)
		if (chain_is_signer(ring->certs[i], s))
			return ring->certs[i];
	return NULL;
}

static void name_of(const struct cert *c, char *ret, size_t n)
{
	_cleanup_buf_ struct buf name = BUF_INIT;

	cert_name(c, &name);
	snprintf(ret, n, "%s", buf_str(&name));
}

static void judge_check(enum cms_check check, const struct cert *c, const struct cms_signer *s, struct verify_result *v)
{
	char name[128];

	name_of(c, name, sizeof(name));
	switch (check) {
	case CMS_CHECK_GOOD:
		set(v, VERIFY_GOOD, 0, "signed by %s", name);
		break;
	case CMS_CHECK_CHANGED:
		set(v, VERIFY_CHANGED, -EKEYREJECTED,
		    "signed by %s, but %s changed afterwards (stripped, edited or damaged): sign it again", name,
		    cms_scheme_by_oid(s->scheme_oid) == CMS_RSA ? "the file was" : "the file or its signature was");
		break;
	case CMS_CHECK_BAD:
		set(v, VERIFY_BAD_SIGNATURE, -EKEYREJECTED, "names %s as signer, but is not a signature of that key",
		    name);
		break;
	case CMS_CHECK_UNSUPPORTED:
		if (cms_scheme_by_oid(s->scheme_oid) == CMS_MLDSA)
			set_without_mldsa(v);
		else
			set(v, VERIFY_UNSUPPORTED, -ENOPKG,
			    "signed by %s with an algorithm that cannot be checked here", name);
		break;
	}
}

/* "key 1A:2B (Name)" */
static void add_signer(const struct checking *k, size_t i, struct buf *into)
{
	const struct cms_signer *s = &k->message.signers[i];
	struct span id = der_unsigned(s->by_skid ? s->skid : s->serial);
	struct siginfo info;

	siginfo_read_signer(&k->trailer, (unsigned)i, &info);
	buf_adds(into, "key ");
	hex_colons(span_of(id.p, id.n < SHOWN_ID_MAX ? id.n : SHOWN_ID_MAX), 0, into);
	buf_addf(into, " (%.64s)", info.signer[0] ? info.signer : "no name");
}

static void judge_unknown(const struct checking *k, size_t i, struct verify_result *v)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	add_signer(k, i, &text);
	set(v, VERIFY_UNKNOWN_SIGNER, -ENOKEY, "signed by %s, whose certificate is not among the %zu given",
	    buf_str(&text), k->ring->n);
}

/* Nobody of several is known: all are named. */
static void judge_all_unknown(const struct checking *k, struct verify_result *v)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	for (size_t i = 0; i < k->message.n; i++) {
		buf_adds(&text, i ? " and " : "");
		add_signer(k, i, &text);
	}
	set(v, VERIFY_UNKNOWN_SIGNER, -ENOKEY, "signed by %s; no certificate of them is among the %zu given",
	    buf_str(&text), k->ring->n);
}

/* Its certificate is in the message: the chain to a key that is trusted, or what breaks it. */
static void judge_chain(const struct checking *k, const struct cms_signer *s, const struct chain *chain, int error,
			const struct cert *key, struct verify_result *v)
{
	const char *leaf = v->by;
	char root[128] = "";

	if (key)
		name_of(key, root, sizeof(root));
	if (error == 0 && chain_is_signer(key, s))
		set(v, VERIFY_GOOD, 0, "signed by %s", leaf);
	else if (error == 0)
		set(v, VERIFY_GOOD, 0, "signed by %s, whose certificate is in the signature%s %s issued", leaf,
		    chain->n > 1 ? ", by way of others there, the last of which" : " and which", root);
	else if (error == -ENOKEY)
		set(v, VERIFY_UNKNOWN_SIGNER, error,
		    "signed by %s, whose certificate is in the signature; neither it nor an issuer is among the %zu "
		    "given",
		    leaf, k->ring->n);
	else if (error == -EOPNOTSUPP)
		set_without_mldsa(v);
	else if (error == -ENOPKG)
		set(v, VERIFY_UNSUPPORTED, error, "signed by %s with an algorithm that cannot be checked here", leaf);
	else
		set(v, VERIFY_BAD_SIGNATURE, error, "signed by %s, whose certificate %s has not signed", leaf,
		    key ? root : "the issuer that it names");
}

/* A key that the kernel takes on no ring is unknown to it. True: decided. */
static bool judge_certificate(const struct checking *k, const struct cert *c, struct verify_result *v)
{
	struct cert_standing standing;
	char name[128];

	if (k->kernel.target)
		cert_judge(c, k->kernel.target, &standing);
	else
		cert_judged(c, k->kernel.version, &standing);
	if (standing.usable)
		return false;
	name_of(c, name, sizeof(name));
	set(v, VERIFY_UNSUPPORTED, -ENOKEY,
	    standing.on_ring ? "signed by %s, by whose certificate Linux %u.%u does not check modules: %s" :
			       "signed by %s, whose certificate no key ring of Linux %u.%u takes: %s",
	    name, k->kernel.version / 100, k->kernel.version % 100, standing.reason);
	return true;
}

/* What the message says of itself is checked before any trusted key is looked for. */
static void judge_contradiction(const struct checking *k, const struct cms_signer *s, int error,
				struct verify_result *v)
{
	if (s && !attributes_have_hash(s))
		set(v, VERIFY_BAD_SIGNATURE, error, ATTRIBUTES_HASH, cms_hash_by_oid(s->hash_oid)->name);
	else if (error == -EOPNOTSUPP)
		set_without_mldsa(v);
	else if (error == -ENOPKG)
		set(v, VERIFY_UNSUPPORTED, error, "signed with an algorithm that cannot be checked here");
	else if (error == -ENOENT)
		set(v, VERIFY_REFUSED, error,
		    "it brings along the certificate of an %s key, and this kernel was built without %s",
		    !k->kernel.without_mldsa ? "ECDSA" :
		    !k->kernel.without_ecdsa ? "ML-DSA" :
					       "ECDSA or ML-DSA",
		    !k->kernel.without_mldsa ? kconfig_crypto_name(KCONFIG_ECDSA) :
		    !k->kernel.without_ecdsa ? kconfig_crypto_name(KCONFIG_MLDSA) :
					       "CONFIG_CRYPTO_ECDSA and CONFIG_CRYPTO_MLDSA");
	else if (error == -EKEYREJECTED)
		set(v, VERIFY_CHANGED, error, "does not match the certificate in the signature: changed after signing");
	else
		set(v, VERIFY_BAD_SIGNATURE, error, "is not a signature of the certificate that it brings along");
}

/* One on the way to the key is on .blacklist by its digest. */
static void judge_forbidden(const struct chain *chain, struct verify_result *v)
{
	char name[128];

	name_of(chain->forbidden, name, sizeof(name));
	v->forbidden = true;
	set(v, VERIFY_REFUSED, -EKEYREJECTED,
	    "signed by \"%s\", and .blacklist has the digest of the certificate of \"%s\" in the signature", v->by,
	    name);
}

/* By a trusted key itself; its certificate need not be in the message. */
static bool judge_by_ring(const struct checking *k, const struct cms_signer *s, struct verify_result *v)
{
	const struct cert *c = find_signer(k->ring, s);

	if (!c)
		return false;
	v->cert = c;
	if (judge_certificate(k, c, v))
		return true;
	if (attributes_have_hash(s))
		judge_check(cms_check(s, c, k->covered), c, s, v);
	else
		set(v, VERIFY_REFUSED, -EKEYREJECTED, ATTRIBUTES_HASH, v->hash);
	return true;
}

static void judge_signer(const struct checking *k, size_t i, struct verify_result *v)
{
	const struct cms_signer *s = &k->message.signers[i];
	const struct chain *chain = &k->chains[i];
	int r = -ENOKEY;

	v->signer = i;
	v->hash = cms_hash_by_oid(s->hash_oid)->name;
	if (chain->n > 0) {
		name_of(chain->links[0], v->by, sizeof(v->by));
		if (chain->forbidden) {
			judge_forbidden(chain, v);
			return;
		}
		r = chain_trust(chain, k->ring, s, k->covered, &v->cert);
		if (r == 0)
			v->links = chain_is_signer(v->cert, s) ? 0 : chain->n;
		else if (r == -ENOKEY)
			v->issuer_id_n = chain_issuer_id(chain, v->issuer_id, sizeof(v->issuer_id));
		judge_chain(k, s, chain, r, v->cert, v);
	}
	if (r == -ENOKEY && (chain->n == 0 || !chain->ends) && !judge_by_ring(k, s, v) && chain->n == 0)
		judge_unknown(k, i, v);
}

/* ---- the message ---- */

/* The parser stops at the first unknown algorithm, whoever else signed. */
static bool has_known_algorithms(const struct checking *k, struct verify_result *v)
{
	for (size_t i = 0; i < k->message.n; i++) {
		const struct cms_signer *s = &k->message.signers[i];
		const struct cms_hash *h = cms_hash_by_oid(s->hash_oid);

		if (!h || !cms_hash_is_known_to(h, k->kernel.version)) {
			set(v, VERIFY_UNSUPPORTED, -ENOPKG, "hash %s is not one that Linux %u.%u uses for modules",
			    h ? h->name : "of this signature", k->kernel.version / 100, k->kernel.version % 100);
			return false;
		}
		if (!sigalg_knows_scheme(s->scheme_oid, k->kernel.version)) {
			set(v, VERIFY_UNSUPPORTED, -ENOPKG,
			    "signature scheme is not one that Linux %u.%u uses for modules", k->kernel.version / 100,
			    k->kernel.version % 100);
			return false;
		}
	}
	return true;
}

/* The parser accepts plain data and Authenticode, and stops at certificates that it does not take. True: decided. */
static bool judge_content(const struct checking *k, int certificates, struct verify_result *v)
{
	const struct cms *m = &k->message;

	if (certificates == -ENOPKG)
		set(v, VERIFY_UNSUPPORTED, certificates,
		    "it contains a certificate with an algorithm that Linux %u.%u does not know",
		    k->kernel.version / 100, k->kernel.version % 100);
	else if (certificates == -ENOENT)
		judge_contradiction(k, NULL, certificates, v);
	else if (certificates < 0)
		set(v, VERIFY_DAMAGED, certificates, "the signature is damaged: it contains invalid certificates");
	else if (cms_is_authenticode(m))
		set(v, VERIFY_REFUSED, -EBADMSG, "a signature for EFI programs, not for modules");
	else if (!cms_is_data(m))
		set(v, VERIFY_REFUSED, -EINVAL, "the message does not sign plain data");
	else
		return false;
	return true;
}

/* What is well-formed and still refused. True: decided. */
static bool judge_form(const struct checking *k, struct verify_result *v)
{
	const struct cms *m = &k->message;
	size_t with_attributes = 0;
	bool odd = false;

	for (size_t i = 0; i < m->n; i++) {
		with_attributes += m->signers[i].attributes.n > 0;
		odd |= m->signers[i].odd_attributes;
	}
	if (with_attributes != 0 && with_attributes != m->n)
		set(v, VERIFY_DAMAGED, -EINVAL, "some signers have signed attributes and some do not");
	else if (m->has_content)
		set(v, VERIFY_REFUSED, -EBADMSG, "the message holds content of its own instead of being detached");
	else if (with_attributes && !attributes_are_taken(m, k->kernel.attributes))
		set(v, VERIFY_REFUSED, -EKEYREJECTED, "signed attributes, which the kernel does not accept on modules");
	else if (odd)
		set_undecided(v, "what has to be there once in signed attributes is there more than once", "load it");
	else {
		v->waived = with_attributes && k->kernel.attributes == KCONFIG_BUILT_UNKNOWN;
		return false;
	}
	return true;
}

/* One good signature is enough, and "unsupported" says more than "unknown". */
static bool says_more(const struct verify_result *a, const struct verify_result *b)
{
	return b->error != 0 && (a->error == 0 || (a->error == -ENOPKG && b->error == -ENOKEY));
}

/* A certificate that is forbidden takes only its own signer out. */
static bool is_hard(const struct verify_result *v)
{
	return v->error != 0 && !verify_is_soft(v->error) && !v->forbidden;
}

/* Of the signers so far, does this one decide? */
static bool decides(size_t i, const struct verify_result *one, const struct verify_result *best)
{
	if (i == 0 || best->forbidden || is_hard(one))
		return true;
	return !one->forbidden && says_more(one, best);
}

/* A certificate in the message tells who signed; the message itself names the issuer. */
static void name_leaf(const struct keyring *embedded, const struct cms_signer *s, struct verify_result *v)
{
	const struct cert *leaf = chain_leaf(embedded, s);

	if (leaf)
		name_of(leaf, v->by, sizeof(v->by));
}

static int cover(struct checking *k, size_t i)
{
	return attributes_cover(&k->message.signers[i], k->trailer.payload, &k->attributes, &k->covered);
}

/* 1: decided by what the message says of itself, 0: not, -ENOMEM. */
static int build_chains(struct checking *k, const struct keyring *embedded, struct verify_result *v)
{
	k->chains = calloc(k->message.n, sizeof(*k->chains));
	if (!k->chains)
		return -ENOMEM;
	for (size_t i = 0; i < k->message.n; i++) {
		const struct cms_signer *s = &k->message.signers[i];
		int covered = cover(k, i);
		int r = covered < 0 ? covered : chain_build(embedded, s, k->covered, k->kernel, &k->chains[i]);

		if (r == 0)
			continue;
		if (r == -ENOMEM)
			return r;
		v->signer = i;
		name_leaf(embedded, s, v);
		if (covered == -EKEYREJECTED)
			set(v, VERIFY_CHANGED, r, "does not match the digest that was signed: changed after signing");
		else
			judge_contradiction(k, s, r, v);
		return 1;
	}
	return 0;
}

/* The first hard failure ends it, whatever the others say. */
static int judge_signers(struct checking *k, const struct keyring *embedded, struct verify_result *v)
{
	struct verify_result best = *v;
	int r = build_chains(k, embedded, v);

	for (size_t i = 0; r == 0 && i < k->message.n; i++) {
		struct verify_result one = *v;

		r = cover(k, i);
		if (r < 0)
			break;
		judge_signer(k, i, &one);
		if (decides(i, &one, &best))
			best = one;
		if (is_hard(&one))
			break;
	}
	if (r == 0)
		*v = best;
	if (v->state == VERIFY_UNKNOWN_SIGNER && k->message.n > 1)
		judge_all_unknown(k, v);
	return r < 0 ? r : 0;
}

static void chains_done(struct checking *k)
{
	for (size_t i = 0; k->chains && i < k->message.n; i++)
		chain_done(&k->chains[i]);
	free(k->chains);
}

static int judge_message(struct checking *k, struct verify_result *v)
{
	_cleanup_keyring_ struct keyring embedded = { 0 };
	bool unchecked = false;
	const char *why = "";
	int r = cms_parse(k->trailer.signature, &k->message, &why);

	if (r == -EBADMSG || r == -EINVAL || r == -EMSGSIZE) {
		set(v, VERIFY_DAMAGED, r, "the signature is damaged: %s", why);
		return 0;
	}
	if (r < 0)
		return r;
	v->extra = k->trailer.signature.n - k->message.length;
	r = chain_read(&k->message, k->kernel, &embedded, &unchecked);
	if (r != -ENOMEM)
		r = !judge_content(k, r, v) && has_known_algorithms(k, v) && !judge_form(k, v) ?
			    judge_signers(k, &embedded, v) :
			    0;
	if (unchecked && (v->error == 0 || verify_is_soft(v->error)))
		set_without_mldsa(v);
	chains_done(k);
	cms_done(&k->message);
	buf_done(&k->attributes);
	return r;
}

/* ---- the trailer ---- */

/* The kernel's order: length, kind of signature, then the octets that must be zero. True: decided. */
static bool judge_trailer(const struct trailer *t, struct verify_result *v)
{
	bool sized = t->state == TRAILER_OK || t->signature.p;

	if (t->state == TRAILER_NONE)
		set(v, VERIFY_UNSIGNED, -ENODATA, "not signed");
	else if (!sized)
		set(v, VERIFY_DAMAGED, -EBADMSG, "the trailer's length leads outside the file");
	else if (t->id_type != TRAILER_PKCS7)
		set(v, VERIFY_UNSUPPORTED, -ENOPKG, "signed with a scheme other than PKCS#7 (kind %u)", t->id_type);
	else if (t->algo || t->hash || t->signer_len || t->key_id_len || t->pad[0] || t->pad[1] || t->pad[2])
		set(v, VERIFY_DAMAGED, -EBADMSG, "octets of the trailer that must be zero are not");
	else
		return false;
	return true;
}

int verify_bytes(struct span file, const struct keyring *ring, unsigned kernel, struct verify_result *ret)
{
	return verify_for(file, ring, (struct chain_kernel){ .version = kernel }, ret);
}

int verify_for(struct span file, const struct keyring *ring, struct chain_kernel kernel, struct verify_result *ret)
{
	struct checking k = { .ring = ring, .kernel = kernel, .trailer = trailer_read(file) };
	struct verify_result v = { 0 };
	int r = 0;

	v.stacked = siginfo_is_stacked(&k.trailer);
	if (!judge_trailer(&k.trailer, &v))
		r = judge_message(&k, &v);
	if (r < 0)
		return r;
	*ret = v;
	return 0;
}
