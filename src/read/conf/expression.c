// SPDX-License-Identifier: MIT
#include "read/conf/expression.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"

static bool set_has(const struct expression_set *set, unsigned char byte)
{
	return set->has[byte / CHAR_BIT] & 1U << byte % CHAR_BIT;
}

/* All steps that are reached by what was read so far. */
struct walk {
	const struct expression *program;
	const char *release, *at;
	size_t seen[EXPRESSION_STEPS_MAX + 1]; /* the position where it was reached last, from 1 */
	short reached[EXPRESSION_STEPS_MAX + 1], readers[EXPRESSION_STEPS_MAX + 1];
	size_t n_reached, n_readers;
};

static void reach(struct walk *w, size_t step)
{
	size_t now = (size_t)(w->at - w->release) + 1;

	if (w->seen[step] != now)
		w->reached[w->n_reached++] = (short)step;
	w->seen[step] = now;
}

static bool is_at(const struct walk *w, unsigned char position)
{
	bool begins = w->at == w->release, ends = *w->at == '\0';
	bool behind = !begins && expression_is_word((unsigned char)w->at[-1]),
	     ahead = expression_is_word((unsigned char)*w->at);

	switch (position) {
	case '^':
	case '`':
		return begins;
	case '$':
	case '\'':
		return ends;
	case '<':
		return !behind && ahead;
	case '>':
		return behind && !ahead;
	default:
		return (behind != ahead) == (position == 'b');
	}
}

/* Goes on to the steps that read a byte. Returns whether the end of the program is reached. */
static bool follow(struct walk *w)
{
	while (w->n_reached) {
		size_t i = (size_t)w->reached[--w->n_reached];
		const struct expression_step *step = &w->program->steps[i];

		switch (step->op) {
		case OP_FOUND:
			return true;
		case OP_SPLIT:
			reach(w, i + 1);
			/* fall through */
		case OP_JUMP:
			reach(w, i + (size_t)step->to);
			break;
		case OP_AT:
			if (is_at(w, step->byte))
				reach(w, i + 1);
			break;
		default:
			w->readers[w->n_readers++] = (short)i;
		}
	}
	return false;
}

static bool reads(const struct expression *g, const struct expression_step *step, unsigned char byte)
{
	return step->op == OP_ANY || (step->op == OP_SET ? set_has(&g->sets[step->to], byte) : step->byte == byte);
}

static void read_byte(struct walk *w)
{
	unsigned char byte = (unsigned char)*w->at++;
	size_t n = w->n_readers;

	w->n_readers = 0;
	for (size_t i = 0; i < n; i++)
		if (reads(w->program, &w->program->steps[w->readers[i]], byte))
			reach(w, (size_t)w->readers[i] + 1);
}

static int is_found(const struct expression *g, const char *release)
{
	_cleanup_free_ struct walk *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->program = g;
	w->release = w->at = release;
	for (;;) {
		reach(w, 0);
		if (follow(w))
			return 1;
		if (!*w->at)
			return 0;
		read_byte(w);
	}
}

int expression_matches(const char *expression, const char *release)
{
	_cleanup_free_ struct expression *program = calloc(1, sizeof(*program));
	int r = program ? expression_compile(expression, program) : -ENOMEM;

	return r < 0 ? r : is_found(program, release);
}
