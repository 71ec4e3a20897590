/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of modprobe share. Only files of this folder include this. */

#include "decide/plan/resolve.h"
#include "face/kmod/modprobe/options.h"

struct modprobe {
	struct env *env;
	const struct modprobe_options *o;
	struct live_view live;
	struct plan_world world;
	bool looped;   /* a command was not run, because it is being run already */
	bool is_below; /* a modprobe that has gone on after that */
};

/* Each takes the operands and returns the exit status. */
int modprobe_load(struct modprobe *m, int n, char **args);
int modprobe_remove(struct modprobe *m, int n, char **args);
int modprobe_show_config(struct modprobe *m);
int modprobe_show_versions(struct modprobe *m, const char *arg);
int modprobe_show_exports(struct modprobe *m, const char *arg);

/*
 * The modules that an operand names: a path that starts with / or ./, else a name or alias. 1: found; 0: not found,
 * reported (as a warning with -a); -1: not found, reported as fatal.
 */
int modprobe_find(struct modprobe *m, const char *arg, struct candidates *ret);
/* Below a message: the running kernel has no support for modules, if the modules of another one were not asked for. */
void modprobe_tell_support(const struct modprobe *m);

/*
 * With -a, after a loop. What leads back to itself does so again for each of the other names, and what these run may do
 * the same. As kmod, this modprobe goes on with them, but those that their commands run end at the first loop: true and
 * reported, next is the first name that is left out.
 */
bool modprobe_ends_at_loop(const struct modprobe *m, const char *next);
