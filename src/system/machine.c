// SPDX-License-Identifier: MIT
#include "system/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "read/efi/secureboot.h"
#include "system/release.h"

#define PROC_VERSION "/proc/version"
#define PROC_MODULES "/proc/modules"

static enum trust_answer answer(enum lock_answer a)
{
	return a == LOCK_UNKNOWN ? TRUST_UNKNOWN : a == LOCK_YES ? TRUST_YES : TRUST_NO;
}

static struct trust_fact lock_fact(enum lock_answer a, const struct lock_source *s)
{
	return (struct trust_fact){ answer(a), s->path, s->error };
}

/* ---- firmware ---- */

static struct trust_fact firmware_fact(const struct secureboot_fact *f)
{
	return (struct trust_fact){ (enum trust_answer)f->value, f->source, f->error };
}

static void read_firmware(struct sys *sys, struct trust_machine *m)
{
	struct secureboot s;

	secureboot_read(&sys->root, &s);
	m->efi = firmware_fact(&s.efi);
	m->secure_boot = firmware_fact(&s.secure_boot);
	m->setup_mode = firmware_fact(&s.setup_mode);
	m->shim_validation = firmware_fact(&s.shim_validation);
	m->mok_trusted = firmware_fact(&s.mok_trusted);
	m->shim = firmware_fact(&s.shim);
}

/* ---- kernel ---- */

#ifdef KMODCTL_SMALL
/* The tools of an initramfs do not ask whose kernel it is: what only patches decide is unknown. */
static void read_flavour(struct sys *sys _unused_, struct machine_reading *r)
{
	trust_machine_set_flavour(&r->machine, TRUST_OTHER, "not read");
}
#else
/* The host that built the kernel, if its name tells whose kernel it is. mockbuild@ and root@ are everybody's. */
static const struct builder {
	const char *ends;
	enum trust_flavour flavour;
} builders[] = {
	{ "debian-kernel@lists.debian.org", TRUST_DEBIAN },
	{ ".fedoraproject.org", TRUST_FEDORA },
	{ ".redhat.com", TRUST_FEDORA },
	{ ".centos.org", TRUST_FEDORA },
	{ "linux@archlinux", TRUST_UPSTREAM },
};

static const struct builder *find_builder(const char *version, size_t n)
{
	for (size_t i = 0; i < ELEMENTSOF(builders); i++) {
		size_t length = strlen(builders[i].ends);

		if (length <= n && memcmp(version + n - length, builders[i].ends, length) == 0)
			return &builders[i];
	}
	return NULL;
}

/* Only the builder, in the first parentheses of /proc/version, counts: behind it stand compiler and linker. */
static void read_flavour(struct sys *sys, struct machine_reading *r)
{
	char version[512];
	int e = file_read_line(&sys->root, PROC_VERSION, version, sizeof(version));
	const char *open = e < 0 ? NULL : strchr(version, '('), *name = open ? open + 1 : "";
	size_t n = strcspn(name, ")");
	const struct builder *b = find_builder(name, n);

	if (e < 0)
		snprintf(r->flavour_text, sizeof(r->flavour_text), PROC_VERSION);
	else
		snprintf(r->flavour_text, sizeof(r->flavour_text), PROC_VERSION " names %s \"%.*s\"%s",
			 n ? "the builder" : "no builder", (int)(n < 100 ? n : 100), name,
			 b ? "" : ", which does not tell whose kernel it is");
	trust_machine_set_flavour(&r->machine, b ? b->flavour : TRUST_OTHER, r->flavour_text);
	r->machine.platform_asked.error = e < 0 ? e : 0;
}
#endif

/* Every kernel with modules shows their list and the sysctl. */
static struct trust_fact without_modules(struct sys *sys, const struct machine_reading *r)
{
	const struct lock_source *s = &r->lock.modules_disabled_source;

	if (r->config.without_modules)
		return (struct trust_fact){ TRUST_YES, r->config.path, 0 };
	if (s->error == 0 || root_exists(&sys->root, PROC_MODULES))
		return (struct trust_fact){ TRUST_NO, s->error ? PROC_MODULES : s->path, 0 };
	if (lockstate_is_without_modules(&sys->root))
		return (struct trust_fact){ TRUST_YES, PROC_MODULES, 0 };
	return (struct trust_fact){ TRUST_UNKNOWN, PROC_MODULES, -ENOENT };
}

static struct trust_fact may_load(const struct lockstate *l)
{
	if (l->in_user_namespace == LOCK_YES)
		return (struct trust_fact){ TRUST_NO, l->userns_source.path, 0 };
	return lock_fact(l->cap_sys_module, &l->cap_source);
}

/*
 * A kernel that can be locked down shows it in securityfs, where lsm always is. A kernel that cannot has none of the
 * options. Before 5.4, patched kernels did otherwise.
 */
static void read_lockdown(struct sys *sys, struct machine_reading *r)
{
	static const char lsm[] = "/sys/kernel/security/lsm";
	struct trust_machine *m = &r->machine;
	const struct lock_source *s = &r->lock.lockdown_source;
	const char *proof = NULL;

	m->lockdown = r->lock.lockdown;
	m->lockdown_source = (struct trust_fact){ TRUST_YES, s->path, s->error };
	if (s->error != -ENOENT || m->version < 504)
		return;
	if (root_exists(&sys->root, lsm))
		proof = lsm;
	else if (m->config[KCONFIG_SECURITY_LOCKDOWN_LSM] == KCONFIG_NO &&
		 m->config[KCONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT] == KCONFIG_NO)
		proof = r->config.path;
	if (!proof)
		return;
	m->lockdown = LOCKDOWN_NONE;
	m->lockdown_source = (struct trust_fact){ TRUST_YES, proof, 0 };
}

/* A kernel without that parameter was built either to enforce always or not to check at all. */
static struct trust_fact read_enforce(const struct machine_reading *r)
{
	if (r->lock.sig_enforce != LOCK_UNKNOWN)
		return lock_fact(r->lock.sig_enforce, &r->lock.sig_enforce_source);
	if (r->config.values[KCONFIG_MODULE_SIG_FORCE] == KCONFIG_YES)
		return (struct trust_fact){ TRUST_YES, r->config.path, 0 };
	if (r->lock.sig_enforce_source.error == -ENOENT && r->config.values[KCONFIG_MODULE_SIG] == KCONFIG_NO)
		return (struct trust_fact){ TRUST_NO, r->config.path, 0 };
	return lock_fact(r->lock.sig_enforce, &r->lock.sig_enforce_source);
}

static struct trust_fact read_checked(const struct machine_reading *r)
{
	if (r->lock.sig_enforce != LOCK_UNKNOWN)
		return (struct trust_fact){ TRUST_YES, r->lock.sig_enforce_source.path, 0 };
	return (struct trust_fact){ (enum trust_answer)r->config.values[KCONFIG_MODULE_SIG],
				    r->config.error ? "kernel configuration" : r->config.path, r->config.error };
}

/* Where it is unknown, the source is what would tell. */
static struct trust_fact read_appraised(const struct trust_machine *m)
{
	bool is_built = trust_config(m, KCONFIG_IMA_ARCH_POLICY) == TRUST_YES &&
			trust_config(m, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT) == TRUST_YES;
	const struct trust_fact *from = !is_built                             ? &m->config_source :
					m->secure_boot.value == TRUST_UNKNOWN ? &m->secure_boot :
										&m->shim_validation;

	return (struct trust_fact){ trust_kernel_appraises(m), from->source, from->error };
}

static void read_kernel(struct sys *sys, struct machine_reading *r)
{
	struct trust_machine *m = &r->machine;

	kconfig_read(&sys->root, r->release, &r->config);
	memcpy(m->config, r->config.values, sizeof(m->config));
	if (release_version(r->release, &m->version) < 0)
		m->version = 0;
	m->config_source = (struct trust_fact){ TRUST_YES, r->config.error ? "kernel configuration" : r->config.path,
						r->config.error };
	read_lockdown(sys, r);
	m->without_modules = without_modules(sys, r);
	m->modules_disabled = lock_fact(r->lock.modules_disabled, &r->lock.modules_disabled_source);
	m->denied = (struct trust_fact){ r->lock.blacklist_source.error ? TRUST_UNKNOWN : TRUST_NO,
					 r->lock.blacklist_source.path, r->lock.blacklist_source.error };
	m->may_load = may_load(&r->lock);
	m->sig_enforce = read_enforce(r);
	m->sig_checked = read_checked(r);
	m->appraised = read_appraised(m);
	read_flavour(sys, r);
}

int machine_read(struct sys *sys, struct machine_reading *ret)
{
	struct utsname u;
	int r = kernel_uname(sys->kernel, &u);

	*ret = (struct machine_reading){ 0 };
	if (r == 0)
		r = lockstate_read(&sys->root, &ret->lock);
	if (r < 0)
		return r;
	snprintf(ret->release, sizeof(ret->release), "%s", u.release);
#ifndef KMODCTL_SMALL
	snprintf(ret->arch, sizeof(ret->arch), "%s", u.machine);
#endif
	read_firmware(sys, &ret->machine);
	read_kernel(sys, ret);
	return 0;
}

void machine_reading_done(struct machine_reading *m)
{
	lockstate_done(&m->lock);
}
