// SPDX-License-Identifier: MIT
#include "verb/why/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "verb/why/parts.h"

#define CHECKS_MAX 4

/* The kernel does both in one step. */
static int why_symbols(struct subject *s)
{
	int r = why_needed(s);

	return r < 0 ? r : why_rules(s);
}

/*
 * What can cause each error of finit_module(2), in the order in which the kernel tests it. The first check that
 * finds an obstacle has found the cause.
 */
static const struct {
	int error;
	int (*checks[CHECKS_MAX + 1])(struct subject *);
} causes[] = {
	{ EPERM, { why_process, why_signature, why_denied } },
	{ EKEYREJECTED, { why_signature } },
	{ ENOKEY, { why_signature } },
	{ EBADMSG, { why_signature } },
	{ ENOPKG, { why_signature } },
	{ ENOEXEC, { why_copies, why_format, why_versions, why_exported } },
	{ ENOENT, { why_file, why_needs, why_symbols } },
	{ EINVAL, { why_packing, why_versions, why_rules } },
	{ ESRCH, { why_versions } },
	{ EBUSY, { why_state } },
};

static int run_checks(struct subject *s)
{
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(causes); i++) {
		if (causes[i].error != -s->refused)
			continue;
		for (size_t k = 0; causes[i].checks[k] && r >= 0 && !s->found->n_obstacles; k++)
			r = causes[i].checks[k](s);
	}
	return r;
}

/* Obstacles; without any, what changes the outcome. */
static void keep_causes(struct why *w)
{
	enum why_weight least = w->n_obstacles ? WHY_OBSTACLE : WHY_NOTE;
	size_t n = 0;

	for (size_t i = 0; i < w->n && n < REFUSAL_FINDINGS_MAX; i++)
		if (w->items[i].weight >= least)
			w->items[n++] = w->items[i];
	w->n = n;
	w->n_obstacles = least == WHY_OBSTACLE ? n : 0;
}

/* ---- the kernel's own words ---- */

/* Records that begin with the module's name, in either spelling of '-'. */
static bool speaks_of(const char *text, const char *name)
{
	for (; *name; name++, text++)
		if (*text != *name && !(*text == '-' && *name == '_'))
			return false;
	return *text == ':' || *text == ' ';
}

static int add_kernel_words(const struct refusal *x, struct why *w)
{
	int r = 0;

	for (size_t i = 0; x->kmsg && i < x->kmsg->n && w->n < REFUSAL_FINDINGS_MAX && r >= 0; i++) {
		const char *text = x->kmsg->items[i].text;

		if (speaks_of(text, x->name))
			r = why_add(w, WHY_FACT, WHY_KERNEL_SAYS, NULL, "the kernel says: %s", text);
	}
	return r;
}

/* ---- the subject ---- */

/* The installed file of the name, or one that was named by its path. */
static int find_candidate(const struct refusal *x, struct candidates *ret)
{
	_cleanup_free_ char *installed = NULL;
	int r = world_path(x->world, x->name, &installed);

	if (r < 0)
		return r;
	if (!x->path || (installed && strcmp(installed, x->path) == 0))
		return resolve_literal(x->name, ret);
	return resolve_path(x->path, ret);
}

static int find_causes(const struct refusal *x, const struct candidate *c, struct why *w)
{
	_cleanup_subject_ struct subject s = { 0 };
	struct utsname uts = { 0 };
	const struct why_query q = {
		.sys = x->sys,
		.world = x->world,
		.release = kernel_uname(x->sys->kernel, &uts) < 0 ? "" : uts.release,
	};
	int r = subject_open(&q, c, w, &s);

	if (r < 0)
		return r;
	s.refused = x->error;
	return s.path ? run_checks(&s) : 0; /* without a file nothing was passed to the kernel */
}

int refusal_explain(const struct refusal *x, struct why *ret)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	_cleanup_why_ struct why w = { 0 };
	int r = find_candidate(x, &found);

	if (r >= 0)
		r = find_causes(x, &found.items[0], &w);
	if (r == -ENOMEM)
		return r;
	keep_causes(&w);
	r = add_kernel_words(x, &w);
	if (r < 0)
		return r;
	*ret = w;
	w = (struct why){ 0 };
	return 0;
}

/* ---- for people ---- */

int refusal_line(const char *name, const struct why_finding *f, struct buf *into)
{
	buf_addf(into, "%s: %s", name, f->text);
	if (f->file)
		buf_addf(into, " (%s", f->file);
	if (f->line)
		buf_addf(into, ":%u", f->line);
	if (f->file)
		buf_addc(into, ')');
	if (f->fix)
		buf_addf(into, "; fix: %s", f->fix);
	return buf_error(into);
}

void refusal_report_found(struct diag *diag, const char *name, const struct why *found)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct why_finding *f = &found->items[i];
		_cleanup_buf_ struct buf line = BUF_INIT;

		if (refusal_line(name, f, &line) >= 0)
			diag_report(diag, LOG_ERR, why_message_code(f), f->file, f->line, "%s", buf_str(&line));
	}
}

void refusal_report(const struct refusal *x)
{
	_cleanup_why_ struct why found = { 0 };

	if (diag_wants(&x->sys->diag, LOG_ERR) && refusal_explain(x, &found) >= 0)
		refusal_report_found(&x->sys->diag, x->name, &found);
}
