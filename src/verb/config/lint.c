// SPDX-License-Identifier: MIT
#include "verb/config/lint.h"

#include <errno.h>
#include <string.h>

#include "base/printable.h"
#include "read/index/catalog.h"
#include "verb/config/lint_parts.h"

/* ---- what the readers report ---- */

struct reports {
	struct lint *into;
	int error;
};

/* Behind the place, which the text of most messages begins with and a finding has by itself. */
static const char *text_of(const struct diag_msg *m)
{
	_cleanup_buf_ struct buf shown = BUF_INIT, number = BUF_INIT;
	const char *p = m->text;

	if (printable_add(&shown, m->file, strlen(m->file)) < 0 || buf_addf(&number, "%u", m->line) < 0 ||
	    strncmp(p, buf_str(&shown), shown.n) != 0)
		return p;
	p += shown.n;
	if (strncmp(p, " line ", 6) == 0 && strncmp(p + 6, buf_str(&number), number.n) == 0)
		p += 6 + number.n;
	else if (*p == ':' && strncmp(p + 1, buf_str(&number), number.n) == 0)
		p += 1 + number.n;
	return p + strspn(p, ": ");
}

/* The files that are looked at here say what is missing by themselves: lint.unreadable. */
static bool is_about_reading(const char *code)
{
	return strcmp(code, "conf.incomplete") == 0 || strcmp(code, "conf.unreadable") == 0 ||
	       strcmp(code, "conf.modload") == 0;
}

static const char *fix_of(const char *code)
{
	static const struct {
		const char *code, *fix;
	} fixes[] = {
		{ "conf.byte-order-mark", "save the file without it" },
		{ "conf.line-ends", "convert it, with dos2unix or sed 's/\\r$//'" },
		{ "conf.remark", "write the remark on a line of its own" },
		{ "conf.deprecated", "put what it includes into a file of the directory" },
		{ "conf.utf-16", "convert it: iconv -f UTF-16 -t UTF-8" },
	};

	for (size_t i = 0; i < ELEMENTSOF(fixes); i++)
		if (strcmp(fixes[i].code, code) == 0)
			return fixes[i].fix;
	return NULL;
}

static void take_report(void *data, const struct diag_msg *m)
{
	struct reports *to = data;
	struct lint_finding f = { .code = m->code, .file = m->file, .line = m->line, .text = m->text };

	if (!m->file || is_about_reading(m->code)) {
		to->into->is_incomplete |= is_about_reading(m->code);
		return;
	}
	f.level = m->level <= LOG_ERR ? LINT_ERROR : m->level == LOG_WARNING ? LINT_WARNING : LINT_NOTE;
	f.text = text_of(m);
	f.fix = fix_of(m->code);
	if (lint_take(to->into, f) < 0)
		to->error = -ENOMEM;
}

/* ---- all of it ---- */

static int look(struct lint_run *r)
{
	static int (*const parts[])(struct lint_run * r) = { lint_files,   lint_lines, lint_pairs,
							     lint_options, lint_lists, lint_search };
	int e = config_judge(r->config, NULL);

	for (size_t i = 0; e == 0 && i < ELEMENTSOF(parts); i++)
		e = parts[i](r);
	return e;
}

int lint_config(struct sys *sys, const char *release, bool is_other_machine, struct lint *ret)
{
	struct reports reports = { .into = ret };
	const struct diag outer = sys->diag;
	struct config config;
	struct lint_run run = { .sys = sys, .config = &config, .into = ret };
	int r;

	*ret = (struct lint){ 0 };
	sys->diag = (struct diag){ take_report, &reports, LOG_INFO };
	r = config_open(sys, release, is_other_machine, &config);
	if (r == 0) {
		ret->is_incomplete |= !config.is_whole || !catalog_reader(config.catalog, CATALOG_DEP);
		r = look(&run);
		config_close(&config);
	}
	sys->diag = outer;
	if (r == 0)
		r = reports.error;
	if (r < 0) {
		sys_error(sys, "config.open", "could not read the configuration: %s", strerror(-r));
		lint_done(ret);
		return r;
	}
	lint_sort(ret);
	return 0;
}
