/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * How the text of kmodctl's verbs looks: colors, symbols and lines that fit on a terminal, plain text elsewhere. A verb
 * that shows something calls display_page() or display_stream() once its options are parsed, and before it gives up
 * what it does not need (command_confine()); neither does anything for JSON. From there on env->out takes looks.
 */

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "face/common/env.h"
#include "face/common/look.h"
#include "face/common/pager.h"

/* Ids of the options that every verb has. */
#define DISPLAY_COLOR 1
#define DISPLAY_NO_PAGER 2

struct display {
	struct env *env;
	FILE *real;       /* what env->out was; NULL: it still is that */
	unsigned columns; /* of the terminal; 0: there is none */
	unsigned rows;
	enum { DISPLAY_AUTO, DISPLAY_ALWAYS, DISPLAY_NEVER } color_when;
	bool colors, symbols;
	bool no_pager;
	bool collects; /* all is kept until the end, for the pager */
	struct buf line, text;
	struct pager pager;
	int (*set)(struct env *env, int id, const char *arg); /* DISPLAY_COLOR, DISPLAY_NO_PAGER. 0, -EINVAL reported */
	void (*page)(struct env *env);                        /* display_page(), for --help */
	bool is_utf8; /* the user's locale has more than ASCII, for what kmodctl itself draws */
};

/* Sets env->display up; nothing else changes until a verb wants it. */
void display_init(struct display *d, struct env *env);
/* Prints what is left, and waits for the pager. 0, or -errno of the output. */
int display_done(struct env *env);

/* What is longer than the screen goes to a pager, at the end. */
void display_page(struct env *env);
/* Each line is shown at once. */
void display_stream(struct env *env);

/* From here on the text looks like that. Nothing happens where there is no display. */
void look(struct env *env, enum look look);
/* A command on a line of its own that can be pasted, as say_command() prints it. */
void say_pasted(struct env *env, const char *indent, const char *const *argv);
/* say() in that look. */
void say_look(struct env *env, enum look look, const char *fmt, ...) _printf_(3, 4);
/* A line that is printable and has its colors already. */
void say_colored(struct env *env, const char *line);
/* "good", "bad" or what else it is, as a symbol with a blank; "" where symbols are not shown. */
const char *look_symbol(const struct env *env, enum look look);
/* The columns of the terminal, 0: no terminal, where no line is too long. */
unsigned display_columns(const struct env *env);
bool display_has_colors(const struct env *env);
/* What stands for what is left out: three columns in ASCII, else one. */
const char *display_ellipsis(const struct env *env);
bool display_is_utf8(const struct env *env);
