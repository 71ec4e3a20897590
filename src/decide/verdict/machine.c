// SPDX-License-Identifier: MIT
#include "decide/verdict/machine.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

const char *trust_answer_word(enum trust_answer a, const char *yes, const char *no)
{
	return a == TRUST_UNKNOWN ? "unknown" : a == TRUST_YES ? yes : no;
}

const char *trust_flavour_name(enum trust_flavour f)
{
	static const char *const names[] = { "upstream", "debian", "fedora" };

	return names[f];
}

const char *trust_ring_name(enum trust_ring ring)
{
	static const char *const names[TRUST_RINGS] = {
		"", ".builtin_trusted_keys", ".secondary_trusted_keys", ".machine", ".platform", ".blacklist",
	};

	return names[ring];
}

enum trust_answer trust_kernel_secure_boot(const struct trust_machine *m)
{
	if (m->secure_boot.value != TRUST_YES)
		return m->efi.value == TRUST_NO ? TRUST_NO : m->secure_boot.value;
	return m->shim_validation.value == TRUST_NO ? TRUST_NO : TRUST_YES;
}

static bool has(const struct trust_machine *m, enum kconfig_option o)
{
	/* A kernel whose configuration is not available is assumed to be built as distributions build it. */
	return m->config[o] != KCONFIG_NO;
}

/* These two carry a patch that makes the kernel consult .platform after the other rings. */
static bool asks_platform(const struct trust_machine *m)
{
	return m->flavour != TRUST_UPSTREAM;
}

bool trust_ring_is_used(const struct trust_machine *m, enum trust_ring ring, const char **ret_why)
{
	switch (ring) {
	case TRUST_RING_BUILTIN:
		*ret_why = "every kernel with signed modules consults it";
		return true;
	case TRUST_RING_SECONDARY:
		*ret_why = has(m, KCONFIG_SECONDARY_TRUSTED_KEYRING) ? "CONFIG_SECONDARY_TRUSTED_KEYRING is set" :
								       "CONFIG_SECONDARY_TRUSTED_KEYRING is not set";
		return has(m, KCONFIG_SECONDARY_TRUSTED_KEYRING);
	case TRUST_RING_MACHINE:
		if (!has(m, KCONFIG_INTEGRITY_MACHINE_KEYRING) || !has(m, KCONFIG_SECONDARY_TRUSTED_KEYRING)) {
			*ret_why = "CONFIG_INTEGRITY_MACHINE_KEYRING or CONFIG_SECONDARY_TRUSTED_KEYRING is not set";
			return false;
		}
		*ret_why = "it is linked into .secondary_trusted_keys";
		return true;
	case TRUST_RING_PLATFORM:
		*ret_why = asks_platform(m) ? "this distribution's kernel also consults it for modules" :
					      "the upstream kernel does not consult it for modules";
		return asks_platform(m) && has(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING);
	case TRUST_RING_BLACKLIST:
		*ret_why = "it only vetoes";
		return false;
	case TRUST_RING_NONE:
	case TRUST_RINGS:
		break;
	}
	*ret_why = "no such ring";
	return false;
}

/* Debian's kernels trust the MOK list whatever shim says. */
static bool mok_list_trusted(const struct trust_machine *m)
{
	return m->flavour == TRUST_DEBIAN || m->mok_trusted.value != TRUST_NO;
}

static bool machine_takes(const struct trust_machine *m, bool is_ca)
{
	if (!has(m, KCONFIG_INTEGRITY_MACHINE_KEYRING) || !mok_list_trusted(m))
		return false;
	return m->config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING] != KCONFIG_YES || is_ca;
}

/* Debian leaves the option out; a kernel whose configuration is unknown is assumed to have it. */
static bool revokes(const struct trust_machine *m)
{
	enum kconfig_value v = m->config[KCONFIG_SYSTEM_REVOCATION_LIST];

	return v == KCONFIG_YES || (v == KCONFIG_UNKNOWN && m->flavour != TRUST_DEBIAN);
}

static enum trust_ring ring_of_forbidden(const struct trust_machine *m, enum trust_origin origin)
{
	if (!revokes(m) || !has(m, KCONFIG_LOAD_UEFI_KEYS))
		return TRUST_RING_NONE;
	/* As with the MOK list, shim's part is only read under Secure Boot. */
	if (origin == TRUST_FROM_MOKX && trust_kernel_secure_boot(m) != TRUST_YES)
		return TRUST_RING_NONE;
	return TRUST_RING_BLACKLIST;
}

enum trust_ring trust_ring_for(const struct trust_machine *m, enum trust_origin origin, bool is_ca)
{
	bool platform = has(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING) && has(m, KCONFIG_LOAD_UEFI_KEYS);

	if (origin == TRUST_FROM_KERNEL)
		return TRUST_RING_BUILTIN;
	if (m->efi.value == TRUST_NO)
		return TRUST_RING_NONE;
	if (origin == TRUST_FROM_MOKX || origin == TRUST_FROM_DBX)
		return ring_of_forbidden(m, origin);
	if (origin == TRUST_FROM_DB)
		return platform ? TRUST_RING_PLATFORM : TRUST_RING_NONE;
	/* The MOK list is only read under Secure Boot. */
	if (trust_kernel_secure_boot(m) != TRUST_YES)
		return TRUST_RING_NONE;
	if (machine_takes(m, is_ca))
		return TRUST_RING_MACHINE;
	return platform ? TRUST_RING_PLATFORM : TRUST_RING_NONE;
}

/* ---- --assume ---- */

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

/* What the kernel switches on when it finds Secure Boot on or off. */
static void assume_consequences(struct trust_machine *m, bool on)
{
	if (m->config[KCONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT] == KCONFIG_YES ||
	    (m->config[KCONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT] == KCONFIG_UNKNOWN && m->flavour != TRUST_UPSTREAM))
		set_lockdown(m, on ? LOCKDOWN_INTEGRITY : LOCKDOWN_NONE);
	if (has(m, KCONFIG_IMA_ARCH_POLICY))
		m->sig_enforce = assume_fact(on || m->config[KCONFIG_MODULE_SIG_FORCE] == KCONFIG_YES);
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
	for (enum trust_flavour f = TRUST_UPSTREAM; f <= TRUST_FEDORA; f++) {
		if (strcmp(value, trust_flavour_name(f)) == 0) {
			m->flavour = f;
			m->flavour_source = assumed;
			return 0;
		}
	}
	return -EINVAL;
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
	return assume_switch(m, name, value);
}

/* Words that imply others come before them, so that an explicit word wins, in whatever order the words are given. */
static unsigned pass_of(const char *name)
{
	return strcmp(name, "secure-boot") == 0 ? 0 : strcmp(name, "shim-validation") == 0 ? 1 : 2;
}
#define PASSES 3

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
			diag_err(diag, "trust.assume", "--assume: cannot suppose \"%s%s%s\"", word, value ? "=" : "",
				 value ? value : "");
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
