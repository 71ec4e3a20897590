// SPDX-License-Identifier: MIT
/*
 * kmod_module_new_from_name_lookup() moved from LIBKMOD_5 to LIBKMOD_30 in kmod 33. Programs linked against an
 * older library ask for the first, newer ones for the second: the shared library serves both.
 */
#include "face/libkmod/private.h"

/* Link-time optimization does not see what an asm at the top of a file says; clang has nothing else. */
#if defined(__has_attribute) && __has_attribute(symver)
#define OLD_VERSION __attribute__((symver("kmod_module_new_from_name_lookup@LIBKMOD_5")))
#else
#define OLD_VERSION
__asm__(".symver compat_new_from_name_lookup_5, kmod_module_new_from_name_lookup@LIBKMOD_5");
#endif

KMOD_EXPORT OLD_VERSION int compat_new_from_name_lookup_5(struct kmod_ctx *ctx, const char *modname,
							  struct kmod_module **mod);

KMOD_EXPORT int compat_new_from_name_lookup_5(struct kmod_ctx *ctx, const char *modname, struct kmod_module **mod)
{
	return kmod_module_new_from_name_lookup(ctx, modname, mod);
}
