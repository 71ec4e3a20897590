// SPDX-License-Identifier: MIT
#include "decide/verdict/verdict.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
		"damaged",
	};

	return names[s];
}

const char *trust_outcome_name(enum trust_outcome o)
{
	static const char *const names[] = { "loads", "taints", "refused", "unknown" };

	return names[o];
}

static void refuse(struct trust_verdict *v, int error, const char *code, const char *rule)
{
	*v = (struct trust_verdict){ .outcome = TRUST_REFUSED, .error = error, .code = code, .rule = rule };
}

static bool is_soft(enum trust_signature s)
{
	return s <= TRUST_SIG_UNKNOWN_KEY;
}

static const char rule_enforce[] = "module.sig_enforce is on: only modules with a valid signature are loaded";
static const char rule_lockdown[] = "the kernel is locked down: only modules with a valid signature are loaded";

/* Codes of a soft failure: refused by enforcement, refused by lockdown, let pass. */
struct soft_codes {
	const char *enforced, *locked, *passed;
};

static const struct soft_codes soft[] = {
	[TRUST_SIG_NONE] = { "trust.unsigned-enforced", "trust.unsigned-lockdown", "trust.unsigned" },
	[TRUST_SIG_FORCED] = { "trust.forced-enforced", "trust.forced-lockdown", "trust.forced" },
	[TRUST_SIG_SCHEME] = { "trust.scheme-enforced", "trust.scheme-lockdown", "trust.scheme" },
	[TRUST_SIG_ALGORITHM] = { "trust.algorithm-enforced", "trust.algorithm-lockdown", "trust.algorithm" },
	[TRUST_SIG_UNKNOWN_KEY] = { "trust.unknown-key-enforced", "trust.unknown-key-lockdown", "trust.unknown-key" },
};

/* Before 5.4 there was no lockdown upstream, and enforcement answered with the soft failure's own errno. */
static int enforced_errno(const struct trust_machine *m, enum trust_signature s)
{
	if (m->version == 0 || m->version >= 504)
		return EKEYREJECTED;
	return s == TRUST_SIG_UNKNOWN_KEY || s == TRUST_SIG_NONE || s == TRUST_SIG_FORCED ? ENOKEY : ENOPKG;
}

/* true: the signature's failure ends the load. */
static bool judge_soft(const struct trust_machine *m, const struct trust_module *mod, struct trust_verdict *v)
{
	const struct soft_codes *codes = &soft[mod->signature];

	if (m->sig_enforce.value == TRUST_YES) {
		refuse(v, enforced_errno(m, mod->signature), codes->enforced, rule_enforce);
		return true;
	}
	if (m->lockdown >= LOCKDOWN_INTEGRITY) {
		refuse(v, EPERM, codes->locked, rule_lockdown);
		return true;
	}
	v->code = codes->passed;
	v->rule = "nothing enforces signatures: it is loaded, and the kernel tainted";
	v->tainted |= TAINT_UNSIGNED;
	return false;
}

static void judge_hard(const struct trust_module *mod, struct trust_verdict *v)
{
	static const char rule[] = "a signature that is there must be right, whatever is enforced";

	switch (mod->signature) {
	case TRUST_SIG_CHANGED:
		refuse(v, EKEYREJECTED, "trust.changed", rule);
		break;
	case TRUST_SIG_ATTRIBUTES:
		refuse(v, EKEYREJECTED, "trust.attributes", rule);
		break;
	case TRUST_SIG_REVOKED:
		refuse(v, EKEYREJECTED, "trust.revoked", "what .blacklist names is refused, whatever is enforced");
		break;
	default:
		refuse(v, EBADMSG, "trust.damaged", rule);
		break;
	}
}

/* true: decided. */
static bool judge_signature(const struct trust_machine *m, const struct trust_module *mod, struct trust_verdict *v)
{
	v->code = mod->signature == TRUST_SIG_MATCHED ? "trust.matched" : "trust.good";
	v->rule = "its signature is valid and its key is on a ring that is asked";
	if (m->sig_checked.value == TRUST_NO) {
		v->code = "trust.not-checked";
		v->rule = "this kernel was built without CONFIG_MODULE_SIG: signatures are not looked at";
		return false;
	}
	if (mod->signature == TRUST_SIG_GOOD || mod->signature == TRUST_SIG_MATCHED)
		return false;
	if (is_soft(mod->signature))
		return judge_soft(m, mod, v);
	judge_hard(mod, v);
	return true;
}

static void judge_taint(const struct trust_module *mod, struct trust_verdict *v)
{
	size_t n = 0;

	v->tainted |= (mod->proprietary ? TAINT_PROPRIETARY : 0u) | (mod->forced ? TAINT_FORCED : 0u) |
		      (mod->staging ? TAINT_STAGING : 0u) | (mod->out_of_tree ? TAINT_OUT_OF_TREE : 0u) |
		      (mod->livepatch ? TAINT_LIVEPATCH : 0u) | (mod->test ? TAINT_TEST : 0u);
	for (size_t i = 0; i < sizeof(taint_letters) / sizeof(taint_letters[0]); i++)
		if (v->tainted & taint_letters[i].bit)
			v->taint[n++] = taint_letters[i].letter;
	v->taint[n] = '\0';
	v->outcome = n ? TRUST_TAINTS : TRUST_LOADS;
}

/* The permission to load anything at all. */
static bool judge_permission(const struct trust_machine *m, struct trust_verdict *v)
{
	if (m->modules_disabled.value == TRUST_YES)
		refuse(v, EPERM, "trust.modules-disabled",
		       "kernel.modules_disabled is set: nothing is loaded until reboot");
	else if (m->may_load.value == TRUST_NO)
		refuse(v, EPERM, "trust.not-permitted", "loading needs CAP_SYS_MODULE in the first user namespace");
	else
		return false;
	return true;
}

void trust_judge(const struct trust_machine *m, const struct trust_module *mod, struct trust_verdict *ret)
{
	struct trust_verdict v = { 0 };

	if (!judge_permission(m, &v)) {
		if (mod->is_empty)
			refuse(&v, EINVAL, "trust.empty", "an empty file is no module");
		else if (judge_signature(m, mod, &v))
			;
		else if (!mod->is_elf)
			refuse(&v, ENOEXEC, "trust.not-elf", "the file is not an ELF module");
		else if (mod->blacklisted)
			refuse(&v, EPERM, "trust.blacklisted", "module_blacklist= on the kernel command line names it");
		else
			judge_taint(mod, &v);
	}
	*ret = v;
}

/* ---- for people ---- */

static const char *signer(const struct trust_module *mod)
{
	return mod->signer && *mod->signer ? mod->signer : "an unnamed key";
}

static void cause_unknown_key(const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	const char *why;

	buf_addf(into, "signed by \"%s\", whose key no ring holds that this kernel asks about modules", signer(mod));
	if (mod->ring != TRUST_RING_NONE && !trust_ring_is_used(m, mod->ring, &why))
		buf_addf(into, "; it is in %s: %s", trust_ring_name(mod->ring), why);
	else if (mod->pending)
		buf_adds(into, "; its enrolment waits for a reboot");
	else if (mod->enrolled)
		buf_adds(into, "; it is enrolled as MOK, but the kernel reads the MOK list under Secure Boot only");
}

static void cause_revoked(const struct trust_module *mod, struct buf *into)
{
	if (mod->blocked_in)
		buf_addf(into, "the key of \"%s\" is revoked: %s has it, and so has .blacklist", signer(mod),
			 mod->blocked_in);
	else
		buf_addf(into, "signed by \"%s\", but the digest of this very file is on .blacklist", signer(mod));
}

static void cause_signature(const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	switch (mod->signature) {
	case TRUST_SIG_NONE:
		buf_adds(into, "the module is not signed");
		break;
	case TRUST_SIG_FORCED:
		buf_adds(into, "the load was forced, which makes the kernel ignore the signature");
		break;
	case TRUST_SIG_SCHEME:
		buf_adds(into, "the signature is of a kind that this kernel does not know (not PKCS#7)");
		break;
	case TRUST_SIG_ALGORITHM:
		buf_addf(into, "signed by \"%s\" with a hash or key type that this kernel does not have", signer(mod));
		break;
	case TRUST_SIG_UNKNOWN_KEY:
		cause_unknown_key(m, mod, into);
		break;
	case TRUST_SIG_GOOD:
		buf_addf(into, "signed by \"%s\" in %s", signer(mod), trust_ring_name(mod->ring));
		break;
	case TRUST_SIG_MATCHED:
		buf_addf(into, "signed by \"%s\", a key of that name is in %s; the content was not checked",
			 signer(mod), trust_ring_name(mod->ring));
		break;
	case TRUST_SIG_CHANGED:
		buf_addf(into, "the module was changed (stripped?) after \"%s\" signed it", signer(mod));
		break;
	case TRUST_SIG_ATTRIBUTES:
		buf_adds(into, "the signature carries signed attributes, which the kernel does not take");
		break;
	case TRUST_SIG_REVOKED:
		cause_revoked(mod, into);
		break;
	case TRUST_SIG_DAMAGED:
	case TRUST_SIGS:
		buf_adds(into, "the signature is damaged");
		break;
	}
}

bool trust_is_about_signature(const struct trust_verdict *v)
{
	static const char *const others[] = { "trust.modules-disabled", "trust.not-permitted", "trust.empty",
					      "trust.not-elf",          "trust.blacklisted",   "trust.not-checked" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(v->code, others[i]) == 0)
			return false;
	return true;
}

void trust_cause(const struct trust_machine *m, const struct trust_module *mod, const struct trust_verdict *v,
		 struct buf *into)
{
	if (!trust_is_about_signature(v)) {
		buf_adds(into, v->rule);
		return;
	}
	cause_signature(m, mod, into);
	if (mod->blocked_in && mod->signature != TRUST_SIG_REVOKED)
		buf_addf(into, "; %s blocks the key, but this kernel does not hold that against modules",
			 mod->blocked_in);
}

static void fix_unknown_key(const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	if (mod->pending)
		buf_adds(into, "reboot and confirm the enrolment in MokManager");
	else if (mod->enrolled && trust_kernel_secure_boot(m) != TRUST_YES)
		buf_adds(into, "switch Secure Boot on, or boot without module.sig_enforce and lockdown=");
	else if (mod->enrolled || mod->ring == TRUST_RING_PLATFORM)
		buf_adds(into, "kmodctl mok trust, reboot and confirm in MokManager");
	else if (m->efi.value == TRUST_YES)
		buf_adds(into, "kmodctl mok import CERTIFICATE, reboot and confirm in MokManager; or sign it with an "
			       "enrolled key");
	else
		buf_adds(into, "sign it with a key that the kernel was built with, or boot without module.sig_enforce "
			       "and lockdown=");
}

static void fix_soft(const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	switch (mod->signature) {
	case TRUST_SIG_UNKNOWN_KEY:
		fix_unknown_key(m, mod, into);
		break;
	case TRUST_SIG_FORCED:
		buf_adds(into, "load it without --force");
		break;
	case TRUST_SIG_NONE:
		buf_adds(into, m->efi.value == TRUST_YES ?
				       "kmodctl sign it with a key that is enrolled (kmodctl mok import)" :
				       "use a module signed by the kernel's own key, or boot without "
				       "module.sig_enforce and lockdown=");
		break;
	default:
		buf_adds(into, "kmodctl sign it again, with sha256 and an RSA or ECDSA key");
		break;
	}
}

void trust_fix(const struct trust_machine *m, const struct trust_module *mod, const struct trust_verdict *v,
	       struct buf *into)
{
	if (v->outcome != TRUST_REFUSED)
		return;
	if (strcmp(v->code, "trust.modules-disabled") == 0)
		buf_adds(into, "reboot; what sets kernel.modules_disabled must run after the last load");
	else if (strcmp(v->code, "trust.not-permitted") == 0)
		buf_adds(into, "run it as root, outside of containers");
	else if (strcmp(v->code, "trust.blacklisted") == 0)
		buf_adds(into, "take the name out of module_blacklist= on the kernel command line, and reboot");
	else if (!trust_is_about_signature(v))
		buf_adds(into, "build or install the module again");
	else if (mod->signature == TRUST_SIG_REVOKED)
		buf_adds(into, mod->blocked_in ? "sign it with another key: this one was withdrawn" :
						 "install a newer module: this one was withdrawn");
	else if (is_soft(mod->signature))
		fix_soft(m, mod, into);
	else
		buf_adds(into, "install the module again, or kmodctl sign it as the last step after strip");
}

/* ---- from the errno back ---- */

/* A state that gives this errno, other than those that were ruled out by looking at the file. */
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
	default: /* EKEYREJECTED: not explained by what is enforced, so the content */
		return is_signed ? TRUST_SIG_CHANGED : TRUST_SIG_NONE;
	}
}

bool trust_explain(const struct trust_machine *m, int error, struct trust_module *seen, struct trust_verdict *ret)
{
	bool about_keys = error == EKEYREJECTED || error == ENOKEY || error == EBADMSG || error == ENOPKG;

	if (!about_keys && error != EPERM)
		return false;
	trust_judge(m, seen, ret);
	if (ret->outcome == TRUST_REFUSED && ret->error == error)
		return true;
	if (!about_keys)
		return false;
	seen->signature = likeliest(error, seen);
	trust_judge(m, seen, ret);
	if (ret->outcome != TRUST_REFUSED)
		refuse(ret, error, "trust.refused", "the kernel refused it for its signature");
	ret->error = error;
	return true;
}
