/* SPDX-License-Identifier: MIT */
#pragma once

/* Everything a command may reach: nothing uses a global in its place. */

#include <stdio.h>

#include "system/sys.h"

struct env {
	const char *tool; /* "modprobe": the name in messages */
	struct sys sys;   /* the machine; report.h sets its diag up, commands may change max_level */
	FILE *out, *err;
	bool no_stderr;   /* standard error was closed when the program started */
};

/* A command of a multi-call binary. argv[0] is what getopt prints. Returns the exit status. */
struct command {
	const char *name;
	int (*run)(struct env *env, int argc, char **argv);
	const char *summary; /* one line for the list of commands */
};

/*
 * Puts /dev/null where standard input, output or error is closed, as it is for the modprobe that a kernel starts:
 * otherwise the next file that is opened, an index to be written even, would take that number and with it all that is
 * printed. To be called before anything is opened.
 */
void env_complete_stdio(struct env *env);
/* NULL when there is none of that name. The table ends with a NULL name. */
const struct command *command_find(const struct command *table, const char *name);
/*
 * Runs a command as main() would: flushes env->out, and turns a failed write of it into status 1 with a message, so
 * that `modprobe -c > /dev/full` does not pass for success.
 */
int command_main(const struct command *c, struct env *env, int argc, char **argv);
/* The same for a word behind another command: messages and help begin with both ("kmodctl sign"). */
int command_word(const struct command *c, struct env *env, int argc, char **argv);
