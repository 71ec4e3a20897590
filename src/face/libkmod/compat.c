// SPDX-License-Identifier: MIT
/*
 * kmod_module_new_from_name_lookup() moved from LIBKMOD_5 to LIBKMOD_30 in kmod 33. Programs linked against an
 * older library ask for the first, newer ones for the second: the shared library serves both.
 */
#include "face/libkmod/private.h"

KMOD_EXPORT int compat_new_from_name_lookup_5(struct kmod_ctx *ctx, const char *modname, struct kmod_module **mod);

__asm__(".symver compat_new_from_name_lookup_5, kmod_module_new_from_name_lookup@LIBKMOD_5");

KMOD_EXPORT int compat_new_from_name_lookup_5(struct kmod_ctx *ctx, const char *modname, struct kmod_module **mod)
{
	return kmod_module_new_from_name_lookup(ctx, modname, mod);
}
