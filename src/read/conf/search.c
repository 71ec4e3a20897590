// SPDX-License-Identifier: MIT
#include "read/conf/search.h"

#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "base/paths.h"
#include "base/vec.h"
#include "read/conf/expression.h"
#include "read/conf/lexer.h"

struct search {
	struct strv words;     /* of `search`, best first */
	struct strv overrides; /* SUBDIR/MODNAME, without extension */
	struct strv externals;
	struct strv excludes;
};

struct reading {
	struct search *search;
	const char *release;
	struct diag *diag;
	const struct lexer_place *place;
};

const char *const search_default_paths[] = {
	DROPIN_PATHS("depmod.d"),
};

void search_free(struct search *s)
{
	if (!s)
		return;
	strv_done(&s->words);
	strv_done(&s->overrides);
	strv_done(&s->externals);
	strv_done(&s->excludes);
	free(s);
}

/* `*`, or an extended regular expression found anywhere in the release. One that does not compile matches nothing. */
static bool release_matches(const struct reading *at, const char *expression)
{
	int matches;

	if (strcmp(expression, "*") == 0)
		return true;
	if (!strpbrk(expression, ".[]()*+?{}|^$\\"))
		return strstr(at->release, expression);
	matches = expression_matches(expression, at->release);
	if (matches == -E2BIG)
		diag_report(at->diag, LOG_ERR, "conf.expression", at->place->file, at->place->line,
			    "%s:%u: kernel version expression that refers to a group, has more than %d groups inside "
			    "each other, or is longer than %d with its counts written out matches nothing",
			    at->place->file, at->place->line, EXPRESSION_DEPTH_MAX, EXPRESSION_STEPS_MAX);
	return matches > 0;
}

/* The parsers of the directives return 1, 0 for a bad line, or -ENOMEM. */

static int add_words(struct strv *to, char *rest)
{
	const char *word;

	while ((word = lexer_word(&rest)))
		if (strv_add(to, word) < 0)
			return -ENOMEM;
	return 1;
}

static int parse_search(const struct reading *at, char *rest)
{
	return add_words(&at->search->words, rest);
}

static int parse_exclude(const struct reading *at, char *rest)
{
	return add_words(&at->search->excludes, rest);
}

static int parse_override(const struct reading *at, char *rest)
{
	const char *name = lexer_word(&rest), *release = lexer_word(&rest), *subdir = lexer_word(&rest);
	char *path;

	if (!name || !release || !subdir)
		return 0;
	if (!release_matches(at, release))
		return 1;
	if (asprintf(&path, "%s/%s", subdir, name) < 0 || strv_take(&at->search->overrides, path) < 0)
		return -ENOMEM;
	return 1;
}

static int parse_external(const struct reading *at, char *rest)
{
	const char *release = lexer_word(&rest), *dir = lexer_word(&rest);

	if (!release || !dir)
		return 0;
	if (!release_matches(at, release))
		return 1;
	return strv_add(&at->search->externals, dir) < 0 ? -ENOMEM : 1;
}

static int parse_directive(const struct reading *at, const char *word, char *rest)
{
	static const struct {
		const char *word;
		int (*parse)(const struct reading *at, char *rest);
	} directives[] = {
		{ "search", parse_search },
		{ "override", parse_override },
		{ "external", parse_external },
		{ "exclude", parse_exclude },
	};

	for (size_t i = 0; i < ELEMENTSOF(directives); i++)
		if (strcmp(word, directives[i].word) == 0)
			return directives[i].parse(at, rest);
	if (strcmp(word, "include") != 0 && strcmp(word, "make_map_files") != 0)
		return 0;
	diag_report(at->diag, LOG_INFO, "conf.no-effect", at->place->file, at->place->line,
		    "%s:%u: command %s is accepted and has no effect", at->place->file, at->place->line, word);
	return 1;
}

static int read_line(void *data, const struct lexer_place *place, char *line)
{
	struct reading *at = data;
	const char *word = lexer_word(&line);
	int r;

	at->place = place;
	r = word ? parse_directive(at, word, line) : 1;
	if (r == 0)
		diag_report(at->diag, LOG_ERR, "conf.bad-search-line", place->file, place->line,
			    "%s:%u: ignoring bad line starting with '%.*s%s'", place->file, place->line,
			    LEXER_SHOWN(word));
	return r < 0 ? r : 0;
}

int search_load(const struct root *root, const char *const *paths, const char *release, struct diag *diag,
		struct search **ret)
{
	_cleanup_(search_free_p) struct search *s = calloc(1, sizeof(*s));
	struct reading at = { .search = s, .release = release, .diag = diag };
	_cleanup_dropin_ struct dropin files = { 0 };
	int r;

	if (!s)
		return -ENOMEM;
	r = dropin_collect(root, paths ? paths : search_default_paths, diag, &files);
	if (r == 0)
		r = lexer_read_files(root, &files, diag, read_line, &at);
	if (r < 0)
		return r; /* what could not be read was reported, and denies nothing here */
	*ret = take_ptr(s);
	return 0;
}

bool search_excludes(const struct search *s, const char *basename)
{
	for (size_t i = 0; s && i < s->excludes.n; i++)
		if (strcmp(s->excludes.items[i], basename) == 0)
			return true;
	return false;
}

size_t search_n_external(const struct search *s)
{
	return s ? s->externals.n : 0;
}

const char *search_external(const struct search *s, size_t i)
{
	return i < search_n_external(s) ? s->externals.items[i] : NULL;
}

/* Whether path lies below dir, by whole components. */
static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return n > 0 && strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* The number of the external directory that path lies in, or how many there are. */
static size_t external_of(const struct search *s, const char *path)
{
	size_t i = 0;

	while (i < s->externals.n && !is_below(path, s->externals.items[i]))
		i++;
	return i;
}

static bool override_names(const char *override, const char *path)
{
	size_t stem = strlen(path) - modname_extension(path);

	return strlen(override) == stem && memcmp(override, path, stem) == 0;
}

/*
 * Ranks count up from the last word. The word `external` stands for as many ranks as there are external directories,
 * the first one ranking highest.
 */
static size_t rank_by_words(const struct search *s, const char *path)
{
	size_t n = s->words.n, external = external_of(s, path), built_in = 0;
	size_t spread = s->externals.n ? s->externals.n - 1 : 0; /* how far `external` lifts the words before it */

	for (size_t i = 0; i < n; i++) {
		const char *word = s->words.items[i];
		size_t rank = n - i + spread;

		if (strcmp(word, "external") == 0) {
			if (external < s->externals.n)
				return rank - external;
			spread = 0;
		} else if (strcmp(word, "built-in") == 0) {
			built_in = built_in ? built_in : rank;
		} else if (is_below(path, word)) {
			return rank;
		}
	}
	return built_in;
}

unsigned search_rank(const struct search *s, const char *path)
{
	if (!s)
		return is_below(path, "updates");
	for (size_t i = s->overrides.n; i-- > 0;)
		if (override_names(s->overrides.items[i], path))
			return (unsigned)(s->words.n + s->externals.n + i + 2);
	if (s->words.n == 0)
		return is_below(path, "updates");
	return (unsigned)rank_by_words(s, path);
}
