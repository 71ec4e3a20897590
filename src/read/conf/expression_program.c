// SPDX-License-Identifier: MIT
#include "read/conf/expression_program.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"

static void set_add(struct expression_set *set, unsigned char byte)
{
	set->has[byte / CHAR_BIT] |= (unsigned char)(1U << byte % CHAR_BIT);
}

static void set_add_all(struct expression_set *set, int (*is_in)(int c))
{
	for (int c = 0; c <= UCHAR_MAX; c++)
		if (is_in(c))
			set_add(set, (unsigned char)c);
}

static void set_invert(struct expression_set *set)
{
	for (size_t i = 0; i < sizeof(set->has); i++)
		set->has[i] = (unsigned char)~set->has[i];
}

int expression_is_word(int c)
{
	return isalnum(c) || c == '_';
}

struct parser {
	const char *p;
	unsigned depth;
	struct expression *program;
};

static int emit(struct expression *g, enum expression_op op, char byte, long to)
{
	if (g->n >= EXPRESSION_STEPS_MAX)
		return -E2BIG;
	g->steps[g->n++] = (struct expression_step){ op, (unsigned char)byte, (short)to };
	return 0;
}

/* Before the steps that begin at start. */
static int insert(struct expression *g, size_t start, enum expression_op op, size_t to)
{
	int r = emit(g, op, '\0', 0);

	if (r < 0)
		return r;
	memmove(g->steps + start + 1, g->steps + start, (g->n - 1 - start) * sizeof(*g->steps));
	g->steps[start] = (struct expression_step){ op, '\0', (short)to };
	return 0;
}

static int repeat(struct expression *g, size_t start, size_t length)
{
	if (length > EXPRESSION_STEPS_MAX - g->n)
		return -E2BIG;
	memcpy(g->steps + g->n, g->steps + start, length * sizeof(*g->steps));
	g->n += length;
	return 0;
}

/* A set that the next step is going to name, or NULL. */
static struct expression_set *new_set(struct expression *g)
{
	struct expression_set *set = g->n < EXPRESSION_STEPS_MAX ? &g->sets[g->n_sets] : NULL;

	if (set)
		*set = (struct expression_set){ 0 };
	return set;
}

static int emit_set(struct expression *g)
{
	return emit(g, OP_SET, '\0', (long)g->n_sets++);
}

static int (*find_class(const char *name, size_t length))(int c)
{
	static const struct {
		const char *name;
		int (*is_in)(int c);
	} classes[] = {
		{ "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank }, { "cntrl", iscntrl },
		{ "digit", isdigit }, { "graph", isgraph }, { "lower", islower }, { "print", isprint },
		{ "punct", ispunct }, { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
	};

	for (size_t i = 0; i < ELEMENTSOF(classes); i++)
		if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
			return classes[i].is_in;
	return NULL;
}

/* Returns 1: a byte, which may begin or end a range; 0: more than that, which is in the set now; -EINVAL. */
static int parse_element(struct parser *x, struct expression_set *set, unsigned char *ret_byte)
{
	const char kind = x->p[0] == '[' ? x->p[1] : '\0', close[] = { kind, ']', '\0' };
	const char *name = x->p + 2, *end;
	int (*is_in)(int c);

	if (!kind || !strchr(".=:", kind)) {
		*ret_byte = (unsigned char)*x->p;
		return *x->p++ ? 1 : -EINVAL;
	}
	end = strstr(name, close);
	if (!end)
		return -EINVAL;
	x->p = end + 2;
	if (kind == ':') {
		is_in = find_class(name, (size_t)(end - name));
		if (!is_in)
			return -EINVAL;
		set_add_all(set, is_in);
		return 0;
	}
	if (end != name + 1)
		return -EINVAL;
	*ret_byte = (unsigned char)*name;
	if (kind == '=')
		set_add(set, *ret_byte);
	return kind == '.';
}

/* A byte, a class, or a range. */
static int parse_item(struct parser *x, struct expression_set *set, bool first)
{
	unsigned char from, to;
	int r;

	if (!first && *x->p == '-' && x->p[1] != ']')
		return -EINVAL;
	r = parse_element(x, set, &from);
	if (r < 0)
		return r;
	if (*x->p != '-' || x->p[1] == ']') {
		if (r > 0)
			set_add(set, from);
		return 0;
	}
	x->p++;
	if (r == 0 || parse_element(x, set, &to) <= 0 || from > to)
		return -EINVAL;
	for (unsigned c = from; c <= to; c++)
		set_add(set, (unsigned char)c);
	return 0;
}

static int parse_bracket(struct parser *x)
{
	struct expression_set *set = new_set(x->program);
	bool inverted = x->p[1] == '^', first = true;
	int r;

	if (!set)
		return -E2BIG;
	x->p += 1 + inverted;
	for (; first || *x->p != ']'; first = false) {
		r = parse_item(x, set, first);
		if (r < 0)
			return r;
	}
	x->p++;
	if (inverted)
		set_invert(set);
	return emit_set(x->program);
}

static int emit_class(struct expression *g, char letter)
{
	struct expression_set *set = new_set(g);

	if (!set)
		return -E2BIG;
	set_add_all(set, tolower(letter) == 'w' ? expression_is_word : isspace);
	if (isupper(letter))
		set_invert(set);
	return emit_set(g);
}

static int parse_alternatives(struct parser *x);

static int parse_group(struct parser *x)
{
	int r;

	if (++x->depth > EXPRESSION_DEPTH_MAX)
		return -E2BIG;
	x->p++;
	r = parse_alternatives(x);
	x->depth--;
	if (r == 0 && *x->p++ != ')')
		return -EINVAL;
	return r;
}

static bool is_position(const char *p)
{
	return *p == '^' || *p == '$' || (*p == '\\' && p[1] && strchr("bB<>`'", p[1]));
}

/* A backslash that is not of a position. */
static int parse_escape(struct parser *x)
{
	char c = x->p[1];

	if (!c)
		return -EINVAL;
	if (c >= '1' && c <= '9')
		return -E2BIG;
	x->p += 2;
	return strchr("wWsS", c) ? emit_class(x->program, c) : emit(x->program, OP_BYTE, c, 0);
}

static int parse_atom(struct parser *x)
{
	switch (*x->p) {
	case '(':
		return parse_group(x);
	case '[':
		return parse_bracket(x);
	case '\\':
		return parse_escape(x);
	case '*':
	case '+':
	case '?':
	case '{':
		return -EINVAL; /* nothing is in front of it */
	case '.':
		x->p++;
		return emit(x->program, OP_ANY, '\0', 0);
	default:
		return emit(x->program, OP_BYTE, *x->p++, 0);
	}
}

#define COUNT_MAX 32767 /* RE_DUP_MAX */
#define UNLIMITED SIZE_MAX

static int parse_number(struct parser *x, size_t *number)
{
	if (!isdigit((unsigned char)*x->p))
		return -EINVAL;
	for (*number = 0; isdigit((unsigned char)*x->p); x->p++) {
		*number = *number * 10 + (size_t)(*x->p - '0');
		if (*number > COUNT_MAX)
			return -E2BIG;
	}
	return 0;
}

/* "{2}", "{2,}", "{2,3}" or "{,3}". */
static int parse_count(struct parser *x, size_t *ret_min, size_t *ret_max)
{
	size_t min = 0, max;
	int r = 0;

	x->p++;
	if (*x->p != ',')
		r = parse_number(x, &min);
	max = min;
	if (r == 0 && *x->p == ',') {
		x->p++;
		max = UNLIMITED;
		if (*x->p != '}')
			r = parse_number(x, &max);
	}
	if (r < 0)
		return r;
	if (*x->p++ != '}' || min > max)
		return -EINVAL;
	*ret_min = min;
	*ret_max = max;
	return 0;
}

static int parse_repetition(struct parser *x, size_t *ret_min, size_t *ret_max)
{
	if (*x->p == '{')
		return parse_count(x, ret_min, ret_max);
	*ret_min = *x->p == '+';
	*ret_max = *x->p == '?' ? 1 : UNLIMITED;
	x->p++;
	return 0;
}

/* The steps from start on, at least once, are to be done min to max times; max is not 0. */
static int write_out(struct expression *g, size_t start, size_t min, size_t max)
{
	size_t length = g->n - start, times = 1;
	int r = 0;

	for (; r == 0 && times < min; times++)
		r = repeat(g, start, length);
	if (r == 0 && max == UNLIMITED) {
		r = emit(g, OP_SPLIT, '\0', -(long)length);
	} else {
		for (; r == 0 && times < max; times++) {
			r = emit(g, OP_SPLIT, '\0', (long)length + 1);
			if (r == 0)
				r = repeat(g, start, length);
		}
	}
	if (r == 0 && min == 0)
		r = insert(g, start, OP_SPLIT, g->n - start + 1);
	return r;
}

/* An atom and what says how often. */
static int parse_piece(struct parser *x)
{
	struct expression *g = x->program;
	size_t start = g->n, n_sets = g->n_sets, min, max;
	int r = parse_atom(x);

	while (r == 0 && *x->p && strchr("*+?{", *x->p)) {
		r = parse_repetition(x, &min, &max);
		if (r == 0 && max == 0) {
			g->n = start;
			g->n_sets = n_sets;
		} else if (r == 0 && g->n > start) {
			r = write_out(g, start, min, max);
		}
	}
	return r;
}

static int parse_position(struct parser *x)
{
	x->p += *x->p == '\\';
	if (x->p[1] && strchr("*+?{", x->p[1]))
		return -EINVAL;
	return emit(x->program, OP_AT, *x->p++, 0);
}

/* A ')' without a group is a character. */
static int parse_branch(struct parser *x)
{
	int r = 0;

	while (r == 0 && *x->p && *x->p != '|' && (*x->p != ')' || x->depth == 0))
		r = is_position(x->p) ? parse_position(x) : parse_piece(x);
	return r;
}

static int parse_alternatives(struct parser *x)
{
	struct expression *g = x->program;
	size_t start = g->n, jump;
	int r = parse_branch(x);

	while (r == 0 && *x->p == '|') {
		x->p++;
		r = insert(g, start, OP_SPLIT, g->n - start + 2);
		jump = g->n;
		if (r == 0)
			r = emit(g, OP_JUMP, '\0', 0);
		if (r == 0)
			r = parse_branch(x);
		if (r == 0)
			g->steps[jump].to = (short)(g->n - jump);
	}
	return r;
}

int expression_compile(const char *expression, struct expression *ret)
{
	struct parser parser = { .p = expression, .program = ret };
	int r = parse_alternatives(&parser);

	if (r < 0)
		return r;
	ret->steps[ret->n] = (struct expression_step){ OP_FOUND, '\0', 0 };
	return 0;
}
