/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The answer first: a block of lines about one module, in the order in which they are added, and no more of them than a
 * reader takes in at a glance. What matters least gives way, and the last line says where all of it is.
 */

#include "base/arena.h"
#include "face/common/display.h"

#define BRIEF_LINES 8
#define BRIEF_COLUMNS 80

/* What gives way last comes first. */
enum brief_rank { BRIEF_ANSWER, BRIEF_REASON, BRIEF_CIRCUMSTANCE, BRIEF_NOTE };

struct brief_line {
	enum brief_rank rank;
	enum look look;
	const char *head; /* what stands in front of it, 12 columns; "": nothing */
	const char *text;
	const char *const *command; /* borrowed; then there is no text */
	size_t height;              /* lines of a terminal */
	bool is_left_out;
};

struct brief {
	struct brief_line *items;
	size_t n, cap;
	struct arena strings;
	bool is_whole; /* nothing is left out; set by the verb */
};

/* The answer itself, in its color, on a line that begins at the left. 0, -ENOMEM. */
int brief_answer(struct brief *b, enum look look, const char *text);
/* "! file      text": mark ' ' for none. 0, -ENOMEM. */
int brief_add(struct brief *b, enum brief_rank rank, enum look look, char mark, const char *label, const char *text);
/* A command that can be pasted, below the line added last. 0, -ENOMEM. */
int brief_command(struct brief *b, enum brief_rank rank, const char *const *argv);
/* Prints the block; more: a command that shows what was left out. */
int brief_print(struct brief *b, struct env *env, const char *const *more);
void brief_done(struct brief *b);
#define _cleanup_brief_ _cleanup_(brief_done)
