// SPDX-License-Identifier: MIT
/* Removes from lists the modules that the configuration or the kernel's image rules out. */
#include <errno.h>

#include "face/libkmod/module.h"

static bool is_filtered(const struct kmod_ctx *ctx, const struct kmod_module *mod, unsigned filter)
{
	if ((filter & KMOD_FILTER_BLACKLIST) && policy_blacklist(ctx->policy, mod->name))
		return true;
	return (filter & KMOD_FILTER_BUILTIN) && kmod_module_get_initstate(mod) == KMOD_MODULE_BUILTIN;
}

KMOD_EXPORT int kmod_module_apply_filter(const struct kmod_ctx *ctx, enum kmod_filter filter_type,
					 const struct kmod_list *input, struct kmod_list **output)
{
	_cleanup_module_list_ struct kmod_list *kept = NULL;
	const struct kmod_list *e;

	if (!ctx || !output)
		return -ENOENT;
	*output = NULL;
	kmod_list_foreach(e, input) {
		int r;

		if (is_filtered(ctx, e->data, filter_type))
			continue;
		r = module_list_take(&kept, kmod_module_ref(e->data));
		if (r < 0)
			return r;
	}
	*output = take_ptr(kept);
	return 0;
}

KMOD_EXPORT int kmod_module_get_filtered_blacklist(const struct kmod_ctx *ctx, const struct kmod_list *input,
						   struct kmod_list **output)
{
	return kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, input, output);
}
