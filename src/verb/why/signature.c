// SPDX-License-Identifier: MIT
/*
 * The module's signature without a crypto library: the certificate that a signature names by issuer and serial number
 * is looked for, as bytes, in shim's lists. A key in /proc/keys is known only by its name, which does not prove that
 * it is the same key.
 */
#include "verb/why/signature.h"

#include <errno.h>
#include <string.h>

#include "read/efi/vars.h"
#include "read/image/siginfo.h"
#include "read/kernel/rings.h"
#include "verb/why/parts.h"

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
	bool in_doubt; /* a ring that is consulted may or may not hold its key */
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
	r = why_add(found, weights[v->outcome], WHY_SIGNATURE, NULL, "%s", buf_str(&text));
	if (r < 0)
		return r;
	why_word(found, v->code);
	return fix.n ? why_fix(found, "%s", buf_str(&fix)) : 0;
}

/* ---- its key ---- */

/* Do the lists hold a certificate that the signature names by issuer and serial number? Compared as bytes. */
static bool names_a_key_in(const struct buf *lists, const struct siginfo *info)
{
	if (info->by_skid)
		return info->key_id.n && memmem(lists->p, lists->n, info->key_id.p, info->key_id.n);
	return info->issuer.n && info->key_id.n && memmem(lists->p, lists->n, info->issuer.p, info->issuer.n) &&
	       memmem(lists->p, lists->n, info->key_id.p, info->key_id.n);
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
	if (asked == TRUST_YES && proc_keys_have_name(&e->s->q->sys->root, e->info.signer) == 0)
		e->module.ring = TRUST_RING_NONE;
	else if (asked == TRUST_YES)
		e->module.signature = TRUST_SIG_MATCHED;
}

static void look_for_key(struct evidence *e)
{
	const struct root *root = &e->s->q->sys->root;
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	_cleanup_efi_var_ struct efi_var pending = { 0 };
	enum efi_list_source source;
	struct trust_module *m = &e->module;

	m->signature = TRUST_SIG_UNKNOWN_KEY;
	m->signer = e->info.signer;
	m->enrolled =
		efi_read_mok_list(root, "MokListRT", &enrolled, &source) == 0 && names_a_key_in(&enrolled, &e->info);
	m->pending = efi_var_read(root, "MokNew", &shim, &pending) == 0 && names_a_key_in(&pending.data, &e->info);
	if (m->enrolled)
		place_enrolled(e);
	else
		e->in_doubt = !*e->info.signer || proc_keys_have_name(root, e->info.signer) != 0;
}

static void read_module(struct evidence *e, struct span file)
{
	struct trailer t = trailer_read(file);
	struct trust_module *m = &e->module;

	*m = (struct trust_module){ .is_elf = true, .signature = TRUST_SIG_NONE };
	if (t.state == TRAILER_NONE)
		return;
	if (t.state == TRAILER_DAMAGED) {
		m->signature = TRUST_SIG_DAMAGED;
		return;
	}
	siginfo_read(&t, &e->info);
	if (t.id_type != TRAILER_PKCS7)
		m->signature = TRUST_SIG_SCHEME;
	else if (!e->info.parsed || e->info.has_content)
		m->signature = TRUST_SIG_DAMAGED;
	else if (e->info.has_signed_attributes)
		m->signature = TRUST_SIG_ATTRIBUTES;
	else
		look_for_key(e);
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
	read_module(&e, file);
	return s->refused ? explain(&e, -s->refused) : judge(&e);
}

int why_signature(struct subject *s)
{
	if (!s->src || (!s->is_elf && !s->refused))
		return 0;
	return s->q->signature ? s->q->signature(s->q->sys, s->path, s->found) : read_and_judge(s);
}
