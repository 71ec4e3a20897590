/* SPDX-License-Identifier: MIT */
#pragma once

/* Everything a command may reach: nothing uses a global in its place. */

#include <stdio.h>

#include "base/confine.h"
#include "system/sys.h"

struct display; /* display.h */
struct refusal; /* verb/why/refusal.h */
struct why;

struct env {
	const char *tool; /* "modprobe": the name in messages */
	struct sys sys;   /* the machine; report.h sets its diag up, commands may change max_level */
	FILE *out, *err;
	struct display *display;            /* how text looks on a terminal; NULL: as it is, with the tools of kmod */
	bool no_stderr;                     /* standard error was closed when the program started */
	unsigned (*confine)(unsigned keep); /* base/confine.h; NULL: this program must not be confined */
	/* Why the kernel refused a module: refusal_explain(), or what opens its library (face/kmod/reasons.h). */
	int (*explain)(const struct refusal *x, struct why *ret);
};

/*
 * Opens /dev/null in place of a standard input, output or error that is closed, as they are for the modprobe that a
 * kernel starts: otherwise the next file opened, even an index being written, would take that number and receive all
 * that is printed. Must be called before anything is opened.
 */
void env_complete_stdio(struct env *env);

/* What a main() puts into env. Sanitizers and coverage trace the process, and write files, when it ends. */
#ifdef KMODCTL_UNCONFINED
#define ENV_CONFINE NULL
#else
#define ENV_CONFINE confine
#endif
