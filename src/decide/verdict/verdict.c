// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "decide/verdict/verdict.h"

/* Bits of /proc/sys/kernel/tainted, in the order of the letters in /sys/module/NAME/taint. */
enum taint_bit {
	TAINT_PROPRIETARY = 1 << 0,
	TAINT_FORCED = 1 << 1,
	TAINT_STAGING = 1 << 10,
	TAINT_OUT_OF_TREE = 1 << 12,
	TAINT_UNSIGNED = 1 << 13,
	TAINT_LIVEPATCH = 1 << 15,
	TAINT_TEST = 1 << 18,
};

static const struct {
	uint32_t bit;
	char letter;
} taint_letters[] = {
	{ TAINT_PROPRIETARY, 'P' }, { TAINT_FORCED, 'F' },    { TAINT_STAGING, 'C' }, { TAINT_OUT_OF_TREE, 'O' },
	{ TAINT_UNSIGNED, 'E' },    { TAINT_LIVEPATCH, 'K' }, { TAINT_TEST, 'N' },
};

const char *trust_signature_name(enum trust_signature s)
{
	static const char *const names[TRUST_SIGS] = {
		"unsigned", "unsigned (forced)", "other scheme", "unsupported algorithm", "unknown key",
		"good",     "key matches",       "changed",      "signed attributes",     "revoked",
		"damaged",  "key of that name",
	};

	return names[s];
}

const char *trust_outcome_name(enum trust_outcome o)
{
	static const char *const names[] = { "loads", "taints", "refused", "unknown" };

	return names[o];
}

static const char rule_good[] = "its signature is valid and its key is in a ring that the kernel consults";
static const char rule_enforce[] = "module.sig_enforce is on: only modules with a valid signature are loaded";
static const char rule_lockdown[] = "the kernel is locked down: only modules with a valid signature are loaded";
static const char rule_pass[] = "nothing enforces signatures: it is loaded, and the kernel tainted";
static const char rule_hard[] = "a module that has a signature must have a valid one, whatever is enforced";

static const struct {
	const char *code, *text;
} rules[] = {
	[TRUST_RULE_UNREAD] = { "trust.unknown", "not everything that decides could be read" },
	[TRUST_RULE_UNSUPPORTED] = { "trust.no-support", "this kernel was built without support for modules" },
	[TRUST_RULE_DISABLED] = { "trust.modules-disabled",
				  "kernel.modules_disabled is set: nothing is loaded until reboot" },
	[TRUST_RULE_EMPTY] = { "trust.empty", "an empty file is not a module" },
	[TRUST_RULE_APPRAISED] = { "trust.appraised",
				   "this kernel was built without CONFIG_MODULE_SIG, and its IMA policy for "
				   "Secure Boot requires a signature in the file's security.ima, where there is none" },
	[TRUST_RULE_NOT_ELF] = { "trust.not-elf", "the file is not an ELF module for this machine" },
	[TRUST_RULE_BLACKLISTED] = { "trust.blacklisted", "module_blacklist= on the kernel command line names it" },
	[TRUST_RULE_NOT_CHECKED] = { "trust.not-checked",
				     "this kernel was built without CONFIG_MODULE_SIG: signatures are ignored" },
	[TRUST_RULE_GOOD] = { "trust.good", rule_good },
	[TRUST_RULE_MATCHED] = { "trust.matched", rule_good },
	[TRUST_RULE_CHANGED] = { "trust.changed", rule_hard },
	[TRUST_RULE_ATTRIBUTES] = { "trust.attributes", rule_hard },
	[TRUST_RULE_REVOKED] = { "trust.revoked", "keys and hashes in .blacklist are refused, whatever is enforced" },
	[TRUST_RULE_DAMAGED] = { "trust.damaged", rule_hard },
	[TRUST_RULE_REFUSED] = { "trust.refused", "the kernel refused it for its signature" },
	/* Of a soft failure: refused by enforcement, by lockdown, or let pass. */
	[TRUST_RULE_UNSIGNED_ENFORCED] = { "trust.unsigned-enforced", rule_enforce },
	[TRUST_RULE_UNSIGNED_LOCKDOWN] = { "trust.unsigned-lockdown", rule_lockdown },
	[TRUST_RULE_UNSIGNED] = { "trust.unsigned", rule_pass },
	[TRUST_RULE_FORCED_ENFORCED] = { "trust.forced-enforced", rule_enforce },
	[TRUST_RULE_FORCED_LOCKDOWN] = { "trust.forced-lockdown", rule_lockdown },
	[TRUST_RULE_FORCED] = { "trust.forced", rule_pass },
	[TRUST_RULE_SCHEME_ENFORCED] = { "trust.scheme-enforced", rule_enforce },
	[TRUST_RULE_SCHEME_LOCKDOWN] = { "trust.scheme-lockdown", rule_lockdown },
	[TRUST_RULE_SCHEME] = { "trust.scheme", rule_pass },
	[TRUST_RULE_ALGORITHM_ENFORCED] = { "trust.algorithm-enforced", rule_enforce },
	[TRUST_RULE_ALGORITHM_LOCKDOWN] = { "trust.algorithm-lockdown", rule_lockdown },
	[TRUST_RULE_ALGORITHM] = { "trust.algorithm", rule_pass },
	[TRUST_RULE_UNKNOWN_KEY_ENFORCED] = { "trust.unknown-key-enforced", rule_enforce },
	[TRUST_RULE_UNKNOWN_KEY_LOCKDOWN] = { "trust.unknown-key-lockdown", rule_lockdown },
	[TRUST_RULE_UNKNOWN_KEY] = { "trust.unknown-key", rule_pass },
};

void trust_verdict_set_rule(struct trust_verdict *v, enum trust_rule id)
{
	v->id = id;
	v->code = rules[id].code;
	v->rule = rules[id].text;
}

static void refuse(struct trust_verdict *v, int error, enum trust_rule id)
{
	*v = (struct trust_verdict){ .outcome = TRUST_REFUSED, .error = error };
	trust_verdict_set_rule(v, id);
}

static bool is_soft(enum trust_signature s)
{
	return s <= TRUST_SIG_UNKNOWN_KEY;
}

/* The rules of a soft failure follow one another: refused by enforcement, refused by lockdown, let pass. */
enum { SOFT_ENFORCED, SOFT_LOCKDOWN, SOFT_PASSED, SOFT_RULES };

static enum trust_rule soft_rule(enum trust_signature s, int which)
{
	return (enum trust_rule)(TRUST_RULE_UNSIGNED_ENFORCED + (int)s * SOFT_RULES + which);
}

/* Before 5.4 there was no lockdown upstream, and enforcement answered with the soft failure's own errno. */
static int enforced_errno(const struct trust_machine *m, enum trust_signature s)
{
	if (m->version == 0 || m->version >= 504)
		return EKEYREJECTED;
	return s == TRUST_SIG_UNKNOWN_KEY || s == TRUST_SIG_NONE || s == TRUST_SIG_FORCED ? ENOKEY : ENOPKG;
}

/* true: the signature's failure ends the load. */
static bool judge_soft(const struct trust_machine *m, enum trust_signature s, struct trust_verdict *v)
{
	if (m->sig_enforce.value == TRUST_YES) {
		refuse(v, enforced_errno(m, s), soft_rule(s, SOFT_ENFORCED));
		return true;
	}
	if (m->lockdown >= LOCKDOWN_INTEGRITY) {
		refuse(v, EPERM, soft_rule(s, SOFT_LOCKDOWN));
		return true;
	}
	trust_verdict_set_rule(v, soft_rule(s, SOFT_PASSED));
	v->tainted |= TAINT_UNSIGNED;
	return false;
}

static void judge_hard(const struct trust_module *mod, struct trust_verdict *v)
{
	switch (mod->signature) {
	case TRUST_SIG_CHANGED:
		refuse(v, mod->error ? mod->error : EKEYREJECTED, TRUST_RULE_CHANGED);
		break;
	case TRUST_SIG_ATTRIBUTES:
		refuse(v, EKEYREJECTED, TRUST_RULE_ATTRIBUTES);
		break;
	case TRUST_SIG_REVOKED:
		refuse(v, EKEYREJECTED, TRUST_RULE_REVOKED);
		break;
	default:
		refuse(v, mod->error ? mod->error : EBADMSG, TRUST_RULE_DAMAGED);
		break;
	}
}

/* true: decided. */
static bool judge_signature(const struct trust_machine *m, const struct trust_module *mod, struct trust_verdict *v)
{
	trust_verdict_set_rule(v, mod->signature == TRUST_SIG_MATCHED ? TRUST_RULE_MATCHED : TRUST_RULE_GOOD);
	if (m->sig_checked.value == TRUST_NO) {
		trust_verdict_set_rule(v, TRUST_RULE_NOT_CHECKED);
		return false;
	}
	if (mod->signature == TRUST_SIG_GOOD || mod->signature == TRUST_SIG_MATCHED)
		return false;
	if (is_soft(mod->signature) || mod->signature == TRUST_SIG_NAMED)
		return judge_soft(m, is_soft(mod->signature) ? mod->signature : TRUST_SIG_UNKNOWN_KEY, v);
	judge_hard(mod, v);
	return true;
}

void trust_taint_letters(uint32_t tainted, char ret[static 8])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(taint_letters) / sizeof(taint_letters[0]); i++)
		if (tainted & taint_letters[i].bit)
			ret[n++] = taint_letters[i].letter;
	ret[n] = '\0';
}

static void judge_taint(const struct trust_module *mod, struct trust_verdict *v)
{
	v->tainted |= (mod->proprietary ? TAINT_PROPRIETARY : 0u) | (mod->forced ? TAINT_FORCED : 0u) |
		      (mod->staging ? TAINT_STAGING : 0u) | (mod->out_of_tree ? TAINT_OUT_OF_TREE : 0u) |
		      (mod->livepatch ? TAINT_LIVEPATCH : 0u) | (mod->test ? TAINT_TEST : 0u);
	trust_taint_letters(v->tainted, v->taint);
	v->outcome = v->tainted ? TRUST_TAINTS : TRUST_LOADS;
}

/* Does the kernel load any module? Whether this process may do so is not a matter of the file. */
static bool judge_kernel(const struct trust_machine *m, struct trust_verdict *v)
{
	if (m->without_modules.value == TRUST_YES)
		refuse(v, ENOSYS, TRUST_RULE_UNSUPPORTED);
	else if (m->modules_disabled.value == TRUST_YES)
		refuse(v, EPERM, TRUST_RULE_DISABLED);
	else
		return false;
	return true;
}

/* The file is judged as it is read, before its appended signature. */
static bool is_appraised(const struct trust_machine *m, const struct trust_module *mod)
{
	return m->sig_checked.value == TRUST_NO && m->appraised.value == TRUST_YES && !mod->ima_signed;
}

#ifdef KMODCTL_SMALL
static bool loses_its_end(const struct trust_machine *m _unused_, const struct trust_module *mod _unused_)
{
	return false;
}
#else
/* The kernel takes a signature off before it looks at the object; it looks for none if the load is forced. */
static bool loses_its_end(const struct trust_machine *m, const struct trust_module *mod)
{
	return mod->is_cut && !mod->forced && m->sig_checked.value != TRUST_NO;
}
#endif

void trust_judge_known(const struct trust_machine *m, const struct trust_module *mod, struct trust_verdict *ret)
{
	struct trust_verdict v = { 0 };

	if (!judge_kernel(m, &v)) {
		if (mod->is_empty)
			refuse(&v, EINVAL, TRUST_RULE_EMPTY);
		else if (is_appraised(m, mod))
			refuse(&v, EACCES, TRUST_RULE_APPRAISED);
		else if (judge_signature(m, mod, &v))
			;
		else if (!mod->is_elf || loses_its_end(m, mod))
			refuse(&v, ENOEXEC, TRUST_RULE_NOT_ELF);
		else if (mod->blacklisted || m->denied.value == TRUST_YES)
			refuse(&v, EPERM, TRUST_RULE_BLACKLISTED);
		else
			judge_taint(mod, &v);
	}
	*ret = v;
}

bool trust_key_is_revoked(const struct trust_module *mod)
{
	return mod->signature == TRUST_SIG_REVOKED && (mod->blocked_in || mod->unfit);
}

bool trust_is_about_signature(const struct trust_verdict *v)
{
	return v->id > TRUST_RULE_NOT_CHECKED;
}

/* ---- what to do about it ---- */

static enum trust_remedy remedy_soft(const struct trust_machine *m, const struct trust_module *mod)
{
	switch (mod->signature) {
	case TRUST_SIG_UNKNOWN_KEY:
		if (mod->unused)
			return TRUST_REMEDY_FIT_KEY;
		return mod->other == TRUST_OTHER_BUILD                      ? TRUST_REMEDY_ITS_KERNEL :
		       mod->other == TRUST_OTHER_ISSUED && !mod->blocked_in ? TRUST_REMEDY_INCLUDE :
									      trust_remedy_of_place(m, mod);
	case TRUST_SIG_FORCED:
		return TRUST_REMEDY_UNFORCE;
	case TRUST_SIG_NONE:
		return m->efi.value == TRUST_YES ? TRUST_REMEDY_SIGN : TRUST_REMEDY_KERNEL_SIGNED;
	default:
		return TRUST_REMEDY_SIGN_AGAIN;
	}
}

enum trust_remedy trust_remedy(const struct trust_machine *m, const struct trust_module *mod,
			       const struct trust_verdict *v)
{
	if (v->outcome != TRUST_REFUSED || v->id == TRUST_RULE_UNREAD)
		return TRUST_REMEDY_NONE;
	if (v->id == TRUST_RULE_DISABLED)
		return TRUST_REMEDY_REBOOT;
	if (v->id == TRUST_RULE_UNSUPPORTED)
		return TRUST_REMEDY_OTHER_KERNEL;
	if (v->id == TRUST_RULE_BLACKLISTED)
		return TRUST_REMEDY_CMDLINE;
	if (v->id == TRUST_RULE_APPRAISED)
		return TRUST_REMEDY_APPRAISAL;
	if (!trust_is_about_signature(v))
		return TRUST_REMEDY_REBUILD;
	if (mod->signature == TRUST_SIG_REVOKED)
		return trust_key_is_revoked(mod) ? TRUST_REMEDY_OTHER_KEY : TRUST_REMEDY_NEWER;
	return is_soft(mod->signature) ? remedy_soft(m, mod) : TRUST_REMEDY_RESTORE;
}

#ifndef KMODCTL_SMALL
/* A certificate that was found is named. */
static void add_fix(const char *fix, const char *certificate, struct buf *into)
{
	static const char word[] = "CERTIFICATE";
	const char *at = certificate ? strstr(fix, word) : NULL;

	if (!at) {
		buf_adds(into, fix);
		return;
	}
	buf_add(into, fix, (size_t)(at - fix));
	buf_adds(into, certificate);
	buf_adds(into, at + strlen(word));
}

void trust_fix(const struct trust_machine *m, const struct trust_module *mod, const struct trust_verdict *v,
	       struct buf *into)
{
	static const char *const fixes[] = {
		[TRUST_REMEDY_NONE] = "",
		[TRUST_REMEDY_REBOOT] = "reboot; what sets kernel.modules_disabled must run after the last load",
		[TRUST_REMEDY_OTHER_KERNEL] = "use a kernel with modules: this one has only what is built in",
		[TRUST_REMEDY_CMDLINE] = "take the name out of module_blacklist= on the kernel command line, and "
					 "reboot",
		[TRUST_REMEDY_REBUILD] = "build or install the module again",
		[TRUST_REMEDY_APPRAISAL] = "evmctl ima_sign --key KEY FILE, with a key whose certificate is in the "
					   "ring .ima; or boot without Secure Boot",
		[TRUST_REMEDY_OTHER_KEY] = "sign it with another key: this one was withdrawn",
		[TRUST_REMEDY_NEWER] = "install a newer module: this one was withdrawn",
		[TRUST_REMEDY_CONFIRM] = "reboot and confirm the enrolment in MokManager",
		[TRUST_REMEDY_SECURE_BOOT] = "switch Secure Boot on, or boot without module.sig_enforce and lockdown=",
		[TRUST_REMEDY_TRUST_MOK] = "kmodctl mok trust, reboot and confirm in MokManager",
		[TRUST_REMEDY_IMPORT] = "kmodctl mok import CERTIFICATE, reboot and confirm in MokManager; or sign it "
					"with an enrolled key",
		[TRUST_REMEDY_INCLUDE] = "kmodctl sign it again with --include-cert: the kernel checks the certificate "
					 "in the signature by its issuer's key; or kmodctl mok import CERTIFICATE, "
					 "reboot and confirm in MokManager",
		[TRUST_REMEDY_CA_KEY] = "sign it with a key whose certificate has CA:TRUE and keyCertSign, and enroll "
					"that: this kernel takes no other from the MOK list",
		[TRUST_REMEDY_FIT_KEY] = "make a key that this kernel takes, sign with it and enroll it: kmodctl key "
					 "generate --type rsa4096",
		[TRUST_REMEDY_LOG] = "journalctl -k -b -g 'X.509|MOK' shows why the kernel did not take the key",
		[TRUST_REMEDY_IMPORT_AND_TRUST] = "kmodctl mok import CERTIFICATE, kmodctl mok trust, reboot and "
						  "confirm both in MokManager",
		[TRUST_REMEDY_ITS_KERNEL] = "reboot into the kernel that these modules belong to, or install those of "
					    "the running one",
		[TRUST_REMEDY_KERNEL_KEY] = "sign it with a key that the kernel was built with, or boot without "
					    "module.sig_enforce and lockdown=",
		[TRUST_REMEDY_UNFORCE] = "load it without --force",
		[TRUST_REMEDY_SIGN] = "kmodctl sign it with a key that is enrolled (kmodctl mok import)",
		[TRUST_REMEDY_KERNEL_SIGNED] = "use a module signed by the kernel's own key, or boot without "
					       "module.sig_enforce and lockdown=",
		[TRUST_REMEDY_SIGN_AGAIN] = "kmodctl sign it again, with sha256 and an RSA or ECDSA key",
		[TRUST_REMEDY_RESTORE] = "install the module again, or kmodctl sign it as the last step after strip",
	};

	if (v->id == TRUST_RULE_UNREAD)
		trust_unread_fix(m, mod, v, into);
	else
		add_fix(fixes[trust_remedy(m, mod, v)], mod->certificate, into);
}
#endif

/* ---- from the errno back ---- */

/* A state that explains this errno, other than those that were ruled out by examining the file. */
static enum trust_signature likeliest(int error, const struct trust_module *seen)
{
	bool is_signed = seen->signature != TRUST_SIG_NONE;

	switch (error) {
	case EBADMSG:
		return TRUST_SIG_DAMAGED;
	case ENOPKG:
		return TRUST_SIG_ALGORITHM;
	case ENOKEY:
		return is_signed ? TRUST_SIG_UNKNOWN_KEY : TRUST_SIG_NONE;
	default: /* EKEYREJECTED, which enforcement does not explain: the content changed */
		return is_signed ? TRUST_SIG_CHANGED : TRUST_SIG_NONE;
	}
}

bool trust_explain(const struct trust_machine *m, int error, struct trust_module *seen, struct trust_verdict *ret)
{
	bool about_keys = error == EKEYREJECTED || error == ENOKEY || error == EBADMSG || error == ENOPKG;

	if (!about_keys && error != EPERM)
		return false;
	trust_judge_known(m, seen, ret);
	if (ret->outcome == TRUST_REFUSED && ret->error == error)
		return true;
	if (!about_keys)
		return false;
	seen->signature = likeliest(error, seen);
	trust_judge_known(m, seen, ret);
	if (ret->outcome != TRUST_REFUSED)
		refuse(ret, error, TRUST_RULE_REFUSED);
	ret->error = error;
	return true;
}
