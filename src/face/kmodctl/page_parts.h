/* SPDX-License-Identifier: MIT */
#pragma once

/* The sections of the page (page.h), and the elements that they are made of. */

#include <time.h>

#include "base/buf.h"
#include "verb/report/snapshot.h"

struct page {
	const struct snapshot *snapshot;
	struct span picture;    /* of the dependencies, an element svg; n 0: there is none */
	const char *no_picture; /* why; with n 0 */
	time_t now;
	struct buf *into;
};

/* Characters of a text that others chose; what is longer ends in an ellipsis. */
#define PAGE_TEXT_MAX 400

void page_modules(const struct page *p);
void page_dependencies(const struct page *p);
void page_trust(const struct page *p);
void page_parameters(const struct page *p);
void page_boot(const struct page *p);

/* A table that can be scrolled in its place, with these headings, which NULL ends; # stands before that of numbers. */
void page_table(const struct page *p, const char *label, const char *const *headings);
void page_table_end(const struct page *p);
/* The first cell of a row, which names it; those after it. NULL: a dash. */
void page_head(const struct page *p, const char *text);
void page_cell(const struct page *p, const char *text);
void page_row_end(const struct page *p);
/* A cell for a number or size, which stands on the right. */
void page_number(const struct page *p, const char *text);
/* A bar for a share of a whole, beside the number that says the same. */
void page_bar(const struct page *p, uint64_t part, uint64_t whole);
/* A paragraph in smaller letters. */
void page_note(const struct page *p, const char *fmt, ...) _printf_(2, 3);
/* A word in a color, which also says what the color does: "good", "note", "wrong", "unknown". */
void page_badge(const struct page *p, const char *kind, const char *text);
/* The text between two pieces of markup, escaped and cut. NULL: a dash. */
void page_text(const struct page *p, const char *before, const char *text, const char *after);
/* "12.3 MiB" */
void page_size(struct buf *into, uint64_t bytes);
/* "loads", "taints": what this kernel would do with the file, or why that is not known. */
const char *page_verdict(const struct module_verdict *v);
/* The element svg of what Graphviz has drawn, which begins with what a file of its own does. n 0: there is none. */
struct span page_picture(struct span drawn);
