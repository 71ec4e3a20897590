// SPDX-License-Identifier: MIT
#include "verb/config/lint_finding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

static void count(struct lint *l, enum lint_level level)
{
	l->errors += level == LINT_ERROR;
	l->warnings += level == LINT_WARNING;
	l->notes += level == LINT_NOTE;
}

int lint_take(struct lint *l, struct lint_finding f)
{
	f.file = f.file ? arena_str(&l->strings, f.file) : "";
	f.text = arena_str(&l->strings, f.text);
	f.fix = f.fix ? arena_str(&l->strings, f.fix) : NULL;
	if (!f.file || !f.text || vec_room(&l->items, l->n, &l->cap) < 0)
		return -ENOMEM;
	count(l, f.level);
	l->items[l->n++] = f;
	return 0;
}

const char *lint_level_name(enum lint_level level)
{
	static const char *const names[] = { "error", "warning", "note" };

	return names[level];
}

static int by_place(const void *a, const void *b)
{
	const struct lint_finding *x = a, *y = b;
	int r = strcmp(x->file, y->file);

	if (r == 0)
		r = (x->line > y->line) - (x->line < y->line);
	if (r == 0)
		r = strcmp(x->code, y->code);
	return r ? r : strcmp(x->text, y->text);
}

/* The same finding at the same place, as for each of several modules that a pattern matches. */
void lint_sort(struct lint *l)
{
	size_t n = 0;

	if (l->n)
		qsort(l->items, l->n, sizeof(*l->items), by_place);
	l->errors = l->warnings = l->notes = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (n && by_place(&l->items[n - 1], &l->items[i]) == 0)
			continue;
		l->items[n++] = l->items[i];
		count(l, l->items[i].level);
	}
	l->n = n;
}

void lint_done(struct lint *l)
{
	free(l->items);
	arena_done(&l->strings);
	*l = (struct lint){ 0 };
}
