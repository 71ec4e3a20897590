// SPDX-License-Identifier: MIT
#ifndef KMODCTL_SMALL
/*
 * initcall_blacklist= of the kernel command line (kernel-parameters.txt) keeps functions from being run by their names:
 * of a module its init function, whose load then fails with EPERM and without a word in the log; of what is built in,
 * any of its initcalls. The kernel finds the name of a function by its address, which takes CONFIG_KALLSYMS.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "read/image/symtable.h"
#include "read/kernel/kallsyms.h"
#include "read/kernel/kconfig.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define PARAMETER "initcall_blacklist"
#define RECORD "__initcall__kmod_" /* MODULE "__" COUNTER "_" LINE "_" FUNCTION LEVEL */
#define DIGITS "0123456789"

static const struct policy_entry place = { .file = "/proc/cmdline" };

static bool has_names(const struct subject *s)
{
	struct kconfig_entry e;

	return kconfig_find(&s->q->sys->root, s->q->release, "CONFIG_KALLSYMS", &e) != 1 || strcmp(e.value, "n") != 0;
}

static int fix(struct subject *s, const char *function)
{
	int r = why_fix(s->found, "take it out of that list where the boot loader has it from, and reboot");

	return r < 0 ? r : remedy_boot_argument(s->found, &s->q->sys->root, PARAMETER, function);
}

/* ---- of a module ---- */

static bool find_symbol(const struct elf *e, const struct symtable *t, const char *name, struct symtable_entry *ret)
{
	for (size_t i = 0; i < t->n; i++)
		if (symtable_entry(e, t, i, ret) == 0 && strcmp(ret->name, name) == 0)
			return true;
	return false;
}

/* The kernel calls init_module; of several names of one address it takes the first one in the table. NULL: unknown. */
static const char *init_function(const struct elf *e)
{
	struct symtable_entry init, x;
	struct symtable t;

	if (symtable_read(e, elf_find(e, ".symtab"), false, &t) < 0 || !find_symbol(e, &t, "init_module", &init))
		return NULL;
	for (size_t i = 0; i < t.n; i++)
		if (symtable_entry(e, &t, i, &x) == 0 && *x.name && *x.name != '$' && *x.name != '.' &&
		    x.section == init.section && x.value == init.value)
			return x.name;
	return NULL;
}

static int look_at_module(struct subject *s, const struct lockstate *l)
{
	const char *function = s->is_module ? init_function(&s->elf) : NULL;
	int r;

	if (!function || !strv_has(&l->initcalls, function))
		return 0;
	r = why_add(s->found, WHY_OBSTACLE, WHY_INITCALL_DENIED, &place,
		    "the kernel does not run its init function %s, and the load fails with EPERM: " PARAMETER
		    "= on the kernel command line names it",
		    function);
	return r < 0 ? r : fix(s, function);
}

/* ---- of what is built in ---- */

/* Is it a number and an underscore? They are removed. */
static bool take_number(const char **text)
{
	size_t n = strspn(*text, DIGITS);

	if (n == 0 || (*text)[n] != '_')
		return false;
	*text += n + 1;
	return true;
}

static bool is_level(const char *text)
{
	return (text[0] >= '0' && text[0] <= '7' && (!text[1] || strcmp(text + 1, "s") == 0)) ||
	       strcmp(text, "early") == 0 || strcmp(text, "rootfs") == 0;
}

struct initcalls {
	const char *module;
	const struct strv *denied;
	const char *found; /* one of denied */
	bool seen;         /* the kernel shows which initcalls it has */
};

static bool look_at_record(const char *name, void *data)
{
	struct initcalls *x = data;
	size_t n = strlen(x->module);

	if (strncmp(name, RECORD, strlen(RECORD)) != 0)
		return false;
	x->seen = true;
	name += strlen(RECORD);
	if (strncmp(name, x->module, n) != 0 || strncmp(name + n, "__", 2) != 0)
		return false;
	name += n + 2;
	for (unsigned i = 0; i < 2; i++)
		if (!take_number(&name))
			return false;
	for (size_t i = 0; i < x->denied->n && !x->found; i++) {
		size_t len = strlen(x->denied->items[i]);

		if (strncmp(name, x->denied->items[i], len) == 0 && is_level(name + len))
			x->found = x->denied->items[i];
	}
	return x->found;
}

static int look_at_builtin(struct subject *s, const struct lockstate *l)
{
	struct initcalls x = { .module = s->c->name, .denied = &l->initcalls };
	int r = kallsyms_each(&s->q->sys->root, look_at_record, &x);

	if (r == -ENOMEM || (x.seen && !x.found))
		return r == -ENOMEM ? r : 0;
	if (!x.found)
		return why_add(s->found, WHY_NOTE, WHY_INITCALL_UNKNOWN, &place,
			       PARAMETER "= on the kernel command line names functions that are not run; whether one of"
					 " them is this module's is unknown, because /proc/kallsyms does not show it");
	r = why_add(s->found, WHY_TROUBLE, WHY_INITCALL_DENIED, &place,
		    "the kernel does not run its function %s at boot: " PARAMETER
		    "= on the kernel command line names it",
		    x.found);
	return r < 0 ? r : fix(s, x.found);
}

int why_initcall(struct subject *s)
{
	const struct lockstate *l;
	int r = subject_lock(s, &l);

	if (r < 0 || !l->initcalls.n || !has_names(s))
		return r;
	return s->builtin ? look_at_builtin(s, l) : look_at_module(s, l);
}
#endif
