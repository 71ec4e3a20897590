// SPDX-License-Identifier: MIT
/* May this process load any module, and may any process load this one? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/modname.h"
#include "read/conf/sysctl.h"
#include "read/kernel/calls.h"
#include "read/kernel/kconfig.h"
#include "verb/why/parts.h"
#include "verb/why/refusal.h"
#include "verb/why/remedy.h"

static int tell_no_support(struct why *found, const struct policy_entry *at)
{
	int r = why_add(found, WHY_OBSTACLE, WHY_NO_SUPPORT, at, REFUSAL_NO_SUPPORT);

	return r < 0 ? r : why_fix(found, "boot a kernel that was built with CONFIG_MODULES=y");
}

int why_kernel_supports(const struct why_query *q, struct why *found)
{
	struct kconfig_entry e;

	if (kconfig_find(&q->sys->root, q->release, "CONFIG_MODULES", &e) != 1)
		return lockstate_is_without_modules(&q->sys->root) ? tell_no_support(found, NULL) : 0;
	if (strcmp(e.value, "n") != 0)
		return 0;
	const struct policy_entry at = { .file = e.path, .line = e.line };

	return tell_no_support(found, &at);
}

int why_supported(struct subject *s)
{
	return why_kernel_supports(s->q, s->found);
}

static int tell_disabled(struct subject *s)
{
	struct sysctl_entry e = { 0 };
	int r = sysctl_find(&s->q->sys->root, "kernel.modules_disabled", &e);
	const struct policy_entry at = { .file = e.file, .line = e.line };

	if (r == -ENOMEM)
		return r;
	r = why_add(s->found, WHY_OBSTACLE, WHY_MODULES_DISABLED, e.file ? &at : NULL,
		    "no module can be loaded until the next boot: kernel.modules_disabled is 1");
	if (r >= 0)
		r = why_fix(s->found,
			    "%shave the module loaded at boot before that is set (modules-load.d), and reboot",
			    e.file ? "remove the line or " : "");
	if (r >= 0 && e.file)
		r = remedy_delete_line(s->found, &s->q->sys->root, &at);
	free(e.file);
	return r;
}

#ifndef KMODCTL_SMALL
/* The kernel has said so, whatever /proc/cmdline shows. */
static bool is_logged_as_denied(const struct subject *s, const char *name)
{
	char text[MODNAME_MAX + 32];

	snprintf(text, sizeof(text), "Module %s is blacklisted", name);
	for (size_t i = 0; s->kmsg && i < s->kmsg->n; i++)
		if (kmsg_is_kernels(&s->kmsg->items[i]) && strcmp(s->kmsg->items[i].text, text) == 0)
			return true;
	return false;
}
#else
static bool is_logged_as_denied(const struct subject *s _unused_, const char *name _unused_)
{
	return false;
}
#endif

int why_denied(struct subject *s)
{
	const struct policy_entry cmdline = { .file = "/proc/cmdline" };
	/* The kernel compares the name inside the file. */
	const char *own = s->is_module ? modinfo_get(&s->info, "name") : NULL, *name = own ? own : s->c->name;
	const struct lockstate *l;
	int r = subject_lock(s, &l);

	if (r < 0 || (s->src && !s->is_elf && !s->refused))
		return r;
	if (!lockstate_is_blacklisted(l, name) && !is_logged_as_denied(s, name))
		return r;
	r = why_add(s->found, WHY_OBSTACLE, WHY_DENIED_BY_KERNEL, &cmdline,
		    "the kernel refuses it: module_blacklist= on the kernel command line names it");
	if (r >= 0)
		r = why_fix(s->found, "take it out of that list where the boot loader has it from, and reboot");
	return r < 0 ? r : remedy_boot_argument(s->found, &s->q->sys->root, "module_blacklist", name);
}

int why_process(struct subject *s)
{
	const struct lockstate *l;
	int r = subject_lock(s, &l);

	if (r >= 0 && l->in_user_namespace == LOCK_YES)
		r = why_add(s->found, WHY_OBSTACLE, WHY_USER_NAMESPACE, NULL,
			    "this process is in a user namespace (a container): load the module on the host");
	if (r >= 0 && l->cap_sys_module == LOCK_NO)
		r = why_add(s->found, WHY_OBSTACLE, WHY_NO_CAPABILITY, NULL,
			    "this process lacks CAP_SYS_MODULE: run as root, outside of a container");
	if (r >= 0 && l->modules_disabled == LOCK_YES)
		r = tell_disabled(s);
	return r;
}
