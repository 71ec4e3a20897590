// SPDX-License-Identifier: MIT
#include "verb/config/lint_parts.h"

#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "base/nearest.h"
#include "base/paths.h"
#include "read/index/similar.h"

/* Each looks at the names of all modules; nobody mistypes more. */
#define SEARCHES_MAX 100

int lint_add(struct lint_run *r, enum lint_level level, const char *code, const char *file, unsigned line,
	     const char *fix, const char *fmt, ...)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (buf_error(&text))
		return buf_error(&text);
	return lint_take(r->into, (struct lint_finding){ level, code, file, line, buf_str(&text), fix });
}

enum lint_level lint_level_in(const char *file)
{
	static const char *const shipped[] = { DISTCONFDIR "/", "/usr/lib/", "/lib/" };

	for (size_t i = 0; i < ELEMENTSOF(shipped); i++)
		if (strncmp(file, shipped[i], strlen(shipped[i])) == 0)
			return LINT_NOTE;
	return LINT_WARNING;
}

int lint_unknown_module(struct lint_run *r, const char *file, unsigned line, const char *directive, const char *name)
{
	const struct catalog *catalog = r->config->catalog;
	_cleanup_buf_ struct buf near = BUF_INIT, fix = BUF_INIT;
	char module[MODNAME_MAX];
	int found;

	if (modname_of_file(name, module)) {
		buf_addf(&fix, "write %s", module);
		return lint_add(r, LINT_ERROR, "lint.file-name", file, line, buf_str(&fix),
				"%s %s: this is the name of a file, not of a module", directive, name);
	}
	found = r->searches++ < SEARCHES_MAX ? similar_names(catalog, name, &near) : 0;
	if (found < 0)
		return found;
	if (found)
		buf_addf(&fix, "did you mean %s?", buf_str(&near));
	return lint_add(r, found ? LINT_WARNING : lint_level_in(file), "lint.module", file, line,
			found ? buf_str(&fix) : NULL, "%s %s: %s has no such module", directive, name,
			r->config->release);
}

int lint_explain_bad_line(struct lint_run *r, const char *file, unsigned line, const char *word,
			  const char *const *directives, const char *const *forms)
{
	_cleanup_buf_ struct buf fix = BUF_INIT;
	struct nearest search;
	const char *form = NULL;

	nearest_start(&search, word, strlen(word));
	for (size_t i = 0; directives[i]; i++) {
		nearest_offer(&search, directives[i], strlen(directives[i]));
		form = strcmp(directives[i], word) == 0 ? forms[i] : form;
	}
	if (form)
		buf_addf(&fix, "write: %s", form);
	else if (search.word)
		buf_addf(&fix, "did you mean '%s'?", search.word);
	/* The files are read here in the order in which they were reported: the next one is near. */
	for (size_t i = 0; i < r->into->n && fix.n; i++) {
		size_t at = (r->at_bad_line + i) % r->into->n;
		struct lint_finding *f = &r->into->items[at];

		if (f->line != line || strcmp(f->file, file) != 0 || f->fix ||
		    (strcmp(f->code, "conf.bad-line") != 0 && strcmp(f->code, "conf.bad-search-line") != 0))
			continue;
		r->at_bad_line = at + 1;
		f->fix = arena_str(&r->into->strings, buf_str(&fix));
		return f->fix ? 0 : -ENOMEM;
	}
	return buf_error(&fix);
}
