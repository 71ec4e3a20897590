/* SPDX-License-Identifier: MIT */
#pragma once

/* The commands of a multi-call binary, and running one of them. */

#include "face/common/env.h"

/* A command of a multi-call binary. argv[0] is what getopt prints. Returns the exit status. */
struct command {
	const char *name;
	int (*run)(struct env *env, int argc, char **argv);
	const char *summary; /* one line for the list of commands */
};

/* NULL when there is no command of that name. The table ends with a NULL name. */
const struct command *command_find(const struct command *table, const char *name);
/*
 * Runs a command as main() would: flushes env->out, and turns a failed write of it into status 1 with a message, so
 * that `modprobe -c > /dev/full` does not pass for success.
 */
int command_main(const struct command *c, struct env *env, int argc, char **argv);
/*
 * main() of a multi-call binary: runs the tool that argv[0] names; own when it names that, or, if own_is_default, no
 * tool. Any other name ends silently with status 1, as with kmod.
 */
int command_start(const struct command *tools, const struct command *own, bool own_is_default, struct env *env,
		  int argc, char **argv);
/* The same for a word after another command: messages and help begin with both ("kmodctl sign"). */
int command_word(const struct command *c, struct env *env, int argc, char **argv);
/*
 * Gives up what reading and printing does not need, but for what keep names (enum confine_keep): for commands that
 * change nothing, after their options are parsed and before they read anything.
 */
void command_confine(struct env *env, unsigned keep);
