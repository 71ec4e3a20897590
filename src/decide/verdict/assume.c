// SPDX-License-Identifier: MIT
/* --assume: the machine in another state. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "decide/verdict/machine.h"

static const char assumed[] = "assumed";

static struct trust_fact assume_fact(bool on)
{
	return (struct trust_fact){ on ? TRUST_YES : TRUST_NO, assumed, 0 };
}

static int word_bool(const char *value, bool *ret)
{
	static const char *const yes[] = { "on", "1", "y", "yes", "true", "enabled" };
	static const char *const no[] = { "off", "0", "n", "no", "false", "disabled" };

	for (size_t i = 0; i < ELEMENTSOF(yes); i++) {
		if (strcmp(value, yes[i]) == 0 || strcmp(value, no[i]) == 0) {
			*ret = strcmp(value, yes[i]) == 0;
			return 0;
		}
	}
	return -EINVAL;
}

static void set_lockdown(struct trust_machine *m, enum lockdown level)
{
	m->lockdown = level;
	m->lockdown_source = (struct trust_fact){ TRUST_YES, assumed, 0 };
}

static struct trust_fact not_configured(const struct trust_machine *m)
{
	return (struct trust_fact){ TRUST_UNKNOWN, m->config_source.source, m->config_source.error };
}

/* Lockdown under Secure Boot is a patch of distributions with an option of its own. */
static void assume_lockdown_of_secure_boot(struct trust_machine *m, bool on)
{
	enum trust_answer locks = trust_config(m, KCONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT);
	bool either_way = on ? m->lockdown >= LOCKDOWN_INTEGRITY : m->lockdown == LOCKDOWN_NONE;

	if (locks == TRUST_YES) {
		set_lockdown(m, on ? LOCKDOWN_INTEGRITY : LOCKDOWN_NONE);
	} else if (locks == TRUST_UNKNOWN && !either_way) {
		m->lockdown = LOCKDOWN_UNKNOWN;
		m->lockdown_source = not_configured(m);
	}
}

/* The IMA policy for Secure Boot switches it on. */
static void assume_enforcement(struct trust_machine *m, bool on)
{
	enum trust_answer policy = trust_config(m, KCONFIG_IMA_ARCH_POLICY),
			  forced = trust_config(m, KCONFIG_MODULE_SIG_FORCE);

	if (policy == TRUST_YES && trust_config(m, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT) != TRUST_YES)
		policy = trust_config(m, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT);
	if (policy == TRUST_NO)
		return;
	if (on && policy == TRUST_YES)
		m->sig_enforce = assume_fact(true);
	else if (policy == TRUST_YES && forced != TRUST_UNKNOWN)
		m->sig_enforce = assume_fact(forced == TRUST_YES);
	else if (m->sig_enforce.value != (on ? TRUST_YES : TRUST_NO))
		m->sig_enforce = not_configured(m);
}

/* What the kernel switches on when it finds Secure Boot on or off. */
static void assume_consequences(struct trust_machine *m, bool on)
{
	assume_lockdown_of_secure_boot(m, on);
	assume_enforcement(m, on);
	m->appraised.value = trust_kernel_appraises(m);
}

static void assume_secure_boot(struct trust_machine *m, bool on)
{
	m->secure_boot = assume_fact(on);
	if (on && m->efi.value == TRUST_NO)
		m->mok_trusted = (struct trust_fact){ TRUST_UNKNOWN, assumed, 0 };
	if (on) {
		m->efi = assume_fact(true);
		m->setup_mode = assume_fact(false);
		m->shim_validation = assume_fact(true);
	}
	assume_consequences(m, on);
}

/* The kernel treats Secure Boot without shim's validation as off. */
static void assume_validation(struct trust_machine *m, bool on)
{
	m->shim_validation = assume_fact(on);
	if (m->secure_boot.value == TRUST_YES)
		assume_consequences(m, on);
}

static int assume_lockdown(struct trust_machine *m, const char *value)
{
	for (enum lockdown l = LOCKDOWN_NONE; l <= LOCKDOWN_CONFIDENTIALITY; l++) {
		if (strcmp(value, lockdown_name(l)) == 0) {
			set_lockdown(m, l);
			return 0;
		}
	}
	return -EINVAL;
}

static int assume_flavour(struct trust_machine *m, const char *value)
{
	for (enum trust_flavour f = TRUST_UPSTREAM; f < TRUST_OTHER; f++) {
		if (strcmp(value, trust_flavour_name(f)) == 0) {
			trust_machine_set_flavour(m, f, assumed);
			return 0;
		}
	}
	return -EINVAL;
}

static int assume_platform(struct trust_machine *m, const char *value)
{
	if (strcmp(value, "asked") != 0 && strcmp(value, "not-asked") != 0)
		return -EINVAL;
	m->platform_asked = assume_fact(strcmp(value, "asked") == 0);
	return 0;
}

static int assume_switch(struct trust_machine *m, const char *name, const char *value)
{
	bool on;

	if (word_bool(value, &on) < 0)
		return -EINVAL;
	if (strcmp(name, "secure-boot") == 0)
		assume_secure_boot(m, on);
	else if (strcmp(name, "shim-validation") == 0)
		assume_validation(m, on);
	else if (strcmp(name, "sig_enforce") == 0)
		m->sig_enforce = assume_fact(on);
	else if (strcmp(name, "modules_disabled") == 0)
		m->modules_disabled = assume_fact(on);
	else if (strcmp(name, "mok-trusted") == 0)
		m->mok_trusted = assume_fact(on);
	else if (strcmp(name, "may-load") == 0)
		m->may_load = assume_fact(on);
	else
		return -EINVAL;
	return 0;
}

static int assume_one(struct trust_machine *m, const char *name, const char *value)
{
	if (strcmp(name, "lockdown") == 0)
		return assume_lockdown(m, value);
	if (strcmp(name, "flavour") == 0)
		return assume_flavour(m, value);
	if (strcmp(name, "platform") == 0)
		return assume_platform(m, value);
	return assume_switch(m, name, value);
}

/* Words that imply others come before them, so that an explicit word wins, in whatever order the words are given. */
static unsigned pass_of(const char *name)
{
	return strcmp(name, "flavour") == 0         ? 0 :
	       strcmp(name, "secure-boot") == 0     ? 1 :
	       strcmp(name, "shim-validation") == 0 ? 2 :
						      3;
}
#define PASSES 4

/* Which values a state takes, as the tail of a message about another one. */
static int add_values(const char *name, const char *value, struct buf *into)
{
	static const char *const switches[] = { "on", "off" }, *const platforms[] = { "asked", "not-asked" };
	const char *levels[LOCKDOWN_CONFIDENTIALITY - LOCKDOWN_NONE + 1], *flavours[TRUST_OTHER - TRUST_UPSTREAM];

	for (size_t i = 0; i < ELEMENTSOF(levels); i++)
		levels[i] = lockdown_name(LOCKDOWN_NONE + (int)i);
	for (size_t i = 0; i < ELEMENTSOF(flavours); i++)
		flavours[i] = trust_flavour_name(TRUST_UPSTREAM + (int)i);
	if (strcmp(name, "lockdown") == 0)
		return nearest_among(value, strlen(value), levels, sizeof(*levels), ELEMENTSOF(levels), into);
	if (strcmp(name, "flavour") == 0)
		return nearest_among(value, strlen(value), flavours, sizeof(*flavours), ELEMENTSOF(flavours), into);
	if (strcmp(name, "platform") == 0)
		return nearest_among(value, strlen(value), platforms, sizeof(*platforms), ELEMENTSOF(platforms), into);
	return nearest_among(value, strlen(value), switches, sizeof(*switches), ELEMENTSOF(switches), into);
}

static void refuse(const char *name, const char *value, struct diag *diag)
{
	static const char *const names[] = { "secure-boot", "shim-validation", "sig_enforce",
					     "lockdown",    "flavour",         "modules_disabled",
					     "mok-trusted", "may-load",        "platform" };
	_cleanup_buf_ struct buf hint = BUF_INIT;
	size_t i = 0;

	while (i < ELEMENTSOF(names) && strcmp(names[i], name) != 0)
		i++;
	if (i == ELEMENTSOF(names)) {
		nearest_among(name, strlen(name), names, sizeof(names[0]), ELEMENTSOF(names), &hint);
		diag_err(diag, "trust.assume", "--assume: unknown state '%s'%s", name, buf_str(&hint));
		return;
	}
	add_values(name, value ? value : "", &hint);
	if (value)
		diag_err(diag, "trust.assume", "--assume: unknown value '%s' of %s%s", value, name, buf_str(&hint));
	else
		diag_err(diag, "trust.assume", "--assume: %s needs a value%s", name, buf_str(&hint));
}

static int assume_pass(struct trust_machine *m, const char *list, unsigned pass, struct diag *diag)
{
	_cleanup_free_ char *copy = strdup(list);
	char *rest = copy;

	if (!copy)
		return -ENOMEM;
	for (char *word; (word = strsep(&rest, ","));) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = '\0';
		if (pass_of(word) != pass)
			continue;
		if (!value || assume_one(m, word, value) < 0) {
			refuse(word, value, diag);
			return -EINVAL;
		}
	}
	return 0;
}

int trust_machine_assume(struct trust_machine *m, const char *list, struct diag *diag)
{
	struct trust_machine next = *m;

	for (unsigned pass = 0; pass < PASSES; pass++) {
		int r = assume_pass(&next, list, pass, diag);

		if (r < 0)
			return r;
	}
	*m = next;
	return 0;
}
