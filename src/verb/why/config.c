// SPDX-License-Identifier: MIT
/*
 * The kernel's configuration about a module that is not installed. Options are not named like modules in general:
 * only an option of exactly that name is reported.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/modname.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"
#include "read/kernel/kconfig.h"

/* usb-storage is CONFIG_USB_STORAGE. */
static int option_of(const char *asked, char *ret, size_t cap)
{
	char name[MODNAME_MAX];

	if (modname_normalize(asked, name) < 0 || (size_t)snprintf(ret, cap, "CONFIG_%s", name) >= cap)
		return -EINVAL;
	for (char *p = ret; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return 0;
}

int why_config(const struct why_query *q, const char *asked, struct why *found)
{
	char option[MODNAME_MAX + 8];
	struct kconfig_entry e;
	int r;

	if (option_of(asked, option, sizeof(option)) < 0 || kconfig_find(&q->sys->root, q->release, option, &e) != 1)
		return 0;
	const struct policy_entry at = { .file = e.path, .line = e.line };

	if (strcmp(e.value, "m") == 0) {
		r = why_add(found, WHY_NOTE, WHY_CONFIG_MODULE, &at,
			    "%s=m: it was built as a module with this kernel, but its file is not here", option);
		if (r >= 0)
			r = why_fix(found,
				    "install the package with more modules of %s (linux-modules-extra,"
				    " kernel-modules-extra); where there is none, install that of the kernel again",
				    q->release);
		return r < 0 ? r : remedy_modules(found, &q->sys->root, q->release, true);
	}
	if (strcmp(e.value, "n") == 0) {
		r = why_add(found, WHY_NOTE, WHY_CONFIG_OFF, &at, "%s is not set: this kernel was built without it",
			    option);
		return r < 0 ? r : why_fix(found, "use another kernel, or build the module from its source");
	}
	if (strcmp(e.value, "y") != 0)
		return 0;
	return why_add(found, WHY_NOTE, WHY_CONFIG_BUILTIN, &at, "%s is built into the kernel: %s=y", asked, option);
}
