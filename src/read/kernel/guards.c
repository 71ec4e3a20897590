// SPDX-License-Identifier: MIT
#include "read/kernel/guards.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/optstring.h"
#include "read/kernel/kconfig.h"

#define TEXT_MAX (1u << 20)
#define SECURITYFS "/sys/kernel/security"
#define LSM_LIST SECURITYFS "/lsm"
#define IMA_POLICY SECURITYFS "/ima/policy"
#define IPE_ENFORCE SECURITYFS "/ipe/enforce"
#define IPE_POLICIES SECURITYFS "/ipe/policies"
#define SELINUX_ENFORCE "/sys/fs/selinux/enforce"
#define LOADPIN_ENFORCE "/proc/sys/kernel/loadpin/enforce"
#define LOADPIN_ENABLED "/proc/sys/kernel/loadpin/enabled" /* before 4.20 */

static const struct {
	const char *key, *name;
	const char *lsm;    /* its word in the list of security modules; NULL: it need not be there */
	const char *option; /* without which the kernel does not have it */
	int error;
	const char *settle, *remedy;
	const char *logged[2]; /* both in a line of the log: it refused a module */
} kinds[GUARDS] = {
	[GUARD_SELINUX] = { "selinux",
			    "SELinux",
			    "selinux",
			    "CONFIG_SECURITY_SELINUX",
			    EACCES,
			    "look for `{ module_load }` in the kernel's log or with `ausearch -m avc`",
			    "give the file the label of a module, `restorecon -v FILE`, or allow it in the policy",
			    { "avc:", "{ module_load }" } },
	[GUARD_IMA] = { "ima",
			"IMA appraisal",
			NULL,
			"CONFIG_IMA_APPRAISE",
			EACCES,
			"look for `op=appraise_data` in the kernel's log or with `ausearch -m integrity_data`, and at"
			" `getfattr -m security.ima -d FILE`",
			"sign the file for IMA with a key of the ring .ima, `evmctl ima_sign --key KEY FILE`",
			{ "op=appraise_data", "" } },
	[GUARD_IPE] = { "ipe",
			"IPE",
			"ipe",
			"CONFIG_SECURITY_IPE",
			EACCES,
			"look for `ipe_op=KMODULE` in the kernel's log or with `ausearch -m 1420`",
			"have its policy allow the file's place (op=KMODULE)",
			{ "ipe_op=KMODULE", "action=DENY" } },
	[GUARD_LOADPIN] = { "loadpin",
			    "LoadPin",
			    "loadpin",
			    "CONFIG_SECURITY_LOADPIN",
			    EPERM,
			    "look for `LoadPin: kernel-module` in the kernel's log",
			    "load it from the file system that the first module or firmware of this boot came from",
			    { "LoadPin: kernel-module", "denied" } },
};

const char *guard_name(enum guard g)
{
	return kinds[g].name;
}

const char *guard_key(enum guard g)
{
	return kinds[g].key;
}

int guard_errno(enum guard g)
{
	return kinds[g].error;
}

const char *guard_settle(enum guard g)
{
	return kinds[g].settle;
}

const char *guard_remedy(enum guard g)
{
	return kinds[g].remedy;
}

bool guard_logged(enum guard g, const char *text)
{
	return strstr(text, kinds[g].logged[0]) && strstr(text, kinds[g].logged[1]);
}

/* ---- what all of them share ---- */

struct reading {
	const struct root *root;
	const char *release;
	struct buf lsm, cmdline; /* empty: not read */
	struct guard_state *s;   /* the one that is being filled in */
};

static void conclude(struct reading *x, enum lock_answer active, const char *source, const char *text)
{
	x->s->active = active;
	x->s->error = 0;
	snprintf(x->s->source, sizeof(x->s->source), "%s", source);
	snprintf(x->s->text, sizeof(x->s->text), "%s", text);
}

static void leave_open(struct reading *x, const char *source, int error, const char *text)
{
	conclude(x, LOCK_UNKNOWN, source, text);
	x->s->error = error;
}

/* "capability,selinux,bpf" */
static bool list_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += n)
		if ((at == list || at[-1] == ',') && strchr(",\n", at[n]))
			return true;
	return false;
}

/* 1: y, 0: not built, by the file in ret_path; -1: the configuration could not be read. */
static int option_is_set(struct reading *x, const char *name, char *ret_path, size_t cap)
{
	struct kconfig_entry e;
	int r = kconfig_find(x->root, x->release, name, &e);

	if (r < 0)
		return -1;
	if (ret_path)
		snprintf(ret_path, cap, "%s", r == 1 ? e.path : "kernel configuration");
	return r == 1 && strcmp(e.value, "n") != 0;
}

/* Does this kernel do without it, for certain? The list of security modules tells, or the configuration. */
static bool is_absent(struct reading *x, enum guard g)
{
	char path[sizeof(x->s->source)];
	int built;

	if (kinds[g].lsm && x->lsm.n > 0) {
		x->s->present = list_has(buf_str(&x->lsm), kinds[g].lsm);
		if (x->s->present)
			return false;
		conclude(x, LOCK_NO, LSM_LIST, "not active");
		return true;
	}
	built = option_is_set(x, kinds[g].option, path, sizeof(path));
	if (built != 0)
		return false;
	conclude(x, LOCK_NO, path, "not built into this kernel");
	return true;
}

/* A switch of the kernel: '1' or '0' at the beginning of its file. -errno, -EINVAL for anything else. */
static int read_switch(struct reading *x, const char *path)
{
	char line[16];
	int r = file_read_line(x->root, path, line, sizeof(line));

	return r < 0 ? r : line[0] == '1' ? 1 : line[0] == '0' ? 0 : -EINVAL;
}

/* ---- each of them ---- */

static void read_selinux(struct reading *x)
{
	_cleanup_buf_ struct buf types = BUF_INIT;
	int r = read_switch(x, SELINUX_ENFORCE);

	if (r >= 0)
		conclude(x, r ? LOCK_YES : LOCK_NO, SELINUX_ENFORCE,
			 r ? "enforcing: refuses what its policy does not allow for the file's label" : "permissive");
	else if (is_absent(x, GUARD_SELINUX))
		return;
	else if (file_read(x->root, "/proc/filesystems", TEXT_MAX, &types) == 0 &&
		 !strstr(buf_str(&types), "\tselinuxfs\n")) /* registered only where it is enabled */
		conclude(x, LOCK_NO, "/proc/filesystems", "not active");
	else
		leave_open(x, SELINUX_ENFORCE, r, "enforcing or not");
}

/* Of one rule: does it have modules appraised (1), exempts it all of them (0), or neither (-1)? */
static int judge_rule(char *rule)
{
	const char *action = strsep(&rule, " \t");
	bool appraises = strcmp(action, "appraise") == 0, conditional = false;
	char *word;

	if (!appraises && strcmp(action, "dont_appraise") != 0)
		return -1;
	while ((word = strsep(&rule, " \t"))) {
		if (strncmp(word, "func=", 5) == 0 && strcmp(word + 5, "MODULE_CHECK") != 0)
			return -1;
		conditional |= *word && strncmp(word, "func=", 5) != 0;
	}
	return appraises ? 1 : conditional ? -1 : 0;
}

static void judge_policy(struct reading *x, char *policy)
{
	char *line;

	while ((line = strsep(&policy, "\n"))) {
		char rule[sizeof(x->s->text)];
		int r;

		snprintf(rule, sizeof(rule), "%s", line);
		r = judge_rule(line);
		if (r == 0)
			break;
		if (r != 1)
			continue;
		conclude(x, LOCK_YES, IMA_POLICY, "");
		snprintf(x->s->text, sizeof(x->s->text), "its policy has the rule `%.140s`", rule);
		return;
	}
	conclude(x, LOCK_NO, IMA_POLICY, "no rule of its policy appraises modules");
}

/* The value of an argument of the kernel, the last one; "": not given. */
static void argument(struct reading *x, const char *name, char *ret, size_t cap)
{
	struct span rest = buf_span(&x->cmdline);
	struct option o;

	ret[0] = '\0';
	while (option_next(&rest, &o) && !(o.key_len == 2 && memcmp(o.key, "--", 2) == 0))
		if (option_is(&o, name))
			snprintf(ret, cap, "%.*s", o.value ? (int)o.value_len : 1, o.value ? o.value : "1");
}

/*
 * Where the policy cannot be read back: a kernel that takes a policy once takes its file away then. Before that there
 * are the rules that the kernel was built with, and those that its command line asks for. What the architecture adds
 * for Secure Boot leaves modules to module.sig_enforce, if there is that.
 */
static bool has_policy_of_boot(struct reading *x, int error)
{
	return error == -EACCES && x->cmdline.n > 0 && root_exists(x->root, IMA_POLICY) &&
	       option_is_set(x, "CONFIG_IMA_WRITE_POLICY", NULL, 0) == 0 &&
	       option_is_set(x, "CONFIG_IMA_APPRAISE_BUILD_POLICY", NULL, 0) == 0 &&
	       option_is_set(x, "CONFIG_MODULE_SIG", NULL, 0) == 1;
}

static void judge_unreadable_policy(struct reading *x, int error)
{
	char policy[64], appraise[8], text[sizeof(x->s->text)] = "no rule of its policy appraises modules";
	bool asked;

	argument(x, "ima_policy", policy, sizeof(policy));
	argument(x, "ima_appraise_tcb", appraise, sizeof(appraise));
	asked = strstr(policy, "secure_boot") || strstr(policy, "appraise_tcb") || appraise[0];
	if (asked)
		snprintf(text, sizeof(text), "booted with %s%s",
			 appraise[0] ? "ima_appraise_tcb" : "ima_policy=", appraise[0] ? "" : policy);
	if (has_policy_of_boot(x, error))
		conclude(x, asked ? LOCK_YES : LOCK_NO, asked ? "/proc/cmdline" : IMA_POLICY, text);
	else
		leave_open(x, IMA_POLICY, error, asked ? text : "whether its policy appraises modules");
}

/* Rules are only logged, or repaired, unless Secure Boot is on. */
static void soften_ima(struct reading *x)
{
	char value[64];

	argument(x, "ima_appraise", value, sizeof(value));
	if (x->s->active != LOCK_YES || !value[0] || strcmp(value, "enforce") == 0)
		return;
	leave_open(x, "/proc/cmdline", 0, "");
	snprintf(x->s->text, sizeof(x->s->text), "ima_appraise=%s: it refuses nothing unless Secure Boot is on", value);
}

/* What the running kernel shows comes before what a file says of its configuration. */
static void read_ima(struct reading *x)
{
	_cleanup_buf_ struct buf policy = BUF_INIT;
	char path[sizeof(x->s->source)];
	int r = file_read(x->root, IMA_POLICY, TEXT_MAX, &policy);

	if (r == 0)
		r = buf_error(&policy);
	x->s->present = root_exists(x->root, SECURITYFS "/ima");
	if (x->lsm.n > 0 && !x->s->present)
		conclude(x, LOCK_NO, SECURITYFS "/ima", "not active");
	else if (option_is_set(x, "CONFIG_IMA_APPRAISE_REQUIRE_MODULE_SIGS", path, sizeof(path)) == 1)
		conclude(x, LOCK_YES, path, "built to require signatures in the files' security.ima");
	else if (r == 0)
		judge_policy(x, policy.n ? policy.p : (char[]){ "" });
	else if (!is_absent(x, GUARD_IMA))
		judge_unreadable_policy(x, r);
	soften_ima(x);
}

/* May a policy deny a module? What it does by default, or for modules. */
static bool denies_modules(const char *policy)
{
	for (const char *line = policy; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		size_t n = strcspn(line, "\n");
		const char *op = memmem(line, n, "op=", 3);

		if (memmem(line, n, "action=DENY", 11) &&
		    (op ? strncmp(op, "op=KMODULE", 10) == 0 : strncmp(line, "DEFAULT", 7) == 0))
			return true;
	}
	return false;
}

/* Of one policy: 1: it is active and can deny modules; 0: not; -errno. */
static int judge_ipe_policy(struct reading *x, const char *name)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[sizeof(IPE_POLICIES) + 280];
	int r;

	snprintf(path, sizeof(path), IPE_POLICIES "/%s/active", name);
	r = read_switch(x, path);
	if (r <= 0)
		return r;
	snprintf(path, sizeof(path), IPE_POLICIES "/%s/policy", name);
	r = file_read(x->root, path, TEXT_MAX, &text);
	if (r < 0)
		return r;
	if (!denies_modules(buf_str(&text)))
		return 0;
	conclude(x, LOCK_YES, IPE_POLICIES, "");
	snprintf(x->s->text, sizeof(x->s->text), "enforcing its policy %.64s", name);
	return 1;
}

static void judge_ipe_policies(struct reading *x)
{
	_cleanup_strv_ struct strv names = { 0 };
	int r = root_list(x->root, IPE_POLICIES, &names);

	for (size_t i = 0; i < names.n && r == 0; i++)
		r = judge_ipe_policy(x, names.items[i]);
	if (r < 0)
		leave_open(x, IPE_POLICIES, r, "enforcing, by a policy that is not known");
	else if (r == 0)
		conclude(x, LOCK_NO, IPE_POLICIES, "no active policy denies modules");
}

static void read_ipe(struct reading *x)
{
	int r = read_switch(x, IPE_ENFORCE);

	if (r == 1)
		judge_ipe_policies(x);
	else if (r == 0)
		conclude(x, LOCK_NO, IPE_ENFORCE, "permissive");
	else if (!is_absent(x, GUARD_IPE))
		leave_open(x, IPE_ENFORCE, r, "enforcing or not");
}

static void read_loadpin(struct reading *x)
{
	const char *path = root_exists(x->root, LOADPIN_ENABLED) ? LOADPIN_ENABLED : LOADPIN_ENFORCE;
	int r = read_switch(x, path);

	if (r < 0 && is_absent(x, GUARD_LOADPIN))
		return;
	if (r < 0)
		leave_open(x, path, r, "enforcing or not");
	else
		conclude(x, r ? LOCK_YES : LOCK_NO, path,
			 r ? "enforcing: refuses what is not on the file system that the first module or firmware came"
			     " from" :
			     "not enforcing");
}

void guards_read(const struct root *root, const char *release, struct guards *ret)
{
	static void (*const readers[GUARDS])(struct reading *) = {
		[GUARD_SELINUX] = read_selinux,
		[GUARD_IMA] = read_ima,
		[GUARD_IPE] = read_ipe,
		[GUARD_LOADPIN] = read_loadpin,
	};
	struct reading x = { .root = root, .release = release };

	*ret = (struct guards){ 0 };
	if (file_read(root, LSM_LIST, TEXT_MAX, &x.lsm) < 0)
		buf_clear(&x.lsm);
	if (file_read(root, "/proc/cmdline", TEXT_MAX, &x.cmdline) < 0)
		buf_clear(&x.cmdline);
	for (enum guard g = 0; g < GUARDS; g++) {
		x.s = &ret->items[g];
		readers[g](&x);
	}
	ret->bpf = list_has(buf_str(&x.lsm), "bpf");
	buf_done(&x.lsm);
	buf_done(&x.cmdline);
}
