// SPDX-License-Identifier: MIT
#include "read/conf/expression.h"

#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <string.h>

/* The last byte of the bracket expression that begins at p. */
static const char *bracket_end(const char *p)
{
	p += 1 + (p[1] == '^');
	p += *p == ']';
	for (; *p && *p != ']'; p++) {
		const char end[] = { p[1], ']', '\0' };
		const char *class = p[0] == '[' && p[1] && strchr(":.=", p[1]) ? strstr(p + 2, end) : NULL;

		p = class ? class + 1 : p;
	}
	return *p ? p : p - 1;
}

/* How deep repetitions are repeated: of what was read last, and of the open group. */
struct nesting {
	unsigned char last, group, outer[EXPRESSION_MAX];
	size_t n_outer;
	unsigned repetitions, deepest;
};

static void nesting_take(struct nesting *n, char c)
{
	if (c == '(' && n->n_outer < EXPRESSION_MAX) {
		n->outer[n->n_outer++] = n->group;
		n->last = n->group = 0;
	} else if (c == ')' && n->n_outer) {
		n->last = n->group;
		n->group = n->outer[--n->n_outer];
	} else if (c == '+' || c == '*' || c == '?') {
		n->last++;
		n->repetitions++;
	} else {
		n->last = 0;
	}
	if (n->group < n->last)
		n->group = n->last;
	if (n->deepest < n->last)
		n->deepest = n->last;
}

static bool is_expensive(const char *expression)
{
	struct nesting nesting = { 0 };

	if (strlen(expression) > EXPRESSION_MAX)
		return true;
	for (const char *p = expression; *p; p++) {
		if (*p == '{' || (*p == '\\' && p[1] >= '1' && p[1] <= '9'))
			return true;
		nesting_take(&nesting, *p == '\\' ? 'x' : *p);
		if (*p == '\\' && p[1])
			p++;
		else if (*p == '[')
			p = bracket_end(p);
	}
	return nesting.repetitions > EXPRESSION_REPETITIONS_MAX || nesting.deepest > EXPRESSION_DEPTH_MAX;
}

int expression_matches(const char *expression, const char *release)
{
	regex_t re;
	int x;

	if (is_expensive(expression))
		return -E2BIG;
	x = regcomp(&re, expression, REG_EXTENDED | REG_NOSUB);
	if (x != 0)
		return x == REG_ESPACE ? -ENOMEM : -EINVAL;
	x = regexec(&re, release, 0, NULL, 0);
	regfree(&re);
	return x == 0 ? 1 : x == REG_NOMATCH ? 0 : -ENOMEM;
}
