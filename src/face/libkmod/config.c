// SPDX-License-Identifier: MIT
/* Iterators over the merged configuration. */
#include <stdlib.h>

#include "face/libkmod/private.h"

struct kmod_config_iter {
	const struct policy *policy;
	enum policy_kind kind;
	size_t next; /* position after the current entry */
	const struct policy_entry *entry;
	struct buf value; /* of the current entry, for softdeps and weakdeps */
};

static struct kmod_config_iter *iter_new(const struct kmod_ctx *ctx, enum policy_kind kind)
{
	struct kmod_config_iter *it;

	if (!ctx)
		return NULL;
	it = calloc(1, sizeof(*it));
	if (!it)
		return NULL;
	it->policy = ctx->policy;
	it->kind = kind;
	return it;
}

KMOD_EXPORT struct kmod_config_iter *kmod_config_get_blacklists(const struct kmod_ctx *ctx)
{
	return iter_new(ctx, POLICY_BLACKLIST);
}

KMOD_EXPORT struct kmod_config_iter *kmod_config_get_install_commands(const struct kmod_ctx *ctx)
{
	return iter_new(ctx, POLICY_INSTALL);
}

KMOD_EXPORT struct kmod_config_iter *kmod_config_get_remove_commands(const struct kmod_ctx *ctx)
{
	return iter_new(ctx, POLICY_REMOVE);
}

KMOD_EXPORT struct kmod_config_iter *kmod_config_get_aliases(const struct kmod_ctx *ctx)
{
	return iter_new(ctx, POLICY_ALIAS);
}

KMOD_EXPORT struct kmod_config_iter *kmod_config_get_options(const struct kmod_ctx *ctx)
{
	return iter_new(ctx, POLICY_OPTIONS);
}

KMOD_EXPORT struct kmod_config_iter *kmod_config_get_softdeps(const struct kmod_ctx *ctx)
{
	return iter_new(ctx, POLICY_SOFTDEP);
}

KMOD_EXPORT struct kmod_config_iter *kmod_config_get_weakdeps(const struct kmod_ctx *ctx)
{
	return iter_new(ctx, POLICY_WEAKDEP);
}

KMOD_EXPORT const char *kmod_config_iter_get_key(const struct kmod_config_iter *iter)
{
	return iter && iter->entry ? iter->entry->name : NULL;
}

KMOD_EXPORT const char *kmod_config_iter_get_value(const struct kmod_config_iter *iter)
{
	/* The ABI's const is about the position: building the text is allowed to remember it. */
	struct kmod_config_iter *it = (struct kmod_config_iter *)(uintptr_t)iter;

	if (!it || !it->entry)
		return NULL;
	if (it->kind != POLICY_SOFTDEP && it->kind != POLICY_WEAKDEP)
		return it->entry->value;
	buf_clear(&it->value);
	return policy_format_deps(it->entry, &it->value) < 0 ? NULL : buf_str(&it->value);
}

KMOD_EXPORT bool kmod_config_iter_next(struct kmod_config_iter *iter)
{
	if (!iter)
		return false;
	if (iter->next >= policy_count(iter->policy, iter->kind)) {
		iter->next = 0;
		iter->entry = NULL;
		return false;
	}
	iter->entry = policy_get(iter->policy, iter->kind, iter->next++);
	return true;
}

KMOD_EXPORT void kmod_config_iter_free_iter(struct kmod_config_iter *iter)
{
	if (!iter)
		return;
	buf_done(&iter->value);
	free(iter);
}
