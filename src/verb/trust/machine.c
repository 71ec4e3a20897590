// SPDX-License-Identifier: MIT
#include "verb/trust/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "read/efi/vars.h"
#include "system/release.h"

#define PROC_VERSION "/proc/version"

static enum trust_answer answer(enum lock_answer a)
{
	return a == LOCK_UNKNOWN ? TRUST_UNKNOWN : a == LOCK_YES ? TRUST_YES : TRUST_NO;
}

static struct trust_fact lock_fact(enum lock_answer a, const struct lock_source *s)
{
	return (struct trust_fact){ answer(a), s->path, s->error };
}

/* ---- firmware ---- */

static const char secure_boot_path[] = EFI_VARS_DIR "/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
static const char setup_mode_path[] = EFI_VARS_DIR "/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c";
static const char mok_sb_path[] = EFI_VARS_DIR "/MokSBStateRT-605dab50-e046-4300-abb6-3dd810dd8b23";
static const char mok_trusted_path[] = EFI_MOK_TABLE_DIR "/MokListTrustedRT";

static struct trust_fact flag_variable(struct sys *sys, const char *name, const char *path)
{
	const struct efi_guid global = EFI_GUID_GLOBAL;
	uint8_t v;
	int r = efi_var_read_u8(&sys->root, name, &global, &v);

	if (r < 0)
		return (struct trust_fact){ TRUST_UNKNOWN, path, r };
	return (struct trust_fact){ v ? TRUST_YES : TRUST_NO, path, 0 };
}

/*
 * The kernel takes shim's word only from a variable that the running system cannot have written: one that is not
 * kept over a reboot. Such a variable says that shim was told not to validate.
 */
static struct trust_fact read_validation(struct sys *sys)
{
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_efi_var_ struct efi_var v = { 0 };
	int r = efi_var_read(&sys->root, "MokSBStateRT", &shim, &v);

	if (r == -ENOENT)
		return (struct trust_fact){ TRUST_YES, mok_sb_path, 0 };
	if (r < 0)
		return (struct trust_fact){ TRUST_UNKNOWN, mok_sb_path, r };
	if (v.data.n == 1 && v.data.p[0] == 1 && !(v.attributes & EFI_NON_VOLATILE))
		return (struct trust_fact){ TRUST_NO, mok_sb_path, 0 };
	return (struct trust_fact){ TRUST_YES, mok_sb_path, 0 };
}

/* The kernel looks into shim's table only; the variable of the same name does not count. */
static struct trust_fact read_mok_trusted(struct sys *sys)
{
	_cleanup_closedir_ DIR *table = NULL;
	int r = root_opendir(&sys->root, EFI_MOK_TABLE_DIR, &table);

	if (r < 0 && r != -ENOENT)
		return (struct trust_fact){ TRUST_UNKNOWN, mok_trusted_path, r };
	return (struct trust_fact){ root_exists(&sys->root, mok_trusted_path) ? TRUST_YES : TRUST_NO, mok_trusted_path, 0 };
}

static void no_firmware(struct trust_machine *m)
{
	const struct trust_fact no = { TRUST_NO, "no UEFI", 0 };

	m->secure_boot = m->setup_mode = m->shim_validation = m->mok_trusted = no;
}

static void not_readable(struct trust_machine *m)
{
	const struct trust_fact unknown = { TRUST_UNKNOWN, EFI_VARS_DIR, -ENOENT };

	m->secure_boot = m->setup_mode = m->shim_validation = m->mok_trusted = unknown;
}

static void read_firmware(struct sys *sys, struct trust_machine *m)
{
	enum efi_presence p = efi_presence(&sys->root);

	m->efi = (struct trust_fact){ p == EFI_NO_FIRMWARE ? TRUST_NO : TRUST_YES, EFI_DIR, 0 };
	if (p == EFI_NO_FIRMWARE) {
		no_firmware(m);
		return;
	}
	if (p == EFI_NOT_MOUNTED) {
		not_readable(m);
		return;
	}
	m->secure_boot = flag_variable(sys, "SecureBoot", secure_boot_path);
	m->setup_mode = flag_variable(sys, "SetupMode", setup_mode_path);
	if (m->secure_boot.error == -ENOENT) /* firmware without Secure Boot */
		m->secure_boot = (struct trust_fact){ TRUST_NO, secure_boot_path, 0 };
	if (m->secure_boot.value == TRUST_YES && m->setup_mode.value == TRUST_YES)
		m->secure_boot = (struct trust_fact){ TRUST_NO, setup_mode_path, 0 };
	m->shim_validation = read_validation(sys);
	m->mok_trusted = read_mok_trusted(sys);
}

/* ---- kernel ---- */

/* Who built the kernel: it says so in /proc/version, and by the form of its release. */
static void read_flavour(struct sys *sys, struct machine_reading *r)
{
	static const struct {
		const char *in_version;
		enum trust_flavour flavour;
	} rows[] = {
		{ "debian", TRUST_DEBIAN },   { "fedoraproject.org", TRUST_FEDORA }, { "redhat.com", TRUST_FEDORA },
		{ "mockbuild@", TRUST_FEDORA }, { "centos.org", TRUST_FEDORA },
	};
	char version[512];
	int e = file_read_line(&sys->root, PROC_VERSION, version, sizeof(version));

	for (size_t i = 0; e == 0 && i < ELEMENTSOF(rows); i++) {
		if (!strcasestr(version, rows[i].in_version))
			continue;
		r->machine.flavour = rows[i].flavour;
		snprintf(r->flavour_text, sizeof(r->flavour_text), "%s names \"%s\"", PROC_VERSION, rows[i].in_version);
		return;
	}
	r->machine.flavour = TRUST_UPSTREAM;
	if (e < 0)
		snprintf(r->flavour_text, sizeof(r->flavour_text), "assumed: %s: %s", PROC_VERSION, strerror(-e));
	else
		snprintf(r->flavour_text, sizeof(r->flavour_text), "%s names no distribution with patches of its own",
			 PROC_VERSION);
}

static struct trust_fact may_load(const struct lockstate *l)
{
	if (l->in_user_namespace == LOCK_YES)
		return (struct trust_fact){ TRUST_NO, l->userns_source.path, 0 };
	return lock_fact(l->cap_sys_module, &l->cap_source);
}

/* A kernel without that parameter was built to enforce always, or not to check at all. */
static struct trust_fact read_enforce(const struct machine_reading *r)
{
	if (r->config.values[KCONFIG_MODULE_SIG_FORCE] == KCONFIG_YES)
		return (struct trust_fact){ TRUST_YES, r->config.path, 0 };
	if (r->lock.sig_enforce == LOCK_UNKNOWN && r->lock.sig_enforce_source.error == -ENOENT &&
	    r->config.values[KCONFIG_MODULE_SIG] == KCONFIG_NO)
		return (struct trust_fact){ TRUST_NO, r->config.path, 0 };
	return lock_fact(r->lock.sig_enforce, &r->lock.sig_enforce_source);
}

static struct trust_fact read_checked(const struct machine_reading *r)
{
	if (r->lock.sig_enforce != LOCK_UNKNOWN)
		return (struct trust_fact){ TRUST_YES, r->lock.sig_enforce_source.path, 0 };
	return (struct trust_fact){ (enum trust_answer)r->config.values[KCONFIG_MODULE_SIG],
				    r->config.error ? "no kernel configuration" : r->config.path, r->config.error };
}

static void read_kernel(struct sys *sys, struct machine_reading *r)
{
	struct trust_machine *m = &r->machine;

	kconfig_read(&sys->root, r->release, &r->config);
	memcpy(m->config, r->config.values, sizeof(m->config));
	if (release_version(r->release, &m->version) < 0)
		m->version = 0;
	m->lockdown = r->lock.lockdown;
	m->lockdown_source = (struct trust_fact){ TRUST_YES, r->lock.lockdown_source.path, r->lock.lockdown_source.error };
	m->modules_disabled = lock_fact(r->lock.modules_disabled, &r->lock.modules_disabled_source);
	m->may_load = may_load(&r->lock);
	m->sig_enforce = read_enforce(r);
	m->sig_checked = read_checked(r);
	read_flavour(sys, r);
	m->flavour_source = r->flavour_text;
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
	read_firmware(sys, &ret->machine);
	read_kernel(sys, ret);
	return 0;
}

void machine_reading_done(struct machine_reading *m)
{
	lockstate_done(&m->lock);
}
