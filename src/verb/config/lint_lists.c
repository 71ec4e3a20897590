// SPDX-License-Identifier: MIT
/* Lists of modules to load at boot: names that mean nothing, modules that something else keeps out. */
#include <errno.h>
#include <string.h>

#include "decide/plan/resolve.h"
#include "verb/config/lint_parts.h"
#include "verb/why/parts.h"

static int tell_absent(struct lint_run *r, const struct config_line *l)
{
	if (strpbrk(l->name, " \t"))
		return lint_add(r, LINT_ERROR, "lint.extra-word", l->file, l->line,
				"write one name on each line, and options in modprobe.d",
				"%s: all of the line counts as a name", l->name);
	return lint_unknown_module(r, l->file, l->line, "module", l->name);
}

static int tell_kept_out(struct lint_run *r, const struct config_line *l, const char *what, const char *file,
			 unsigned line)
{
	_cleanup_buf_ struct buf place = BUF_INIT;

	buf_addf(&place, line ? "%s:%u" : "%s", file, line);
	return lint_add(r, LINT_WARNING, "lint.contradiction", l->file, l->line, "remove one of the two",
			"%s is to be loaded at boot, and %s keeps it out (%s)", l->name, what, buf_str(&place));
}

static int look_at_module(struct lint_run *r, const struct config_line *l, const struct candidate *m)
{
	const struct policy_entry *install = policy_match(r->config->policy, POLICY_INSTALL, m->name);
	const struct why_query q = { .sys = r->sys, .world = &r->config->world };

	if (m->builtin)
		return lint_add(r, LINT_NOTE, "lint.builtin", l->file, l->line, NULL,
				"%s need not be loaded: it is a part of the kernel", l->name);
	if (strv_has(&r->config->denied, m->name))
		return tell_kept_out(r, l, "module_blacklist=", "/proc/cmdline", 0);
	if (install && why_denied_by(&q, m->name))
		return tell_kept_out(r, l, "an install line", install->file, install->line);
	return 0;
}

static int look_at_entry(struct lint_run *r, const struct config_line *l)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int e;

	if (l->effect == CONFIG_CANCELLED)
		return tell_kept_out(r, l, "a blacklist line", l->by_file, l->by_line);
	if (l->effect == CONFIG_UNSURE)
		return 0;
	e = resolve(&r->config->world, l->name, &found);
	if (e == -ENOMEM || found.n == 0)
		return e == -ENOMEM ? e : tell_absent(r, l);
	e = 0;
	for (size_t i = 0; i < found.n && e == 0; i++)
		e = look_at_module(r, l, &found.items[i]);
	return e;
}

int lint_lists(struct lint_run *r)
{
	int e = 0;

	for (size_t i = 0; i < r->config->n && e == 0; i++) {
		const struct config_line *l = &r->config->lines[i];

		if (strcmp(l->directive, "load") == 0 && l->effect != CONFIG_MASKED)
			e = look_at_entry(r, l);
	}
	return e;
}
