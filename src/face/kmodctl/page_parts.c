// SPDX-License-Identifier: MIT
#include "face/kmodctl/page_parts.h"

#include <string.h>

#include "face/kmodctl/markup.h"

void page_table(const struct page *p, const char *label, const char *const *headings)
{
	markup_between(p->into, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", label,
		       "\"><table>\n<thead><tr>");
	for (; *headings; headings++) {
		bool is_number = **headings == '#';

		markup_between(p->into, is_number ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">",
			       *headings + is_number, "</th>");
	}
	buf_adds(p->into, "</tr></thead>\n<tbody>\n");
}

void page_table_end(const struct page *p)
{
	buf_adds(p->into, "</tbody></table></div>\n");
}

void page_text(const struct page *p, const char *before, const char *text, const char *after)
{
	if (!text) {
		markup_between(p->into, before, NULL, after);
		return;
	}
	buf_adds(p->into, before);
	markup_cut(p->into, text, PAGE_TEXT_MAX);
	buf_adds(p->into, after);
}

/* Words of short texts stay whole. */
static bool is_long(const char *text)
{
	return text && strlen(text) > 24;
}

void page_head(const struct page *p, const char *text)
{
	page_text(p, is_long(text) ? "<tr><th scope=\"row\" class=\"long\">" : "<tr><th scope=\"row\">", text, "</th>");
}

void page_cell(const struct page *p, const char *text)
{
	page_text(p, is_long(text) ? "<td class=\"long\">" : "<td>", text, "</td>");
}

void page_row_end(const struct page *p)
{
	buf_adds(p->into, "</tr>\n");
}

void page_number(const struct page *p, const char *text)
{
	page_text(p, "<td class=\"number\">", text, "</td>");
}

void page_bar(const struct page *p, uint64_t part, uint64_t whole)
{
	buf_addf(p->into, "<td class=\"share\" aria-hidden=\"true\"><span style=\"width:%.1f%%\"></span></td>",
		 whole ? 100.0 * (double)part / (double)whole : 0.0);
}

void page_note(const struct page *p, const char *fmt, ...)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	page_text(p, "<p class=\"note\">", buf_str(&text), "</p>\n");
	p->into->error = p->into->error ? p->into->error : buf_error(&text);
}

void page_badge(const struct page *p, const char *kind, const char *text)
{
	buf_addf(p->into, "<span class=\"badge %s\">", kind);
	page_text(p, "", text, "</span>");
}

void page_size(struct buf *into, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes / 1024;
	size_t i = 0;

	for (; n >= 1024 && i + 1 < ELEMENTSOF(units); i++)
		n /= 1024;
	buf_addf(into, "%.1f %s", n, units[i]);
}
