// SPDX-License-Identifier: MIT
#include "verb/params/check.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/oom.h"
#include "base/optstring.h"

/* A list of known parameters in a message ends after this many. */
#define NAMES_SHOWN 12
#define NAME_LEN_MAX 64

struct check {
	const struct options_query *q;
	const struct parameters *known;
	const struct policy_entry *at; /* where the option stands, NULL: this load */
	int (*add)(void *data, const struct policy_entry *at, const char *text);
	void *data;
};

/* ---- the nearest name ---- */

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edit distance; both at most NAME_LEN_MAX long. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[NAME_LEN_MAX + 1];

	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t above = row[j];
			bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + !same);
			diagonal = above;
		}
	}
	return row[m];
}

/* NULL when none is near enough to have been meant. */
static const struct parameter *nearest(const struct parameters *known, const struct option *o)
{
	const struct parameter *best = NULL;
	size_t limit = o->key_len / 3 + 1, least = limit + 1;

	for (size_t i = 0; i < known->n && o->key_len <= NAME_LEN_MAX; i++) {
		const struct parameter *p = &known->items[i];
		size_t d = p->name_len > NAME_LEN_MAX ? least : distance(o->key, o->key_len, p->name, p->name_len);

		if (d < least) {
			least = d;
			best = p;
		}
	}
	return best;
}

/* ---- messages ---- */

static void add_known(const struct parameters *known, struct buf *text)
{
	if (known->n == 0) {
		buf_adds(text, "; it has none");
		return;
	}
	buf_adds(text, "; it has ");
	for (size_t i = 0; i < known->n && i < NAMES_SHOWN; i++)
		buf_addf(text, "%s%.*s", i ? ", " : "", (int)known->items[i].name_len, known->items[i].name);
	if (known->n > NAMES_SHOWN)
		buf_addf(text, " and %zu more", known->n - NAMES_SHOWN);
}

static int report(const struct check *c, const struct buf *text)
{
	return buf_error(text) ? buf_error(text) : c->add(c->data, c->at, buf_str(text));
}

static int report_unknown(const struct check *c, const struct option *o)
{
	const struct parameter *near = nearest(c->known, o);
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_addf(&text, "no parameter '%.*s'", (int)o->key_len, o->key);
	if (near)
		buf_addf(&text, " (did you mean '%.*s'?)", (int)near->name_len, near->name);
	add_known(c->known, &text);
	return report(c, &text);
}

static int report_type(const struct check *c, const struct option *o, const struct parameter *p, int why)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (!o->value)
		buf_addf(&text, "parameter %.*s needs a value of type %s", (int)o->key_len, o->key, p->type);
	else
		buf_addf(&text, "parameter %.*s: '%.*s' %s type %s", (int)o->key_len, o->key, (int)o->value_len,
			 o->value, why == -ERANGE ? "does not fit in" : "is not a value of", p->type);
	return report(c, &text);
}

/* What the kernel accepts for every module. */
static bool is_generic(const struct option *o)
{
	static const char *const names[] = { "dyndbg", "async_probe", "--" };

	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (strlen(names[i]) == o->key_len && strncmp(names[i], o->key, o->key_len) == 0)
			return true;
	return false;
}

static int check_option(const struct check *c, const struct option *o)
{
	const struct parameter *p = parameters_find(c->known, o->key, o->key_len);
	int r;

	if (is_generic(o))
		return 0;
	if (!p)
		return report_unknown(c, o);
	r = parameter_check(p, o->value, o->value_len);
	return r == -EINVAL || r == -ERANGE ? report_type(c, o, p, r) : 0;
}

static int check_text(const struct check *c, const char *text)
{
	struct span rest = span_of_str(text);
	struct option o;
	int r = 0;

	while (r >= 0 && option_next(&rest, &o))
		r = check_option(c, &o);
	return r;
}

/* The same lines that policy_options() joins. */
static int check_configured(struct check *c)
{
	const struct policy *policy = c->q->policy;
	size_t n = policy ? policy_count(policy, POLICY_OPTIONS) : 0;
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		const struct policy_entry *e = policy_get(policy, POLICY_OPTIONS, i);

		if (strcmp(e->name, c->q->name) != 0 && !(c->q->alias && strcmp(e->name, c->q->alias) == 0))
			continue;
		c->at = e;
		r = check_text(c, e->value);
	}
	return r;
}

static int check_against(struct check *c, const struct elf *e)
{
	_cleanup_modinfo_ struct modinfo info = { 0 };
	_cleanup_parameters_ struct parameters known = { 0 };
	int r = modinfo_read(e, &info);

	if (r >= 0)
		r = parameters_read(&info, &known);
	c->known = &known;
	if (r >= 0)
		r = check_configured(c);
	c->at = NULL;
	if (r >= 0)
		r = check_text(c, c->q->given);
	return r;
}

int options_problems(const struct options_query *q,
		     int (*add)(void *data, const struct policy_entry *at, const char *text), void *data)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	struct check c = { .q = q, .add = add, .data = data };
	_cleanup_elf_ struct elf elf = { 0 };

	if (source_open(q->root, q->path, NULL, NULL, &src) < 0 || elf_open(src, &elf) < 0)
		return 0;
	return only_oom(check_against(&c, &elf));
}

/* ---- as lines ---- */

struct to_lines {
	const char *name;
	struct strv *lines;
};

static int add_line(void *data, const struct policy_entry *at, const char *text)
{
	struct to_lines *to = data;
	_cleanup_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "%s: ", to->name);
	if (at && at->line)
		buf_addf(&line, "%s:%u: ", at->file, at->line);
	else if (at)
		buf_addf(&line, "%s: ", at->file);
	buf_adds(&line, text);
	return strv_take(to->lines, buf_steal(&line));
}

int options_check_known(const char *name, const struct parameters *known, const char *given, struct strv *lines)
{
	struct to_lines to = { name, lines };
	const struct options_query q = { .name = name };
	const struct check c = { .q = &q, .known = known, .add = add_line, .data = &to };

	return check_text(&c, given);
}

int options_check(const struct options_query *q, struct strv *lines)
{
	struct to_lines to = { q->name, lines };

	return options_problems(q, add_line, &to);
}
