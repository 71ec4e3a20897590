// SPDX-License-Identifier: MIT
/* depmod.d: what its reader reports, modules that there are not, directories that are missing. */
#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "base/oom.h"
#include "read/conf/lexer.h"
#include "read/conf/search.h"
#include "verb/config/lint_parts.h"

static const char *const directives[] = { "exclude", "external", "override", "search", NULL };
static const char *const forms[] = { "exclude DIRECTORY...", "external RELEASE DIRECTORY",
				     "override MODULE RELEASE DIRECTORY", "search DIRECTORY...", NULL };

/* `override` counts for a module file of this name. */
static int look_at_override(struct lint_run *r, const struct lexer_place *place, const char *written)
{
	char name[MODNAME_MAX];
	enum config_known known;
	int e = modname_normalize(written, name) < 0 ? -EINVAL : config_known(r->config, name, &known);

	if (e == -EINVAL || (e == 0 && (known == CONFIG_NOTHING || known == CONFIG_ALIAS)))
		return lint_unknown_module(r, place->file, place->line, "override", written);
	return e;
}

static int look_at_external(struct lint_run *r, const struct lexer_place *place, const char *dir)
{
	struct stat st;

	if (root_stat(&r->sys->root, dir, &st) == -ENOENT)
		return lint_add(r, LINT_WARNING, "lint.directory", place->file, place->line, NULL,
				"external: there is no directory %s", dir);
	return 0;
}

static int look_at_line(void *data, const struct lexer_place *place, char *line)
{
	struct lint_run *r = data;
	const char *word = lexer_word(&line), *first = lexer_word(&line), *second = lexer_word(&line);

	if (!word)
		return 0;
	if (strcmp(word, "override") == 0 && second && lexer_word(&line))
		return look_at_override(r, place, first);
	if (strcmp(word, "external") == 0 && second)
		return look_at_external(r, place, second);
	if ((strcmp(word, "search") == 0 || strcmp(word, "exclude") == 0) && !first)
		return lint_add(r, LINT_WARNING, "lint.empty", place->file, place->line, NULL,
				"%s: the line names no directory", word);
	return lint_explain_bad_line(r, place->file, place->line, word, directives, forms);
}

int lint_search(struct lint_run *r)
{
	_cleanup_(search_free_p) struct search *s = NULL;
	_cleanup_dropin_ struct dropin files = { 0 };
	int e = search_load(&r->sys->root, NULL, r->config->release ? r->config->release : "", &r->sys->diag, &s);

	if (e >= 0)
		e = dropin_collect(&r->sys->root, search_default_paths, NULL, &files);
	if (e >= 0)
		e = lexer_read_files(&r->sys->root, &files, NULL, look_at_line, r);
	return e < 0 ? only_oom(e) : 0;
}
