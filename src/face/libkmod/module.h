/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Module objects: one per context and key. The key is the name, or name and alias for one that was found by an alias.
 */

#include "face/libkmod/private.h"
#include "decide/plan/world.h"

struct kmod_module {
	struct kmod_ctx *ctx; /* holds a reference */
	unsigned refs;
	char *key;
	char *name;
	char *alias;               /* NULL: not made from one */
	char *path;                /* NULL: not known yet, or none */
	char *options;             /* as configured; NULL: none, or not asked for yet */
	struct plan_modules needs; /* from modules.dep; empty: not asked for yet, or none */
	bool from_path;            /* never counts as built in */
	bool from_builtin;         /* found in an index of built-in modules */
	bool from_index;           /* found in modules.dep: its path is the one listed there */
	bool path_known;           /* path was looked for */
	bool options_known;
};

/* The object of this name and alias (NULL: none), new or known: a reference for the caller. */
int module_get(struct kmod_ctx *ctx, const char *name, const char *alias, struct kmod_module **ret);
/* The same, and sets its file if it has none yet. */
int module_get_with_path(struct kmod_ctx *ctx, const char *name, const char *path, struct kmod_module **ret);
/* Takes over the reference: appends it, or drops it on failure. */
int module_list_take(struct kmod_list **list, struct kmod_module *mod);

/* What decisions about this context are based on. live is storage for the caller's stack. */
struct plan_world module_world(const struct kmod_ctx *ctx, struct live_view *live);

static inline void module_unref_p(struct kmod_module **mod)
{
	kmod_module_unref(*mod);
}

static inline void module_unref_list_p(struct kmod_list **list)
{
	kmod_module_unref_list(*list);
}

#define _cleanup_module_ _cleanup_(module_unref_p)
#define _cleanup_module_list_ _cleanup_(module_unref_list_p)
