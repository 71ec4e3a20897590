/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What decisions are based on: the installed modules, the configuration and the running kernel. Any pointer may be
 * NULL, which stands for an empty one. Nothing in plan/ opens a file or queries the kernel except through these.
 */

#include "base/vec.h"
#include "read/conf/policy.h"
#include "read/index/catalog.h"
#include "decide/plan/live_view.h"

struct plan_world {
	const struct catalog *catalog;
	const struct policy *policy;
	const struct live_view *live;
	struct diag *diag;
	/* The file that the user named for a module, borrowed; NULL: that of modules.dep. The member may be NULL. */
	const char *(*named_file)(const void *data, const char *name);
	const void *named_data;
};

/* One module that another one needs, or that a lookup found. */
struct plan_module {
	char *name;
	char *path; /* absolute; NULL: unknown */
};

struct plan_modules {
	struct plan_module *items;
	size_t n, cap;
};

void plan_modules_done(struct plan_modules *m);

/* The absolute path that modules.dep gives for a normalized name; NULL: not listed. 0 or -ENOMEM. */
int world_path(const struct plan_world *w, const char *name, char **ret);
/* Hard dependencies from modules.dep, in load order: the one that needs no other comes first. Adds to *ret. */
int world_dependencies(const struct plan_world *w, const char *name, struct plan_modules *ret);
/* LIVE_ABSENT also when the state is unknown. */
enum live_state world_state(const struct plan_world *w, const char *name);
bool world_is_live(const struct plan_world *w, const char *name);
