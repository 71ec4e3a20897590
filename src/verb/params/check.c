// SPDX-License-Identifier: MIT
#include "verb/params/check.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/oom.h"
#include "base/optstring.h"

/* A list of known parameters in a message ends after this many. */
#define NAMES_SHOWN 12

/* What is quoted of a word. */
#define SHOWN 64

/* In an initramfs, where every kilobyte counts, the kernel's log has to do. */
#ifdef KMODCTL_SMALL
#define WITH_CHECKS false
#else
#define WITH_CHECKS true
#endif

struct check {
	const struct options_query *q;
	const struct parameters *known;
	const struct elf *elf;         /* the module, for the sizes of its arrays; NULL: not known */
	const struct policy_entry *at; /* where the option stands, NULL: this load */
	options_add *add;
	void *data;
	const char *text;         /* the options that are checked */
	const char *plain;        /* no mark begins before this place of the text (find_cause()) */
	bool explained;           /* what is wrong with all of them was reported */
	struct array_sizes sizes; /* of elf, once they are asked for */
	bool sizes_asked;
};

static void check_done(struct check *c)
{
	array_sizes_done(&c->sizes);
}
#define _cleanup_check_ _cleanup_(check_done)

/* ---- the nearest name ---- */

static struct nearest nearest_parameter(const struct parameters *known, const struct option *o)
{
	struct nearest search;

	nearest_start(&search, o->key, o->key_len);
	for (size_t i = 0; i < known->n; i++)
		nearest_offer(&search, known->items[i].name, known->items[i].name_len);
	return search;
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

static size_t shown(size_t n)
{
	return n > SHOWN ? SHOWN : n;
}

static const char *cut(size_t n)
{
	return n > SHOWN ? "..." : "";
}

static int report(const struct check *c, bool refused, struct span word, const struct buf *text)
{
	const struct options_problem p = { .at = c->at, .word = word, .text = buf_str(text), .refused = refused };

	return buf_error(text) ? buf_error(text) : c->add(c->data, &p);
}

/* From the option in which a mark stands to the end of the text. */
static struct span tail_at(const struct check *c, const char *mark)
{
	while (mark > c->text && !strchr(" \t", mark[-1]))
		mark--;
	return span_of_str(mark);
}

/*
 * What looks like a comment, a quotation mark or a blank in the text, up to the end of an option that is wrong. It
 * explains that option and those behind it.
 */
static const char *find_cause(struct check *c, const struct option *o, const char **ret)
{
	static const struct {
		const char *mark, *text;
	} marks[] = {
		{ "#", "\"#\" does not begin a comment here" },
		{ "\xc2\xa0", "a no-break space does not separate options" },
		{ "\xe2\x80\x9c", "a typographic quotation mark does not quote" },
		{ "\xe2\x80\x9d", "a typographic quotation mark does not quote" },
		{ "\xe2\x80\x98", "a typographic quotation mark does not quote" },
		{ "\xe2\x80\x99", "a typographic quotation mark does not quote" },
		{ "='", "only \" quotes, not '" },
		{ " '", "only \" quotes, not '" },
	};
	const char *end = (const char *)o->word.p + o->word.n;
	const char *p;

	for (p = c->plain; p < end; p++)
		for (size_t i = 0; i < ELEMENTSOF(marks); i++)
			if (strncmp(p, marks[i].mark, strlen(marks[i].mark)) == 0) {
				*ret = p;
				return marks[i].text;
			}
	c->plain = p;
	return NULL;
}

/* 1: reported, and nothing else has to be said about these options; 0: there is no such cause. */
static int report_cause(struct check *c, const struct option *o, bool refused)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *from, *cause = c->at ? find_cause(c, o, &from) : NULL;
	struct span tail;
	int r;

	if (!cause)
		return 0;
	tail = tail_at(c, from);
	from += strspn(from, " =");
	buf_addf(&text, "%s, so that the kernel takes '%.*s%s' for options", cause, SHOWN, from,
		 strlen(from) > SHOWN ? "..." : "");
	r = report(c, refused, tail, &text);
	c->explained = true;
	return r < 0 ? r : 1;
}

static int report_unknown(const struct check *c, const struct option *o)
{
	const struct nearest near = nearest_parameter(c->known, o);
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_addf(&text, "no parameter '%.*s%s'", (int)shown(o->key_len), o->key, cut(o->key_len));
	if (near.word)
		buf_addf(&text, " (did you mean '%.*s'?)", (int)near.len, near.word);
	add_known(c->known, &text);
	return report(c, false, o->word, &text);
}

static int report_type(const struct check *c, const struct option *o, const struct parameter *p, int why)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (!o->value)
		buf_addf(&text, "parameter %.*s needs a value of type %s", (int)o->key_len, o->key, p->type);
	else if (why == -ERANGE && strcmp(p->type, "charp") == 0)
		buf_addf(&text, "parameter %.*s: a value of %zu bytes is too long", (int)o->key_len, o->key,
			 o->value_len);
	else
		buf_addf(&text, "parameter %.*s: '%.*s%s' %s type %s", (int)o->key_len, o->key,
			 (int)shown(o->value_len), o->value, cut(o->value_len),
			 why == -ERANGE ? "does not fit in" : "is not a value of", p->type);
	return report(c, true, o->word, &text);
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

/* The kernel accepts no more values than the module's array has elements. */
static int check_count(struct check *c, const struct option *o, const struct parameter *p)
{
	_cleanup_free_ char *name = strndup(p->name, p->name_len);
	_cleanup_buf_ struct buf text = BUF_INIT;
	size_t given = 1;
	uint32_t max;

	if (!name)
		return -ENOMEM;
	for (size_t i = 0; o->value && i < o->value_len; i++)
		given += o->value[i] == ',';
	if (given == 1 || !c->elf)
		return 0;
	if (!c->sizes_asked && only_oom(array_sizes_read(c->elf, &c->sizes)) < 0)
		return -ENOMEM;
	c->sizes_asked = true;
	if (array_sizes_find(&c->sizes, name, &max) < 0 || given <= max)
		return 0;
	buf_addf(&text, "parameter %s: %zu values, but it accepts %u at most", name, given, max);
	return report(c, true, o->word, &text);
}

static int check_option(struct check *c, const struct option *o)
{
	const struct parameter *p = parameters_find(c->known, o->key, o->key_len);
	int why = p ? parameter_check(p, o->value, o->value_len) : 0, r;

	if (is_generic(o))
		return 0;
	if (p && why != -EINVAL && why != -ERANGE)
		return check_count(c, o, p);
	r = report_cause(c, o, p != NULL);
	if (r != 0)
		return r < 0 ? r : 0;
	return p ? report_type(c, o, p, why) : report_unknown(c, o);
}

/* The kernel joins the options of all lines before it looks for quotes. */
static int check_quotes(struct check *c)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *open = NULL;

	for (const char *p = c->text; *p; p++)
		if (*p == '"')
			open = open ? NULL : p;
	if (!open || !c->at)
		return 0;
	buf_addf(&text, "a quote is opened and never closed, so that all that follows is one value: '%.*s%s'", SHOWN,
		 open, cut(strlen(open)));
	c->explained = true;
	return report(c, false, tail_at(c, open), &text);
}

static int check_text(struct check *c, const char *text)
{
	struct span rest = span_of_str(text);
	struct option o;
	int r;

	if (!WITH_CHECKS)
		return 0;
	c->text = text;
	c->explained = false;
	c->plain = text;
	r = check_quotes(c);
	while (r >= 0 && !c->explained && option_next(&rest, &o))
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
	c->elf = e;
	if (r >= 0)
		r = check_configured(c);
	c->at = NULL;
	if (r >= 0)
		r = check_text(c, c->q->given);
	return r;
}

int options_problems(const struct options_query *q, options_add *add, void *data)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	_cleanup_check_ struct check c = { .q = q, .add = add, .data = data };
	_cleanup_elf_ struct elf elf = { 0 };

	if (!WITH_CHECKS || source_open(q->root, q->path, NULL, NULL, &src) < 0 || elf_open(src, &elf) < 0)
		return 0;
	return only_oom(check_against(&c, &elf));
}

/* ---- as lines ---- */

struct to_lines {
	const char *name;
	struct strv *lines;
};

static int add_line(void *data, const struct options_problem *p)
{
	const struct policy_entry *at = p->at;
	struct to_lines *to = data;
	_cleanup_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "%s: ", to->name);
	if (at && at->line)
		buf_addf(&line, "%s:%u: ", at->file, at->line);
	else if (at)
		buf_addf(&line, "%s: ", at->file);
	buf_adds(&line, p->text);
	return strv_take(to->lines, buf_steal(&line));
}

int options_check_known(const char *name, const struct parameters *known, const struct elf *e, const char *given,
			struct strv *lines)
{
	struct to_lines to = { name, lines };
	const struct options_query q = { .name = name };
	_cleanup_check_ struct check c = { .q = &q, .known = known, .elf = e, .add = add_line, .data = &to };

	return check_text(&c, given);
}

int options_check(const struct options_query *q, struct strv *lines)
{
	struct to_lines to = { q->name, lines };

	return options_problems(q, add_line, &to);
}
