// SPDX-License-Identifier: MIT
#include "read/conf/policy_entry.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define GLOB "*?[\\" /* what makes a name a pattern to fnmatch(3) */

void policy_entries_done(struct policy_entries *e)
{
	map_done(&e->first);
	free(e->items);
	*e = (struct policy_entries){ 0 };
}

/*
 * Each module that is planned asks for its lines. Whoever may add modules determines how many lines modules.softdep
 * has, so none of the questions may compare all of them.
 */
int policy_entries_index(struct policy_entries *of)
{
	for (size_t i = of->n; i-- > 0;) {
		struct policy_entry *e = &of->items[i];

		e->next_same = map_get(&of->first, e->name);
		if (map_put(&of->first, e->name, e) < 0)
			return -ENOMEM;
		e->next_pattern = of->patterns;
		if (strpbrk(e->name, GLOB))
			of->patterns = e;
	}
	return 0;
}

const struct policy_entry *policy_entries_literal(const struct policy_entries *in, const char *name)
{
	return map_get(&in->first, name);
}

const struct policy_entry *policy_entries_match(const struct policy_entries *in, const char *name)
{
	const struct policy_entry *literal = policy_entries_literal(in, name), *e = in->patterns;

	/* A pattern need not match its own text. */
	if (literal && strpbrk(name, GLOB))
		literal = NULL;
	while (e && (!literal || e < literal) && fnmatch(e->name, name, 0) != 0)
		e = e->next_pattern;
	return e && (!literal || e < literal) ? e : literal;
}
