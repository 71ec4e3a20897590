// SPDX-License-Identifier: MIT
/* The sections about what is loaded: where it comes from, how large it is, and what needs what. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "face/kmodctl/markup.h"
#include "face/kmodctl/page_parts.h"

/* ---- by origin ---- */

static const char *const origins[] = {
	[SNAPSHOT_IN_TREE] = "in-tree: below kernel/",
	[SNAPSHOT_DKMS] = "DKMS has built it for this kernel",
	[SNAPSHOT_UPDATES] = "below updates/",
	[SNAPSHOT_EXTRA] = "below extra/",
	[SNAPSHOT_OTHER] = "elsewhere, or below kernel/ though the kernel calls it out-of-tree",
	[SNAPSHOT_UNKNOWN] = "unknown: modules.dep does not have it",
};

static void number(const struct page *p, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
	page_number(p, text);
}

static void size(const struct page *p, uint64_t bytes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	page_size(&text, bytes);
	page_number(p, buf_str(&text));
}

static void add_origins(const struct page *p)
{
	static const char *const headings[] = { "Origin", "#Modules", "#Size", "Share of the size", NULL };
	uint64_t whole = snapshot_sum(p->snapshot, SNAPSHOT_ORIGINS).size;

	buf_adds(p->into, "<h3>By origin</h3>\n");
	page_table(p, "Loaded modules by origin", headings);
	for (enum snapshot_origin o = 0; o < SNAPSHOT_ORIGINS; o++) {
		struct snapshot_sum sum = snapshot_sum(p->snapshot, o);

		if (!sum.n)
			continue;
		page_head(p, origins[o]);
		number(p, sum.n);
		size(p, sum.size);
		page_bar(p, sum.size, whole);
		page_row_end(p);
	}
	page_table_end(p);
}

/* ---- by size ---- */

static int larger(const void *a, const void *b)
{
	const struct live_module *x = (*(const struct snapshot_module *const *)a)->loaded->live;
	const struct live_module *y = (*(const struct snapshot_module *const *)b)->loaded->live;

	return x->size != y->size ? (x->size < y->size ? 1 : -1) : strcmp(x->name, y->name);
}

static const char *origin_of(const struct snapshot_module *m, struct buf *into)
{
	buf_adds(into, snapshot_origin_name(m->origin));
	if (m->dkms)
		buf_addf(into, ", %s", m->dkms);
	return buf_str(into);
}

static void add_module(const struct page *p, const struct snapshot_module *m, uint64_t largest)
{
	const struct live_module *l = m->loaded->live;
	_cleanup_buf_ struct buf users = BUF_INIT, origin = BUF_INIT;

	for (size_t i = 0; i < l->n_users; i++)
		buf_addf(&users, "%s%s", i ? ", " : "", l->users[i]);
	page_head(p, l->name);
	size(p, l->size);
	page_bar(p, l->size, largest);
	page_cell(p, origin_of(m, &origin));
	page_cell(p, users.n ? buf_str(&users) : NULL);
	page_cell(p, *l->taint ? l->taint : NULL);
	page_cell(p, m->loaded->version);
	page_cell(p, m->loaded->path ? m->loaded->path : "unknown: modules.dep does not have it");
	page_row_end(p);
	p->into->error = p->into->error ? p->into->error : buf_error(&users);
}

static void add_sizes(const struct page *p)
{
	static const char *const headings[] = { "Module", "#Size",   "Size, drawn", "Origin", "Used by",
						"Taint",  "Version", "File",        NULL };
	size_t n = p->snapshot->loaded.n;
	_cleanup_free_ const struct snapshot_module **sorted = calloc(n + 1, sizeof(*sorted));

	if (!sorted) {
		p->into->error = -ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = &p->snapshot->items[i];
	qsort(sorted, n, sizeof(*sorted), larger);
	buf_adds(p->into, "<h3>By size</h3>\n");
	page_table(p, "Loaded modules by size", headings);
	for (size_t i = 0; i < n; i++)
		add_module(p, sorted[i], sorted[0]->loaded->live->size);
	page_table_end(p);
}

void page_modules(const struct page *p)
{
	struct snapshot_sum all = snapshot_sum(p->snapshot, SNAPSHOT_ORIGINS);
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (p->snapshot->loaded_error < 0) {
		page_note(p, "Unknown: could not read the loaded modules from /proc/modules: %s.",
			  strerror(-p->snapshot->loaded_error));
		return;
	}
	page_size(&text, all.size);
	page_note(p, "%zu module%s, %s of memory of the kernel. A size is what the kernel reports in /proc/modules.",
		  all.n, all.n == 1 ? "" : "s", buf_str(&text));
	if (!all.n)
		return;
	add_origins(p);
	add_sizes(p);
}

/* ---- dependencies ---- */

/* The list that is open at each depth; one row for each module of the walk. */
struct outline {
	const struct page *page;
	size_t *depths; /* of each row */
	size_t n, cap;
	size_t depth; /* of the row that is open */
};

static ssize_t add_branch(void *data, const struct loaded_module *m, size_t parent, bool is_again)
{
	struct outline *o = data;
	struct buf *into = o->page->into;
	size_t depth = parent == LOADED_TOP ? 0 : o->depths[parent] + 1;

	if (vec_room(&o->depths, o->n, &o->cap) < 0)
		return -ENOMEM;
	for (; o->n && o->depth > depth; o->depth--)
		buf_adds(into, "</li></ul>\n");
	buf_adds(into, !o->n ? "<ul>\n<li>" : o->depth < depth ? "\n<ul>\n<li>" : "</li>\n<li>");
	markup_cut(into, m->live->name, PAGE_TEXT_MAX);
	buf_adds(into, is_again ? " (see above)" : "");
	o->depth = depth;
	o->depths[o->n] = depth;
	return (ssize_t)o->n++;
}

/* Below each module those that it uses: what the kernel itself says, which needs no index and no program. */
static void add_outline(const struct page *p)
{
	struct outline o = { .page = p };
	int r;

	buf_addf(p->into,
		 "<details%s><summary>The same as a list: below each module those that it uses now</summary>\n"
		 "<div class=\"wide tree\" role=\"region\" tabindex=\"0\" aria-label=\"Modules by who uses whom\">\n",
		 p->picture.n ? "" : " open");
	r = loaded_walk(&p->snapshot->loaded, add_branch, &o);
	for (size_t i = 0; o.n && i <= o.depth; i++)
		buf_adds(p->into, "</li></ul>\n");
	buf_adds(p->into, "</div></details>\n");
	free(o.depths);
	if (r < 0)
		p->into->error = -ENOMEM;
}

void page_dependencies(const struct page *p)
{
	const struct linked *l = &p->snapshot->linked;

	if (l->error < 0)
		page_note(p, "What needs what is unknown: could not read the dependencies in %s: %s.",
			  catalog_dir(p->snapshot->status.running.catalog),
			  l->error == -ENOENT ? "there is no index, which depmod makes" : strerror(-l->error));
	else
		page_note(
			p,
			"%zu of %zu loaded modules need another one or are needed, by modules.dep and by softdeps and "
			"weakdeps, which are dashed. What a module needs only through another one has no line of its "
			"own.",
			l->n, p->snapshot->loaded.n);
	if (p->picture.n) {
		buf_adds(p->into, "<div class=\"wide picture graph\" role=\"region\" tabindex=\"0\" "
				  "aria-label=\"Picture of the dependencies\">\n");
		buf_add(p->into, p->picture.p, p->picture.n);
		buf_adds(p->into, "</div>\n");
	} else if (p->no_picture) {
		page_note(p, "There is no picture: %s.", p->no_picture);
	}
	if (p->snapshot->loaded.n)
		add_outline(p);
}

struct span page_picture(struct span drawn)
{
	static const char begin[] = "<svg", end[] = "</svg>";
	const char *at = drawn.n ? memmem(drawn.p, drawn.n, begin, strlen(begin)) : NULL;
	size_t n = at ? drawn.n - (size_t)(at - (const char *)drawn.p) : 0;

	return at && memmem(at, n, end, strlen(end)) ? span_of(at, n) : span_of(NULL, 0);
}
