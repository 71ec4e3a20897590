// SPDX-License-Identifier: MIT
/* The sections about what this kernel would do with the files, about parameters, and about the boot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "face/kmodctl/markup.h"
#include "face/kmodctl/page_parts.h"
#include "face/kmodctl/waterfall_svg.h"

/* ---- trust ---- */

const char *page_verdict(const struct module_verdict *v)
{
	return v->error == -ENOENT                                ? "unknown: there is no file" :
	       v->error < 0                                       ? "unknown: the file cannot be read" :
	       v->answer && v->verdict.outcome != TRUST_UNDECIDED ? v->answer :
								    trust_outcome_name(v->verdict.outcome);
}

/* What is to be looked at first stands first. */
static int rank_of(const struct module_verdict *v)
{
	static const int ranks[] = {
		[TRUST_REFUSED] = 0, [TRUST_UNDECIDED] = 1, [TRUST_TAINTS] = 3, [TRUST_LOADS] = 4
	};

	return v->error < 0 ? 2 : ranks[v->verdict.outcome];
}

static int worse(const void *a, const void *b)
{
	const struct snapshot_module *x = *(const struct snapshot_module *const *)a;
	const struct snapshot_module *y = *(const struct snapshot_module *const *)b;
	int difference = rank_of(&x->trust) - rank_of(&y->trust);

	return difference ? difference : strcmp(x->loaded->live->name, y->loaded->live->name);
}

static const char *kind_of(const struct module_verdict *v)
{
	static const char *const kinds[] = { "wrong", "unknown", "unknown", "note", "good" };

	return kinds[rank_of(v)];
}

static void add_trust(const struct page *p, const struct snapshot_module *m)
{
	const struct module_verdict *v = &m->trust;
	_cleanup_buf_ struct buf why = BUF_INIT;

	if (!m->loaded->path)
		buf_adds(&why, "modules.dep does not have it");
	else if (v->error < 0)
		buf_addf(&why, "%s: %s", m->loaded->path, strerror(-v->error));
	else
		buf_addf(&why, "%s%s%s", v->cause ? v->cause : "", v->fix ? "; to do: " : "", v->fix ? v->fix : "");
	page_head(p, m->loaded->live->name);
	buf_adds(p->into, "<td>");
	page_badge(p, kind_of(v), page_verdict(v));
	buf_adds(p->into, "</td>");
	page_cell(p, v->error < 0 ? "unknown" : trust_signature_name(v->signature));
	page_cell(p, v->signers);
	page_cell(p, *m->loaded->live->taint ? m->loaded->live->taint : NULL);
	page_cell(p, buf_str(&why));
	page_row_end(p);
	p->into->error = p->into->error ? p->into->error : buf_error(&why);
}

void page_trust(const struct page *p)
{
	static const char *const headings[] = { "Module", "Verdict", "Signature", "Signed by", "Taint", "Why", NULL };
	const struct snapshot *s = p->snapshot;
	_cleanup_free_ const struct snapshot_module **sorted = calloc(s->loaded.n + 1, sizeof(*sorted));

	if (!sorted) {
		p->into->error = -ENOMEM;
		return;
	}
	if (!s->loaded.n) {
		page_note(p, s->loaded_error < 0 ? "Unknown: the loaded modules could not be read." :
						   "No module is loaded.");
		return;
	}
	page_note(
		p,
		"The verdict is what this kernel would do now with the file on the disk; the taint is what the module "
		"that is loaded added to the kernel. Files: %zu would be refused, %zu would load and taint the kernel, "
		"%zu would load; of %zu it is not known.",
		snapshot_count(s, TRUST_REFUSED), snapshot_count(s, TRUST_TAINTS), snapshot_count(s, TRUST_LOADS),
		s->loaded.n - snapshot_count(s, TRUST_REFUSED) - snapshot_count(s, TRUST_TAINTS) -
			snapshot_count(s, TRUST_LOADS));
	for (size_t i = 0; i < s->loaded.n; i++)
		sorted[i] = &s->items[i];
	qsort(sorted, s->loaded.n, sizeof(*sorted), worse);
	page_table(p, "Trust", headings);
	for (size_t i = 0; i < s->loaded.n; i++)
		add_trust(p, sorted[i]);
	page_table_end(p);
}

/* ---- parameters ---- */

static const char *effect_of(const struct deviation *d)
{
	static const char *const effects[] = {
		[PARAMS_UNSET] = NULL,
		[PARAMS_IN_EFFECT] = "yes",
		[PARAMS_NOT_IN_EFFECT] = "no",
		[PARAMS_UNKNOWN] = "unknown: the values cannot be compared",
	};

	return d->effect == PARAMS_UNKNOWN && !d->current ? "unknown: the kernel does not show the value" :
							    effects[d->effect];
}

static void add_deviation(const struct page *p, const struct deviation *d)
{
	_cleanup_buf_ struct buf name = BUF_INIT, place = BUF_INIT;

	buf_addf(&name, "%s.%s", d->module, d->name);
	if (d->is_configured && d->line)
		buf_addf(&place, "%s:%u", d->file, d->line);
	else if (d->is_configured)
		buf_adds(&place, d->file);
	page_head(p, buf_str(&name));
	page_cell(p, d->current ? d->current : "unknown: not shown");
	page_cell(p, d->stated ? d->stated : "unknown: not stated");
	page_cell(p, d->configured || !d->is_configured ? d->configured : "given without a value");
	page_cell(p, place.n ? buf_str(&place) : NULL);
	page_cell(p, effect_of(d));
	page_cell(p, d->description);
	page_row_end(p);
	p->into->error = p->into->error ? p->into->error : buf_error(&name);
}

void page_parameters(const struct page *p)
{
	static const char *const headings[] = { "Parameter",     "Now",       "Default",     "Configured",
						"Configured by", "In effect", "Description", NULL };
	const struct deviations *d = &p->snapshot->deviations;

	page_note(p,
		  "%zu of %zu parameters of loaded modules, and of those in the kernel that its command line names, "
		  "differ "
		  "from the default that their description states, or are configured. The kernel keeps no defaults: of "
		  "%zu, whose description states none, it is unknown whether they differ.",
		  d->n + d->left_out, d->n_looked_at, d->n_unstated);
	if (d->n_unread)
		page_note(p, "Of %zu module%s the file could not be read, so that descriptions are unknown.",
			  d->n_unread, d->n_unread == 1 ? "" : "s");
	if (d->left_out)
		page_note(p, "%zu more are not listed: %d are the most.", d->left_out, DEVIATIONS_MAX);
	if (!d->n)
		return;
	page_table(p, "Parameters that differ", headings);
	for (size_t i = 0; i < d->n; i++)
		add_deviation(p, &d->items[i]);
	page_table_end(p);
}

/* ---- the boot ---- */

static void add_times(const struct page *p)
{
	static const char *const headings[] = { "Module", "#First seen", "#Last seen", "Asked for by", NULL };
	const struct waterfall *w = &p->snapshot->waterfall;

	buf_adds(p->into, "<details><summary>The same as a table</summary>\n");
	page_table(p, "When modules were loaded", headings);
	for (size_t i = 0; i < w->n; i++) {
		char start[32], end[32];

		snprintf(start, sizeof(start), "%.3f s", (double)w->rows[i].start / 1000000);
		snprintf(end, sizeof(end), "%.3f s", (double)w->rows[i].end / 1000000);
		page_head(p, w->rows[i].name);
		page_number(p, start);
		page_number(p, end);
		page_cell(p, waterfall_by(&w->rows[i]));
		page_row_end(p);
	}
	page_table_end(p);
	buf_adds(p->into, "</details>\n");
}

void page_boot(const struct page *p)
{
	const struct waterfall *w = &p->snapshot->waterfall;

	page_note(p, "When the modules of this boot were loaded, in seconds since its start, and who asked for them.");
	if (!w->n)
		page_note(p, "Of no module it is known when it was loaded: the sources below say why.");
	buf_adds(p->into, "<div class=\"wide picture chart\" role=\"region\" tabindex=\"0\" "
			  "aria-label=\"Picture of the boot\">\n");
	waterfall_svg(w, false, p->into);
	buf_adds(p->into, "</div>\n");
	if (w->n)
		add_times(p);
}
