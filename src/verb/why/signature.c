// SPDX-License-Identifier: MIT
/*
 * The module's signature without a crypto library: the certificate that a signature names by issuer and serial number
 * is looked for in shim's lists and in the kernel's image. A key in /proc/keys is known only by its name, which does
 * not prove that it is the same key.
 */
#include "verb/why/signature.h"

#include <errno.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hex.h"
#include "read/efi/vars.h"
#include "read/image/der.h"
#include "read/image/siginfo.h"
#include "read/image/vmlinuz.h"
#include "read/kernel/rings.h"
#include "verb/why/parts.h"

#define KEY_FILE_MAX 65536

static const enum why_weight weights[] = {
	[TRUST_LOADS] = WHY_FACT,
	[TRUST_TAINTS] = WHY_NOTE,
	[TRUST_REFUSED] = WHY_OBSTACLE,
	[TRUST_UNDECIDED] = WHY_NOTE,
};

struct evidence {
	struct subject *s;
	struct trust_machine machine;
	struct siginfo info;
	struct trust_module module;
	struct buf own_key, other_key; /* key ids in hex */
	bool in_doubt;                 /* a ring that is consulted may or may not hold its key */
};

struct trust_machine signature_machine(const struct machine_reading *reading)
{
	struct trust_machine m = reading->machine;

	m.modules_disabled.value = m.without_modules.value = TRUST_NO;
	return m;
}

int signature_add(struct why *found, const struct trust_machine *machine, const struct trust_module *module,
		  const struct trust_verdict *v)
{
	_cleanup_buf_ struct buf text = BUF_INIT, cause = BUF_INIT, fix = BUF_INIT;
	int r;

	trust_cause(machine, module, v, &cause);
	trust_fix(machine, module, v, &fix);
	buf_addf(&text, "%s: ", trust_outcome_name(v->outcome));
	if (v->outcome == TRUST_UNDECIDED) {
		trust_unread_text(machine, module, v, &text);
		buf_adds(&text, ": ");
	}
	buf_adds(&text, buf_str(&cause));
	if (v->outcome == TRUST_REFUSED && trust_is_about_signature(v))
		buf_addf(&text, "; %s", v->rule);
	if (buf_error(&text) || buf_error(&cause) || buf_error(&fix))
		return -ENOMEM;
	r = why_add(found, weights[v->outcome], v->outcome == TRUST_UNDECIDED ? WHY_SIGNATURE_UNKNOWN : WHY_SIGNATURE,
		    NULL, "%s", buf_str(&text));
	if (r < 0)
		return r;
	why_word(found, v->code);
	return fix.n ? why_fix(found, "%s", buf_str(&fix)) : 0;
}

/* ---- its key ---- */

/* What a list has of the signer's issuer: the certificate itself, or another one of that name. */
enum likeness { FOREIGN, OTHER_KEY, SAME_KEY };

/* The certificate of another key that has the name of the signature's issuer. */
struct namesake {
	struct span serial;
	bool is_ca;
};

#ifdef KMODCTL_SMALL
/* Issuer and serial number, or the key identifier, compared as bytes. */
static enum likeness find_key(struct span lists, const struct siginfo *info, struct namesake *ret _unused_)
{
	return info->key_id.n && memmem(lists.p, lists.n, info->key_id.p, info->key_id.n) &&
			       (info->by_skid ||
				(info->issuer.n && memmem(lists.p, lists.n, info->issuer.p, info->issuer.n))) ?
		       SAME_KEY :
		       FOREIGN;
}
#else
/* What of a certificate (RFC 5280, 4.1) tells keys apart. */
struct certificate {
	struct der_item issuer, subject;
	struct span serial, extensions; /* these with the key before them */
};

static bool read_certificate(struct span in, struct certificate *ret)
{
	struct der_item outer, tbs, item, serial;

	if (der_expect(&in, DER_SEQUENCE, &outer) < 0 || der_expect(&outer.body, DER_SEQUENCE, &tbs) < 0 ||
	    der_optional(&tbs.body, DER_CONTEXT_0, &item) < 0 || der_expect(&tbs.body, DER_INTEGER, &serial) < 0 ||
	    der_expect(&tbs.body, DER_SEQUENCE, &item) < 0 || der_expect(&tbs.body, DER_SEQUENCE, &ret->issuer) < 0 ||
	    der_expect(&tbs.body, DER_SEQUENCE, &item) < 0 || der_expect(&tbs.body, DER_SEQUENCE, &ret->subject) < 0)
		return false;
	ret->extensions = tbs.body;
	ret->serial = serial.body;
	if (serial.body.n > 1 && serial.body.p[0] == 0)
		ret->serial = span_of(serial.body.p + 1, serial.body.n - 1);
	return true;
}

/* basicConstraints (RFC 5280, 4.2.1.9): its identifier, if critical, and a string of the value: cA first. */
static bool is_ca(const struct certificate *c)
{
	static const uint8_t id[] = { DER_OID, 3, 0x55, 0x1d, 0x13 };
	const uint8_t *p = memmem(c->extensions.p, c->extensions.n, id, sizeof(id));
	struct der_item item, octets, value;
	struct span in;

	if (!p)
		return false;
	in = span_of(p + sizeof(id), c->extensions.n - (size_t)(p + sizeof(id) - c->extensions.p));
	return der_optional(&in, DER_BOOLEAN, &item) >= 0 && der_expect(&in, DER_OCTET_STRING, &octets) == 0 &&
	       der_expect(&octets.body, DER_SEQUENCE, &value) == 0 &&
	       der_expect(&value.body, DER_BOOLEAN, &item) == 0 && item.body.n == 1 && item.body.p[0];
}

/* A key identifier is long and random: where its bytes are, that key is. Of a name, certificates are compared. */
static enum likeness find_key(struct span lists, const struct siginfo *info, struct namesake *ret)
{
	enum likeness best = FOREIGN;
	const uint8_t *p;

	if (info->by_skid)
		return info->key_id.n && memmem(lists.p, lists.n, info->key_id.p, info->key_id.n) ? SAME_KEY : FOREIGN;
	while (best != SAME_KEY && lists.n > 0 && (p = memchr(lists.p, DER_SEQUENCE, lists.n))) {
		struct certificate c;

		lists = span_of(p, lists.n - (size_t)(p - lists.p));
		if (read_certificate(lists, &c) && info->issuer.n > 0) {
			if (span_eq(c.issuer.whole, info->issuer) && span_eq(c.serial, info->key_id))
				best = SAME_KEY;
			else if (span_eq(c.subject.whole, info->issuer)) {
				best = OTHER_KEY;
				*ret = (struct namesake){ c.serial, is_ca(&c) };
			}
		}
		lists = span_of(lists.p + 1, lists.n - 1);
	}
	return best;
}
#endif

static void set_matched(struct trust_module *m)
{
	m->signature = TRUST_SIG_MATCHED;
	m->maybe = 1u << TRUST_SIG_CHANGED;
	m->unread = "the content, which was not checked";
}

/* The ring into which the kernel put an enrolled certificate may depend on whether it is a CA's, which is not known. */
static void place_enrolled(struct evidence *e)
{
	unsigned rings = trust_rings_for(&e->machine, TRUST_FROM_MOK, 0) |
			 trust_rings_for(&e->machine, TRUST_FROM_MOK, TRUST_USE_OF_CA);
	const char *why;
	enum trust_answer asked = trust_rings_asked(&e->machine, rings, &why);

	e->module.ring = trust_ring_for(&e->machine, TRUST_FROM_MOK, 0);
	e->in_doubt = asked == TRUST_UNKNOWN;
	/* Rings that are shown without a key of its name prove that the kernel did not take it. */
	if (asked == TRUST_YES && proc_keys_count_name(&e->s->q->sys->root, e->info.signer) == 0)
		e->module.ring = TRUST_RING_NONE;
	else if (asked == TRUST_YES)
		set_matched(&e->module);
}

#ifdef KMODCTL_SMALL
static void find_file(struct evidence *e _unused_)
{
}

static int set_other(struct evidence *e, const struct namesake *n _unused_)
{
	e->in_doubt = true;
	return 0;
}

static int look_at_kernel(struct evidence *e _unused_)
{
	return 0;
}

static void look_at_forbidden(struct evidence *e _unused_)
{
}
#else
const struct signature_key_file signature_key_files[SIGNATURE_KEY_FILES] = {
	{ "/var/lib/dkms/mok.key", "/var/lib/dkms/mok.pub" },
	{ "/var/lib/shim-signed/mok/MOK.priv", "/var/lib/shim-signed/mok/MOK.der" },
	{ "/etc/pki/akmods/private/private_key.priv", "/etc/pki/akmods/certs/public_key.der" },
};

static void find_file(struct evidence *e)
{
	for (size_t i = 0; i < SIGNATURE_KEY_FILES && !e->module.certificate; i++) {
		const char *path = signature_key_files[i].certificate;
		_cleanup_buf_ struct buf der = BUF_INIT;
		struct namesake n;

		if (file_read(&e->s->q->sys->root, path, KEY_FILE_MAX, &der) == 0 &&
		    find_key(buf_span(&der), &e->info, &n) == SAME_KEY)
			e->module.certificate = path;
	}
}

static int set_namesake(struct evidence *e, const struct namesake *n, enum trust_other kind, enum trust_ring ring)
{
	struct trust_module *m = &e->module;
	int r = hex_colons(e->info.key_id, 0, &e->own_key);

	if (r == 0)
		r = hex_colons(n->serial, 0, &e->other_key);
	m->other = kind;
	m->other_ring = ring;
	m->own_key = buf_str(&e->own_key);
	m->other_key = buf_str(&e->other_key);
	/* Another ring may have one more key of that name. */
	e->in_doubt = proc_keys_count_name(&e->s->q->sys->root, e->info.signer) != 1;
	return r;
}

/* The list has the certificate of another key that is called so. */
static int set_other(struct evidence *e, const struct namesake *n)
{
	return set_namesake(e, n, n->is_ca ? TRUST_OTHER_ISSUED : TRUST_OTHER_NAMESAKE,
			    trust_ring_for(&e->machine, TRUST_FROM_MOK, 0));
}

/* The running kernel's own key has the same name in every build of it: the one in its image is compared. */
static int look_at_kernel(struct evidence *e)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	struct namesake n;
	int r = vmlinuz_read(&e->s->q->sys->root, e->s->q->release, &image);
	enum likeness found = r == 0 ? find_key(buf_span(&image), &e->info, &n) : FOREIGN;

	if (found == OTHER_KEY)
		return set_namesake(e, &n, TRUST_OTHER_BUILD, TRUST_RING_BUILTIN);
	if (found == SAME_KEY) {
		e->in_doubt = false;
		e->module.ring = TRUST_RING_BUILTIN;
		set_matched(&e->module);
	}
	return r == -ENOMEM ? r : 0;
}

static void find_forbidden(struct evidence *e, struct span list, const char *name, enum trust_origin origin)
{
	struct namesake n;

	if (e->module.blocked_in || find_key(list, &e->info, &n) != SAME_KEY)
		return;
	e->module.blocked_in = name;
	if (trust_ring_for(&e->machine, origin, 0) != TRUST_RING_BLACKLIST)
		return;
	e->module.signature = TRUST_SIG_REVOKED;
	e->in_doubt = false;
}

static void look_at_forbidden(struct evidence *e)
{
	const struct root *root = &e->s->q->sys->root;
	const struct efi_guid security = EFI_GUID_SECURITY;
	_cleanup_efi_var_ struct efi_var dbx = { 0 };
	_cleanup_buf_ struct buf mokx = BUF_INIT;
	enum efi_list_source source;

	if (efi_var_read(root, "dbx", &security, &dbx) == 0)
		find_forbidden(e, buf_span(&dbx.data), "dbx", TRUST_FROM_DBX);
	if (efi_read_mok_list(root, "MokListXRT", &mokx, &source) == 0)
		find_forbidden(e, buf_span(&mokx), "MokListXRT", TRUST_FROM_MOKX);
}
#endif

static int look_for_key(struct evidence *e)
{
	const struct root *root = &e->s->q->sys->root;
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	_cleanup_efi_var_ struct efi_var pending = { 0 };
	enum efi_list_source source;
	enum likeness in_list = FOREIGN;
	struct trust_module *m = &e->module;
	struct namesake namesake, none;
	int r = 0;

	m->signature = TRUST_SIG_UNKNOWN_KEY;
	m->signer = e->info.signer;
	if (efi_read_mok_list(root, "MokListRT", &enrolled, &source) == 0)
		in_list = find_key(buf_span(&enrolled), &e->info, &namesake);
	m->enrolled = in_list == SAME_KEY;
	m->pending = efi_var_read(root, "MokNew", &shim, &pending) == 0 &&
		     find_key(buf_span(&pending.data), &e->info, &none) == SAME_KEY;
	if (m->enrolled)
		place_enrolled(e);
	else if (in_list == OTHER_KEY)
		r = set_other(e, &namesake);
	else {
		int named = *e->info.signer ? proc_keys_count_name(root, e->info.signer) : -ENOENT;

		e->in_doubt = named != 0;
		r = named > 0 ? look_at_kernel(e) : 0;
	}
	if (!m->enrolled && !m->pending)
		find_file(e);
	/* These need more than one name to be looked for. */
	e->in_doubt |= !m->enrolled && (e->info.has_certificates || e->info.n_signers > 1);
	look_at_forbidden(e);
	return r;
}

static int read_module(struct evidence *e, struct span file)
{
	struct trailer t = trailer_read(file);
	struct trust_module *m = &e->module;

	*m = (struct trust_module){ .is_elf = true, .signature = TRUST_SIG_NONE };
	if (t.state == TRAILER_NONE)
		return 0;
	if (t.state == TRAILER_DAMAGED) {
		m->signature = TRUST_SIG_DAMAGED;
		return 0;
	}
	siginfo_read(&t, &e->info);
	if (t.id_type != TRAILER_PKCS7)
		m->signature = TRUST_SIG_SCHEME;
	else if (!e->info.parsed || e->info.has_content)
		m->signature = TRUST_SIG_DAMAGED;
	else if (e->info.has_signed_attributes)
		m->signature = TRUST_SIG_ATTRIBUTES;
	else
		return look_for_key(e);
	return 0;
}

/* ---- the verdict ---- */

/* A missing key and a change of the module both explain the kernel's answer. */
static bool is_ambiguous(const struct evidence *e, int error)
{
	struct trust_module changed = e->module;
	struct trust_verdict v;

	changed.signature = TRUST_SIG_CHANGED;
	trust_judge(&e->machine, &changed, &v);
	return e->in_doubt && v.error == error;
}

static int tell_ambiguous(struct evidence *e)
{
	struct why *found = e->s->found;
	int r = why_add(found, WHY_OBSTACLE, WHY_SIGNATURE, NULL,
			"refused: signed by \"%s\"; either the kernel does not have that key, or the module was changed"
			" after it was signed",
			*e->info.signer ? e->info.signer : "an unnamed key");

	if (r < 0)
		return r;
	why_word(found, "trust.refused");
	r = why_fix(found, "`kmodctl trust %s` examines which it is", e->s->path);
	return r < 0 ? r : why_command(found, "kmodctl", "trust", "--", e->s->path);
}

/* The kernel's answer is evidence, too: it looked at signatures. */
static int explain(struct evidence *e, int error)
{
	struct trust_verdict v;

	e->machine.sig_checked.value = TRUST_YES;
	if (is_ambiguous(e, error))
		return tell_ambiguous(e);
	if (!trust_explain(&e->machine, error, &e->module, &v))
		return 0;
	return signature_add(e->s->found, &e->machine, &e->module, &v);
}

static int judge(struct evidence *e)
{
	struct trust_verdict v;

	if (e->in_doubt)
		return 0;
	trust_judge(&e->machine, &e->module, &v);
	return signature_add(e->s->found, &e->machine, &e->module, &v);
}

/* Also of a file that is not ELF: the kernel looks at the signature first. */
static int read_and_judge(struct subject *s)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	struct evidence e = { .s = s };
	struct span file;
	int r = source_whole(s->src, &file);

	if (r >= 0)
		r = machine_read(s->q->sys, &reading);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	e.machine = signature_machine(&reading);
	r = read_module(&e, file);
	if (r == 0)
		r = s->refused ? explain(&e, -s->refused) : judge(&e);
	buf_done(&e.own_key);
	buf_done(&e.other_key);
	return r;
}

int why_signature(struct subject *s)
{
	if (!s->src || (!s->is_elf && !s->refused))
		return 0;
	return s->q->signature ? s->q->signature(s->q->sys, s->path, s->found) : read_and_judge(s);
}
