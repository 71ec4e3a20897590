// SPDX-License-Identifier: MIT
#include "system/machine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "read/efi/secureboot.h"
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
}

/* ---- kernel ---- */

/* Who built the kernel: /proc/version names the distribution. */
static void read_flavour(struct sys *sys, struct machine_reading *r)
{
	static const struct {
		const char *in_version;
		enum trust_flavour flavour;
	} rows[] = {
		{ "debian", TRUST_DEBIAN },     { "fedoraproject.org", TRUST_FEDORA }, { "redhat.com", TRUST_FEDORA },
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

static struct trust_fact may_load(const struct machine_reading *r)
{
	const struct lockstate *l = &r->lock;

	if (r->config.without_modules)
		return (struct trust_fact){ TRUST_NO, r->config.path, 0 };
	if (l->in_user_namespace == LOCK_YES)
		return (struct trust_fact){ TRUST_NO, l->userns_source.path, 0 };
	return lock_fact(l->cap_sys_module, &l->cap_source);
}

/* A kernel without that parameter was built either to enforce always or not to check at all. */
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
	m->lockdown_source =
		(struct trust_fact){ TRUST_YES, r->lock.lockdown_source.path, r->lock.lockdown_source.error };
	m->modules_disabled = lock_fact(r->lock.modules_disabled, &r->lock.modules_disabled_source);
	m->may_load = may_load(r);
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
