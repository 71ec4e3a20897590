// SPDX-License-Identifier: MIT
#include "verb/why/signature.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "read/efi/vars.h"
#include "read/image/siginfo.h"
#include "read/kernel/rings.h"
#include "decide/verdict/verdict.h"

static struct trust_fact fact(enum lock_answer a)
{
	return (struct trust_fact){ a == LOCK_UNKNOWN ? TRUST_UNKNOWN : a == LOCK_YES ? TRUST_YES : TRUST_NO, NULL, 0 };
}

/* As much of the machine as an explanation needs. Permissions were looked at before. */
static void read_machine(const struct cause_query *q, const struct lockstate *s, struct trust_machine *ret)
{
	const struct efi_guid global = EFI_GUID_GLOBAL;
	bool efi = root_exists(q->root, EFI_DIR);
	uint8_t on = 0;
	int r = efi_var_read_u8(q->root, "SecureBoot", &global, &on);

	*ret = (struct trust_machine){
		.efi = { efi ? TRUST_YES : TRUST_NO, NULL, 0 },
		.secure_boot = { r < 0 ? (efi ? TRUST_UNKNOWN : TRUST_NO) : on ? TRUST_YES : TRUST_NO, NULL, 0 },
		.shim_validation = { TRUST_UNKNOWN, NULL, 0 },
		.mok_trusted = { TRUST_UNKNOWN, NULL, 0 },
		.sig_checked = { TRUST_YES, NULL, 0 },
		.sig_enforce = fact(s->sig_enforce),
		.modules_disabled = { TRUST_NO, NULL, 0 },
		.may_load = { TRUST_YES, NULL, 0 },
		.lockdown = s->lockdown,
		.flavour = TRUST_DEBIAN, /* no ring is ruled out by guessing */
	};
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		ret->config[o] = KCONFIG_UNKNOWN;
}

/* Do the lists hold a certificate that the signature names by issuer and serial number? Compared as bytes. */
static bool names_a_key_in(const struct buf *lists, const struct siginfo *info)
{
	if (info->by_skid)
		return info->key_id.n && memmem(lists->p, lists->n, info->key_id.p, info->key_id.n);
	return info->issuer.n && info->key_id.n && memmem(lists->p, lists->n, info->issuer.p, info->issuer.n) &&
	       memmem(lists->p, lists->n, info->key_id.p, info->key_id.n);
}

static void look_for_key(const struct cause_query *q, const struct siginfo *info, struct trust_module *m)
{
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	_cleanup_efi_var_ struct efi_var pending = { 0 };
	enum efi_list_source source;

	m->signature = TRUST_SIG_UNKNOWN_KEY;
	m->signer = info->signer;
	if (*info->signer && proc_keys_have_name(q->root, info->signer) == 1) {
		m->signature = TRUST_SIG_MATCHED;
		m->ring = TRUST_RING_BUILTIN;
	}
	m->enrolled = efi_read_mok_list(q->root, "MokListRT", &enrolled, &source) == 0 && names_a_key_in(&enrolled, info);
	m->pending = efi_var_read(q->root, "MokNew", &shim, &pending) == 0 && names_a_key_in(&pending.data, info);
}

static void read_module(const struct cause_query *q, struct span file, struct siginfo *info, struct trust_module *ret)
{
	struct trailer t = trailer_read(file);

	*ret = (struct trust_module){ .is_elf = true, .signature = TRUST_SIG_NONE };
	if (t.state == TRAILER_NONE)
		return;
	if (t.state == TRAILER_DAMAGED) {
		ret->signature = TRUST_SIG_DAMAGED;
		return;
	}
	siginfo_read(&t, info);
	if (t.id_type != TRAILER_PKCS7)
		ret->signature = TRUST_SIG_SCHEME;
	else if (!info->parsed || info->has_content)
		ret->signature = TRUST_SIG_DAMAGED;
	else if (info->has_signed_attributes)
		ret->signature = TRUST_SIG_ATTRIBUTES;
	else
		look_for_key(q, info, ret);
}

static int add(struct strv *lines, const char *name, const char *what, const char *text)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "%s: %s%s", name, what, text);
	return strv_take(lines, buf_steal(&line));
}

int cause_trust(const struct cause_query *q, const struct lockstate *s, struct span file, struct strv *lines)
{
	_cleanup_buf_ struct buf cause = BUF_INIT, fix = BUF_INIT;
	struct siginfo info = { 0 };
	struct trust_machine machine;
	struct trust_module module;
	struct trust_verdict verdict;
	int r;

	read_machine(q, s, &machine);
	read_module(q, file, &info, &module);
	if (!trust_explain(&machine, -q->error, &module, &verdict))
		return 0;
	trust_cause(&machine, &module, &verdict, &cause);
	trust_fix(&machine, &module, &verdict, &fix);
	r = add(lines, q->name, "", buf_str(&cause));
	if (r >= 0)
		r = add(lines, q->name, "rule: ", verdict.rule);
	if (r >= 0 && fix.n)
		r = add(lines, q->name, "fix: ", buf_str(&fix));
	return r;
}
