// SPDX-License-Identifier: MIT
#include "read/index/similar.h"

#ifndef KMODCTL_SMALL
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/modname.h"
#include "base/nearest.h"
#include "base/vec.h"

#define SHOWN_MAX 3

/* The nearest names so far. */
struct search {
	const char *written;
	size_t n, least;
	struct strv names;
	bool is_there; /* it is no mistake */
};

static int look_at(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	struct search *s = data;
	size_t n = strlen(key), d;

	if (n > s->n + s->least || s->n > n + s->least)
		return 0;
	d = nearest_distance(s->written, s->n, key, n);

	s->is_there = s->is_there || strcmp(s->written, key) == 0;
	if (d > s->least)
		return 0;
	if (d < s->least)
		strv_done(&s->names);
	s->least = d;
	return strv_add(&s->names, key);
}

static int look_in(const struct catalog *c, int (*fn)(void *, const char *, const char *, uint32_t), void *data)
{
	static const enum catalog_index which[] = { CATALOG_DEP, CATALOG_BUILTIN };
	int r = 0;

	for (size_t i = 0; c && i < ELEMENTSOF(which) && r >= 0 && r != 1; i++) {
		const struct index_reader *reader = catalog_reader(c, which[i]);

		r = reader ? index_reader_walk(reader, fn, data) : 0;
		r = r == -EINVAL ? 0 : r;
	}
	return r;
}

int similar_names(const struct catalog *c, const char *written, struct buf *into)
{
	char name[MODNAME_MAX];
	struct search s = { .written = name };
	int r = modname_normalize(written, name);

	if (r < 0)
		return 0;
	s.n = strlen(name);
	s.least = nearest_tolerance(s.n);
	r = look_in(c, look_at, &s);
	if (s.is_there)
		strv_done(&s.names);
	for (size_t i = 0; i < s.names.n && i < SHOWN_MAX && r >= 0; i++)
		r = buf_addf(into, "%s'%s'",
			     i == 0                                 ? "" :
			     i + 1 < s.names.n && i + 1 < SHOWN_MAX ? ", " :
								      " or ",
			     s.names.items[i]);
	if (r >= 0)
		r = s.names.n > 0;
	strv_done(&s.names);
	return r;
}

/* e1000e.ko.xz, /lib/modules/.../e1000e.ko: a file of a module of the catalog. */
static bool is_file_of(const struct catalog *c, const char *written, char name[static MODNAME_MAX])
{
	return c && modname_of_file(written, name) && (catalog_dep_line(c, name) || catalog_is_builtin(c, name));
}

int similar_hint(const struct catalog *c, const char *written, struct buf *into)
{
	_cleanup_buf_ struct buf names = BUF_INIT;
	char name[MODNAME_MAX];
	int r;

	if (is_file_of(c, written, name))
		return buf_addf(into, SIMILAR_FILE, name);
	r = similar_names(c, written, &names);
	return r <= 0 ? r : buf_addf(into, " (did you mean %s?)", buf_str(&names));
}

/* ---- another case ---- */

struct in_case {
	const char *written;
	char *ret;
	size_t cap;
};

static int compare_case(void *data, const char *key, const char *value _unused_, uint32_t priority _unused_)
{
	struct in_case *x = data;

	if (strcasecmp(key, x->written) != 0 || strcmp(key, x->written) == 0 || strlen(key) >= x->cap)
		return 0;
	strcpy(x->ret, key);
	return 1;
}

int similar_in_case(const struct catalog *c, const char *written, char *ret, size_t cap)
{
	char name[MODNAME_MAX];
	struct in_case x = { name, ret, cap };

	return modname_normalize(written, name) < 0 ? 0 : look_in(c, compare_case, &x);
}
#endif
