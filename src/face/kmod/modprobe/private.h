/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of modprobe share. Only cmd_modprobe*.c includes this. */

#include "base/vec.h"
#include "decide/plan/resolve.h"
#include "face/common/env.h"

struct modprobe_options {
	bool all, remove, ignore_commands, use_blacklist, dry_run, first_time, remove_holders, json;
	bool show_alias, show_depends, show_config, show_modversions, show_exports;
	bool has_wait;
	unsigned wait_ms;
	unsigned force;       /* enum insert_flags */
	bool force_unload;
	int level;            /* of messages: each -v is one more, -q begins at the lowest */
	uint32_t jobs;        /* 0: one after the other */
	const char *dirname, *release;
	struct strv config;   /* -C */
	struct buf exported;  /* for MODPROBE_OPTIONS of install and remove commands */
};

struct modprobe {
	struct env *env;
	const struct modprobe_options *o;
	struct live_view live;
	struct plan_world world;
};

/* Are loads and removals shown as they are done? Not with -q, whatever -v says. */
bool modprobe_is_verbose(const struct modprobe_options *o);
/* Each takes the operands and returns the exit status. */
int modprobe_load(struct modprobe *m, int n, char **args);
int modprobe_remove(struct modprobe *m, int n, char **args);
int modprobe_show_config(struct modprobe *m);
int modprobe_show_versions(struct modprobe *m, const char *arg);
int modprobe_show_exports(struct modprobe *m, const char *arg);

/*
 * The modules that an operand names: a path that starts with / or ./, else a name or alias. 1: found; 0: none, told (as a
 * warning with -a); -1: none, told, and it was fatal.
 */
int modprobe_find(struct modprobe *m, const char *arg, struct candidates *ret);
