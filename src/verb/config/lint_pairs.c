// SPDX-License-Identifier: MIT
/* Lines that stand there twice, lines in whose place others count, and options that do not fit the module. */
#include <string.h>

#include "base/buf.h"
#include "decide/plan/resolve.h"
#include "verb/config/lint_parts.h"
#include "verb/params/check.h"

#define CMDLINE_PATH "/proc/cmdline"

/* ---- lines that say the same ---- */

/* A map from what lines say to the first that says so. */
static int find_first(struct lint_run *r, struct map *seen, struct config_line *l, struct config_line **ret)
{
	_cleanup_buf_ struct buf key = BUF_INIT;
	const char *kept;

	buf_addf(&key, "%s %s %s", l->directive, l->name, l->value ? l->value : "");
	if (buf_error(&key))
		return buf_error(&key);
	*ret = map_get(seen, buf_str(&key));
	if (*ret)
		return 0;
	kept = arena_str(&r->config->strings, buf_str(&key));
	return kept && map_put(seen, kept, l) >= 0 ? 0 : -ENOMEM;
}

static int tell_place(struct lint_run *r, const struct config_line *l, const char *code, enum lint_level level,
		      const char *text, const char *file, unsigned line)
{
	_cleanup_buf_ struct buf place = BUF_INIT;

	buf_addf(&place, line ? "%s:%u" : "%s", file, line);
	return lint_add(r, level, code, l->file, l->line, NULL, "%s %s: %s (%s)", l->directive, l->name, text,
			buf_str(&place));
}

static int look_at_effect(struct lint_run *r, const struct config_line *l)
{
	enum lint_level level = lint_level_in(l->file);

	if (l->effect != CONFIG_OVERRIDDEN && l->effect != CONFIG_PARTLY)
		return 0;
	/* The command line is there to have the last word. */
	if (strcmp(l->by_file, CMDLINE_PATH) == 0 && strcmp(l->file, CMDLINE_PATH) != 0)
		level = LINT_NOTE;
	return tell_place(r, l, "lint.overridden", level, l->why, l->by_file, l->by_line);
}

/* Not by who wrote the other line. */
static bool is_of_another(const struct config_line *l)
{
	return lint_level_in(l->file) == LINT_NOTE || strcmp(l->file, CMDLINE_PATH) == 0;
}

static int look_at_pair(struct lint_run *r, struct map *seen, struct config_line *l)
{
	struct config_line *first = NULL;
	int e = find_first(r, seen, l, &first);

	if (e < 0 || !first)
		return e < 0 ? e : look_at_effect(r, l);
	return tell_place(r, l, "lint.duplicate", is_of_another(l) || is_of_another(first) ? LINT_NOTE : LINT_WARNING,
			  "the same line stands there before", first->file, first->line);
}

int lint_pairs(struct lint_run *r)
{
	_cleanup_map_ struct map seen = { 0 };
	int e = 0;

	for (size_t i = 0; i < r->config->n && e >= 0; i++) {
		struct config_line *l = &r->config->lines[i];

		if (l->effect != CONFIG_MASKED && !l->by_depmod)
			e = look_at_pair(r, &seen, l);
	}
	return e < 0 ? e : 0;
}

/* ---- options ---- */

static int add_problem(void *data, const struct options_problem *p)
{
	struct lint_run *r = data;

	return p->at ? lint_add(r, LINT_ERROR, "lint.parameter", p->at->file, p->at->line, NULL, "options %s: %s",
				p->at->name, p->text) :
		       0;
}

/* name: of the options lines. */
static int check_module(struct lint_run *r, const char *module, const char *name)
{
	_cleanup_free_ char *path = NULL;
	const struct options_query q = {
		.root = &r->sys->root, .policy = r->config->policy, .name = module, .alias = name, .given = ""
	};
	struct options_query with_path = q;
	int e = world_path(&r->config->world, module, &path);

	if (e < 0 || !path)
		return e;
	with_path.path = path;
	return options_problems(&with_path, add_problem, r);
}

static int check_options(struct lint_run *r, const char *name)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int e = resolve(&r->config->world, name, &found);

	for (size_t i = 0; i < found.n && e >= 0; i++)
		e = found.items[i].builtin ? 0 : check_module(r, found.items[i].name, name);
	return e == -ENOMEM ? e : 0;
}

int lint_options(struct lint_run *r)
{
	_cleanup_map_ struct map seen = { 0 };
	int e = 0;

	for (size_t i = 0; i < r->config->n && e >= 0; i++) {
		const struct config_line *l = &r->config->lines[i];

		if (!l->entry || l->entry->kind != POLICY_OPTIONS || l->effect == CONFIG_MASKED)
			continue;
		e = map_put(&seen, l->name, NULL);
		if (e > 0)
			e = check_options(r, l->name);
	}
	return e < 0 ? e : 0;
}
