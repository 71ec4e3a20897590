// SPDX-License-Identifier: MIT
#include "face/kmodctl/brief.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/printable.h"
#include "base/shellword.h"
#include "base/vec.h"
#include "face/common/flow.h"
#include "face/common/say.h"

#define SYMBOL_WIDTH "  "
#define INDENT "             "

static struct brief_line *new_line(struct brief *b, enum brief_rank rank)
{
	if (vec_room(&b->items, b->n, &b->cap) < 0)
		return NULL;
	b->items[b->n] = (struct brief_line){ .rank = rank, .look = LOOK_PLAIN, .head = "" };
	return &b->items[b->n++];
}

int brief_answer(struct brief *b, enum look look, const char *text)
{
	struct brief_line *l = new_line(b, BRIEF_ANSWER);

	if (!l)
		return -ENOMEM;
	l->look = look;
	l->text = arena_str(&b->strings, text);
	return l->text ? 0 : -ENOMEM;
}

int brief_add(struct brief *b, enum brief_rank rank, enum look look, char mark, const char *label, const char *text)
{
	struct brief_line *l = new_line(b, rank);

	if (!l)
		return -ENOMEM;
	l->look = look;
	l->head = arena_strf(&b->strings, "%c %-10s ", mark, label);
	l->text = arena_str(&b->strings, text);
	return l->head && l->text ? 0 : -ENOMEM;
}

int brief_command(struct brief *b, enum brief_rank rank, const char *const *argv)
{
	struct brief_line *l = new_line(b, rank);

	if (!l)
		return -ENOMEM;
	l->command = argv;
	return 0;
}

/* ---- what fits ---- */

static size_t count_lines(const struct buf *text)
{
	size_t n = 1;

	for (size_t i = 0; i < text->n; i++)
		n += text->p[i] == '\n';
	return n;
}

/* As the display breaks it, on a terminal of the usual width. */
static int measure(struct brief_line *l)
{
	_cleanup_buf_ struct buf line = BUF_INIT, broken = BUF_INIT;
	int r;

	if (l->command) {
		buf_addc(&line, LOOK_COMMAND);
		buf_adds(&line, INDENT);
		r = shellword_join(&line, l->command);
	} else {
		buf_adds(&line, *l->head ? l->head : SYMBOL_WIDTH);
		r = printable_add(&line, l->text, strlen(l->text));
	}
	if (r == 0)
		r = flow_line(buf_span(&line), BRIEF_COLUMNS, &broken);
	l->height = count_lines(&broken);
	return r;
}

/* The last of the lines that matter least; NULL: only the answer is left. */
static struct brief_line *least(struct brief *b)
{
	struct brief_line *found = NULL;

	for (size_t i = 0; i < b->n; i++) {
		struct brief_line *l = &b->items[i];

		if (!l->is_left_out && l->rank != BRIEF_ANSWER && (!found || l->rank >= found->rank))
			found = l;
	}
	return found;
}

/* Ends the text so that it takes that many lines. */
static int cut(struct brief *b, struct brief_line *l, size_t height)
{
	size_t len = flow_fit(span_of_str(l->text), height * BRIEF_COLUMNS); /* more never fits */
	size_t first = strcspn(l->text, " ");

	/* A first word that is too long stays alone. */
	if (len <= first)
		len = first + (l->text[first] == ' ');
	while (l->height > height) {
		const char *blank = memrchr(l->text, ' ', len);

		if (!blank)
			return 0;
		len = (size_t)(blank - l->text);
		l->text = arena_strf(&b->strings, "%.*s ...", (int)len, l->text);
		if (!l->text || measure(l) < 0)
			return -ENOMEM;
	}
	return 0;
}

#define ANSWER_LINES 3
#define REST_LINES 2

/* Only the answer is left, and it is too long. A command stays whole. */
static int shorten(struct brief *b)
{
	int r = 0;

	for (size_t i = 0, height = ANSWER_LINES; i < b->n && r == 0; i++) {
		if (b->items[i].is_left_out || b->items[i].command)
			continue;
		r = cut(b, &b->items[i], height);
		height = REST_LINES;
	}
	return r < 0 ? r : 1;
}

/* Returns whether something had to be left out; -ENOMEM. Only for who reads it are lines themselves cut. */
static int fit(struct brief *b, bool is_terminal)
{
	size_t total = 0, room = BRIEF_LINES;

	for (size_t i = 0; i < b->n; i++) {
		if (measure(&b->items[i]) < 0)
			return -ENOMEM;
		total += b->items[i].height;
	}
	while (total > room) {
		struct brief_line *l = least(b);

		if (!l)
			return is_terminal ? shorten(b) : room < BRIEF_LINES;
		l->is_left_out = true;
		total -= l->height;
		room = BRIEF_LINES - 1; /* the last one says so */
	}
	return room < BRIEF_LINES;
}

/* ---- printing ---- */

static void print_line(struct env *env, const struct brief_line *l)
{
	if (l->command) {
		say_pasted(env, INDENT, l->command);
		return;
	}
	if (!*l->head) {
		say_look(env, l->look, "%s%s", look_symbol(env, l->look), l->text);
	} else {
		say_look(env, l->look, "%.1s", l->head);
		say(env->out, "%s%s", l->head + 1, l->text);
	}
	fputc('\n', env->out);
}

static void print_more(struct env *env, const char *const *more)
{
	_cleanup_buf_ struct buf command = BUF_INIT;

	if (shellword_join(&command, more) == 0)
		say(env->out, "  %-10s %s\n", "more", buf_str(&command));
}

int brief_print(struct brief *b, struct env *env, const char *const *more)
{
	int r = b->is_whole ? 0 : fit(b, display_columns(env) > 0);

	if (r < 0)
		return r;
	for (size_t i = 0; i < b->n; i++)
		if (!b->items[i].is_left_out)
			print_line(env, &b->items[i]);
	if (r == 1)
		print_more(env, more);
	return 0;
}

void brief_done(struct brief *b)
{
	free(b->items);
	arena_done(&b->strings);
}
