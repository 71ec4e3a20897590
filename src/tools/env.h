/* SPDX-License-Identifier: MIT */
#pragma once

/* Everything a command may reach: nothing below tools/ uses a global in its place. */

#include <stdio.h>

#include "base/diag.h"
#include "base/root.h"
#include "kernel/calls.h"

struct env {
	const char *argv0;     /* as called; getopt(3) prints it */
	const char *tool;      /* "modprobe": the name in messages */
	struct root root;      /* stands for "/" */
	const struct kernel *kernel;
	FILE *out, *err;
	struct diag diag;      /* prints `tool: LEVEL: text` on err or syslog; report.h sets it up */
};

/* A command of a multi-call binary. argv[0] is its name. Returns the exit status. */
struct command {
	const char *name;
	int (*run)(struct env *env, int argc, char **argv);
	const char *summary; /* one line for the list of commands */
};
