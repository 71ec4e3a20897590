/* SPDX-License-Identifier: MIT */
#pragma once

/* Mistakes that were found in what is configured. */

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum lint_level {
	LINT_ERROR,   /* it does not do what it says */
	LINT_WARNING, /* it can hardly be meant */
	LINT_NOTE,    /* it may be meant */
};

struct lint_finding {
	enum lint_level level;
	const char *code; /* "lint.module": docs/messages.md */
	const char *file;
	unsigned line; /* 0: the whole file, or the kernel command line */
	const char *text;
	const char *fix; /* NULL: none is known */
};

struct lint {
	struct lint_finding *items; /* by file and line */
	size_t n, cap;
	size_t errors, warnings, notes;
	bool is_incomplete; /* something could not be read, so that there may be more */
	struct arena strings;
};

/* Adds a copy. 0 or -ENOMEM. */
int lint_take(struct lint *l, struct lint_finding f);
/* Puts them in order, and leaves out what was found twice. */
void lint_sort(struct lint *l);
void lint_done(struct lint *l);
const char *lint_level_name(enum lint_level level); /* "error", "warning", "note" */

#define _cleanup_lint_ _cleanup_(lint_done)
