// SPDX-License-Identifier: MIT
/*
 * Types that a module brings along (.BTF) count from those of the kernel's image, and mean nothing beside another one.
 * The kernel checks them once the rest of the module is in place. Whether they fit, only its log tells.
 */
#ifndef KMODCTL_SMALL
#include <errno.h>
#include <string.h>

#include "read/kernel/kconfig.h"
#include "verb/why/parts.h"

#define OPTION "CONFIG_MODULE_ALLOW_BTF_MISMATCH"
#define RECORD "failed to validate module ["

/* The kernel's log spells names with '_'. */
static bool is_about(const char *text, const char *name)
{
	size_t n = strlen(name);

	if (strncmp(text, RECORD, strlen(RECORD)) != 0)
		return false;
	text += strlen(RECORD);
	for (size_t i = 0; i < n; i++)
		if (text[i] != name[i] && !(text[i] == '_' && name[i] == '-'))
			return false;
	return strncmp(text + n, "] BTF: ", strlen("] BTF: ")) == 0;
}

static int add(struct subject *s, enum why_weight weight, const char *when, const char *text)
{
	struct kconfig_entry option;
	bool is_off =
		kconfig_find(&s->q->sys->root, s->q->release, OPTION, &option) == 1 && strcmp(option.value, "n") == 0;
	const struct policy_entry at = { .file = is_off ? option.path : NULL, .line = is_off ? option.line : 0 };
	int r = why_add(s->found, weight, WHY_TYPES, is_off ? &at : NULL,
			"%sits types (.BTF) do not fit this kernel's image, says the kernel's log: %s%s", when, text,
			is_off ? "; " OPTION " is not set" : "");

	return r < 0 ? r :
		       why_fix(s->found,
			       "install the kernel's image and its modules of one build, and boot that; build a "
			       "module of your own again, or strip .BTF before it is signed");
}

static int look(void *data, const struct kmsg_record *record)
{
	struct subject *s = data;

	if (!is_about(record->text, s->c->name) || why_find(s->found, WHY_TYPES))
		return 0;
	return add(s, WHY_NOTE, "when it was loaded in this boot, ", record->text);
}

int why_types(struct subject *s)
{
	bool from_boot;

	if (!s->is_module)
		return 0;
	if (!s->refused) {
		bool has_types = s->state == LIVE_ABSENT && !s->builtin && elf_find(&s->elf, ".BTF");

		return has_types && kmsg_each(&s->q->sys->root, look, s, &from_boot) == -ENOMEM ? -ENOMEM : 0;
	}
	for (size_t i = 0; s->kmsg && i < s->kmsg->n; i++)
		if (is_about(s->kmsg->items[i].text, s->c->name))
			return add(s, WHY_OBSTACLE, "", s->kmsg->items[i].text);
	return 0;
}
#endif
