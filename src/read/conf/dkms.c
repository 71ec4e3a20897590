// SPDX-License-Identifier: MIT
#include "read/conf/dkms.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "read/conf/expression.h"

#define BLANKS " \t\r"
/* What ends a word that is not quoted. */
#define ENDS " \t\r\n;&|<>()"
/* Hostile text costs no more than this: a value may double with each line. */
#define VALUE_MAX 4096
#define VARIABLES_MAX 512

/* NAME or NAME[INDEX]; the value is NULL where a command or a condition decides about it. */
struct variable {
	char *name, *value;
	unsigned line;
};

struct reader {
	const char *at, *end;
	unsigned line;
	unsigned depth; /* of conditions, loops and functions */
	bool chained;   /* behind && or || */
	bool opaque;    /* a command may set anything */
	struct variable *items;
	size_t n, cap;
};

static void reader_done(struct reader *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->items[i].name);
		free(r->items[i].value);
	}
	free(r->items);
}

/* ---- variables ---- */

static struct variable *find(const struct reader *r, struct span name)
{
	for (size_t i = 0; i < r->n; i++)
		if (span_is(name, r->items[i].name))
			return &r->items[i];
	return NULL;
}

static const char *value_of(const struct reader *r, const char *name)
{
	const struct variable *v = find(r, span_of_str(name));

	return v ? v->value : NULL;
}

/* Becomes the owner of value, also on failure. */
static int set(struct reader *r, struct span name, char *value)
{
	struct variable *v = find(r, name);
	_cleanup_free_ char *own = value;

	if (!v && r->n >= VARIABLES_MAX) {
		r->opaque = true;
		return 0;
	}
	if (!v) {
		if (vec_room(&r->items, r->n, &r->cap) < 0)
			return -ENOMEM;
		v = &r->items[r->n];
		*v = (struct variable){ .name = span_dup(name) };
		if (!v->name)
			return -ENOMEM;
		r->n++;
	}
	free(v->value);
	v->value = take_ptr(own);
	v->line = r->line;
	return 0;
}

/* ---- words ---- */

static bool is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static struct span take_name(struct reader *r)
{
	const char *from = r->at;

	while (r->at < r->end && is_name_char(*r->at))
		r->at++;
	return span_of(from, (size_t)(r->at - from));
}

/* NAME, NAME[INDEX]; NAME[0] is NAME. */
static struct span take_variable(struct reader *r)
{
	const char *from = r->at, *p;
	struct span name = take_name(r);

	if (!name.n || r->at == r->end || *r->at != '[')
		return name;
	for (p = r->at + 1; p < r->end && isdigit((unsigned char)*p);)
		p++;
	if (p == r->end || *p != ']' || p == r->at + 1)
		return name;
	if (p - r->at == 2 && r->at[1] == '0') {
		r->at = p + 1;
		return name;
	}
	r->at = p + 1;
	return span_of(from, (size_t)(r->at - from));
}

/* Past a substitution of commands, as far as its parentheses show. */
static void skip_commands(struct reader *r)
{
	unsigned open = 0;

	do {
		open += *r->at == '(';
		open -= *r->at == ')';
		r->line += *r->at == '\n';
		r->at++;
	} while (r->at < r->end && open > 0);
}

/* "$NAME" or "${NAME}", behind the dollar. False: it is not known what it comes to. */
static bool expand(struct reader *r, struct buf *into)
{
	bool braces = r->at < r->end && *r->at == '{';
	const struct variable *v;
	struct span name;

	if (r->at < r->end && *r->at == '(') {
		skip_commands(r);
		return false;
	}
	r->at += braces;
	name = braces ? take_variable(r) : take_name(r);
	v = find(r, name);
	if (braces && (r->at == r->end || *r->at != '}')) {
		while (r->at < r->end && *r->at != '}' && *r->at != '\n')
			r->at++;
		v = NULL;
	}
	r->at += braces && r->at < r->end && *r->at == '}';
	if (!v || !v->value)
		return false;
	buf_adds(into, v->value);
	return true;
}

/* The character behind a backslash. */
static void take_escaped(struct reader *r, char quote, struct buf *into)
{
	if (r->at == r->end)
		return;
	if (*r->at == '\n')
		r->line++;
	else if (quote && !strchr("$`\"\\", *r->at))
		buf_addc(into, '\\');
	if (*r->at != '\n')
		buf_addc(into, *r->at);
	r->at++;
}

/* One character of a word, or what stands for several. False: it is not known what. */
static bool take_part(struct reader *r, char *quote, struct buf *into)
{
	char c = *r->at++;

	r->line += c == '\n';
	if (c == *quote || (!*quote && (c == '"' || c == '\''))) {
		*quote = *quote ? '\0' : c;
	} else if (*quote == '\'' || (c && !strchr("\\$`", c))) {
		buf_addc(into, c);
	} else if (c == '\\') {
		take_escaped(r, *quote, into);
	} else {
		return c == '$' && expand(r, into);
	}
	return true;
}

/* The word; *ret NULL: it is not known. */
static int take_word(struct reader *r, char **ret)
{
	_cleanup_buf_ struct buf value = BUF_INIT;
	bool known = r->at == r->end || *r->at != '(';
	char quote = '\0';

	*ret = NULL;
	if (!known)
		skip_commands(r);
	while (r->at < r->end && (quote || !memchr(ENDS, *r->at, strlen(ENDS))))
		known = take_part(r, &quote, &value) && known && value.n <= VALUE_MAX;
	if (buf_error(&value))
		return buf_error(&value);
	if (!known)
		return 0;
	if (buf_addc(&value, '\0') < 0)
		return -ENOMEM;
	*ret = buf_steal(&value);
	return 0;
}

/* ---- statements ---- */

static void skip_line(struct reader *r)
{
	while (r->at < r->end && *r->at != '\n')
		r->at++;
}

static bool is_among(struct span word, const char *const *words)
{
	for (; *words; words++)
		if (span_is(word, *words))
			return true;
	return false;
}

/* A command, whose words do not matter, unless it begins or ends a condition. */
static int take_command(struct reader *r)
{
	static const char *const opens[] = { "if", "case", "for", "while", "until", "select", "{", NULL };
	static const char *const closes[] = { "fi", "esac", "done", "}", NULL };
	static const char *const between[] = { "then", "else", "elif", "do", ";;", NULL };
	const char *from = r->at;
	_cleanup_free_ char *word = NULL;
	struct span written;
	int x = take_word(r, &word);

	if (x < 0)
		return x;
	if (r->at == from) {
		r->opaque |= *r->at == '(';
		r->chained |= *r->at == '&' || *r->at == '|';
		r->at++;
		return 0;
	}
	written = span_of(from, (size_t)(r->at - from));
	if (is_among(written, opens))
		r->depth++;
	else if (is_among(written, closes))
		r->depth -= r->depth > 0;
	else if (!is_among(written, between))
		r->opaque = true;
	return 0;
}

/* 1: NAME=WORD was read. 0: it is something else. */
static int take_assignment(struct reader *r)
{
	const char *from = r->at;
	struct span name = take_variable(r);
	_cleanup_free_ char *value = NULL;
	bool adds = r->end - r->at > 1 && r->at[0] == '+' && r->at[1] == '=';
	int x;

	r->at += adds;
	if (!name.n || isdigit(name.p[0]) || r->at == r->end || *r->at != '=') {
		r->at = from;
		return 0;
	}
	r->at++;
	x = take_word(r, &value);
	if (x >= 0)
		x = set(r, name, adds || r->depth || r->chained ? NULL : take_ptr(value));
	return x < 0 ? x : 1;
}

static int take_statement(struct reader *r)
{
	int x;

	if (*r->at == '\n' || *r->at == ';' || strchr(BLANKS, *r->at)) {
		r->chained = r->chained && *r->at != '\n' && *r->at != ';';
		r->line += *r->at == '\n';
		r->at++;
		return 0;
	}
	if (*r->at == '#') {
		skip_line(r);
		return 0;
	}
	x = take_assignment(r);
	return x != 0 ? x : take_command(r);
}

/* ---- what it comes to ---- */

/* The name under which the module is installed that is built under this one (NULL: not known). index: "", "[1]". */
static int add_module(const struct reader *r, const char *index, const char *built, struct dkms_conf *c)
{
	_cleanup_buf_ struct buf dest = BUF_INIT;
	const struct variable *renamed;

	buf_addf(&dest, "DEST_MODULE_NAME%s", index);
	if (buf_error(&dest))
		return -ENOMEM;
	renamed = find(r, buf_span(&dest));
	if (renamed && !renamed->value)
		return 0;
	if (renamed && *renamed->value)
		return strv_add(&c->modules, renamed->value);
	return built && *built ? strv_add(&c->modules, built) : 0;
}

static int add_modules(const struct reader *r, struct dkms_conf *c)
{
	static const char key[] = "BUILT_MODULE_NAME";
	const char *package = value_of(r, "PACKAGE_NAME");
	bool named = false;
	int x = 0;

	for (size_t i = 0; i < r->n && x >= 0; i++) {
		const struct variable *v = &r->items[i];
		const char *index = v->name + strlen(key);

		if (strncmp(v->name, key, strlen(key)) != 0 || (*index && *index != '['))
			continue;
		named = true;
		x = add_module(r, index, v->value, c);
	}
	if (x < 0 || named || r->opaque || !package || !*package)
		return x;
	/* A package of one module need not name it. */
	return add_module(r, "", package, c);
}

static int conclude(const struct reader *r, struct dkms_conf *c)
{
	const struct variable *kernels = find(r, span_of_str("BUILD_EXCLUSIVE_KERNEL"));
	const char *autoinstall = value_of(r, "AUTOINSTALL");
	bool whole = find(r, span_of_str("PACKAGE_NAME")) && find(r, span_of_str("PACKAGE_VERSION"));
	int x = add_modules(r, c);

	if (x < 0)
		return x;
	c->state = !whole && !r->opaque ? DKMS_INVALID : c->modules.n ? DKMS_NAMES : DKMS_UNCLEAR;
	c->autoinstall = autoinstall && *autoinstall;
	if (!kernels || !kernels->value || !*kernels->value)
		return 0;
	c->kernels = strdup(kernels->value);
	c->kernels_line = kernels->line;
	return c->kernels ? 0 : -ENOMEM;
}

int dkms_conf_read(struct span text, const char *release, struct dkms_conf *ret)
{
	static const char known[] = "kernelver";
	struct reader r = { .at = (const char *)text.p, .line = 1 };
	struct dkms_conf c = { 0 };
	char *value = strdup(release);
	int x = value ? set(&r, span_of_str(known), value) : -ENOMEM;

	r.end = text.n ? r.at + text.n : r.at;
	while (x >= 0 && r.at < r.end)
		x = take_statement(&r);
	if (x >= 0)
		x = conclude(&r, &c);
	reader_done(&r);
	if (x < 0) {
		dkms_conf_done(&c);
		return x;
	}
	*ret = c;
	return 0;
}

void dkms_conf_done(struct dkms_conf *c)
{
	strv_done(&c->modules);
	free(c->kernels);
	*c = (struct dkms_conf){ 0 };
}

bool dkms_conf_takes(const struct dkms_conf *c, const char *release)
{
	return !c->kernels || expression_matches(c->kernels, release) != 0;
}
