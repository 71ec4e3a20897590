/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * "tool: [#####               ]  28%, 1200 of 4230 modules, 7 s left" on one line of a terminal that is written over,
 * and wiped at the end and by a signal that ends the process. Nothing is shown when the stream is not a terminal, or is
 * one that cannot do that (TERM=dumb), in scripts of Debian's packages (deb-postinst(5)), or before half a second has
 * gone by.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

struct progress {
	FILE *out;
	const char *tool;
	const char *noun; /* "modules" */
	bool terminal;
	bool shown;
	struct timespec start, last;
};

void progress_init(struct progress *p, FILE *out, const char *tool, const char *noun);
/* Everything done: wipes the line, so that messages may follow. */
void progress_show(struct progress *p, size_t done, size_t total);
/* Wipes the line, if there is one. */
void progress_done(struct progress *p);
