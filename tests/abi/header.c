/* SPDX-License-Identifier: MIT */
/* The header in a C89 program; values that compiled programs carry are fixed. */
#include <libkmod.h>

#include <stddef.h>

/* An array of negative size if the value is another one. */
#define FIXED(name, value) typedef char fixed_##name[(name) == (value) ? 1 : -1]

FIXED(KMOD_RESOURCES_MUST_RECREATE, 2);
FIXED(KMOD_INDEX_MODULES_BUILTIN_ALIAS, 3);
FIXED(KMOD_INDEX_MODULES_BUILTIN, 4);
FIXED(KMOD_REMOVE_FORCE, O_TRUNC);
FIXED(KMOD_REMOVE_NOWAIT, O_NONBLOCK);
FIXED(KMOD_REMOVE_NOLOG, 1);
FIXED(KMOD_INSERT_FORCE_VERMAGIC, 1);
FIXED(KMOD_INSERT_FORCE_MODVERSION, 2);
FIXED(KMOD_PROBE_IGNORE_COMMAND, 4);
FIXED(KMOD_PROBE_IGNORE_LOADED, 8);
FIXED(KMOD_PROBE_DRY_RUN, 0x10);
FIXED(KMOD_PROBE_FAIL_ON_LOADED, 0x20);
FIXED(KMOD_PROBE_APPLY_BLACKLIST_ALL, 0x10000);
FIXED(KMOD_PROBE_APPLY_BLACKLIST, 0x20000);
FIXED(KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY, 0x40000);
FIXED(KMOD_FILTER_BUILTIN, 2);
FIXED(KMOD_MODULE_GOING, 3);
FIXED(KMOD_SYMBOL_UNDEF, 'U');

int main(void)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_list *e, *none = NULL;
	int entries = 0;

	kmod_list_foreach(e, none)
		entries++;
	kmod_list_foreach_reverse(e, none) entries++;
	return ctx && !entries && !kmod_unref(ctx) ? 0 : 1;
}
