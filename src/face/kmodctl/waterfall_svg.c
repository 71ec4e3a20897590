// SPDX-License-Identifier: MIT
#include "face/kmodctl/waterfall_svg.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "face/kmodctl/markup.h"
#include "verb/boot/record.h"

#define WIDTH 1000
#define ROW 18
#define TICKS_MAX 10
#define BAR_MIN 1.5
#define NAME_CHARACTERS 28
#define ASKED_CHARACTERS 42
#define TITLE_CHARACTERS 400
#define UNTIMED_CHARACTERS 150
#define MSEC 1000u
#define SEC 1000000u

/* ---- the axis ---- */

static uint64_t step_of(uint64_t width)
{
	static const unsigned leads[] = { 1, 2, 5 };
	uint64_t power = 1;

	for (;;) {
		for (size_t i = 0; i < ELEMENTSOF(leads); i++)
			if (width / (power * leads[i]) < TICKS_MAX)
				return power * leads[i];
		power *= 10;
	}
}

struct waterfall_axis waterfall_axis(const struct waterfall *w)
{
	struct waterfall_axis a = { .start = w->n ? w->rows[0].start : 0 };

	a.end = a.start;
	for (size_t i = 0; i < w->n && w->rows[i].start - a.start <= WATERFALL_AXIS_MAX; i++)
		for (size_t k = 0; k < w->rows[i].n; k++) {
			const struct waterfall_mark *m = &w->rows[i].marks[k];

			if (m->start - a.start <= WATERFALL_AXIS_MAX && m->end > a.end)
				a.end = m->end;
		}
	if (a.end - a.start < MSEC)
		a.end = a.start > UINT64_MAX - MSEC ? UINT64_MAX : a.start + MSEC;
	if (a.end == a.start)
		a.start--;
	a.step = step_of(a.end - a.start);
	return a;
}

double waterfall_x(const struct waterfall_axis *axis, uint64_t usec)
{
	if (usec <= axis->start)
		return WATERFALL_LEFT;
	if (usec >= axis->end)
		return WATERFALL_RIGHT;
	return WATERFALL_LEFT +
	       (WATERFALL_RIGHT - WATERFALL_LEFT) * (double)(usec - axis->start) / (double)(axis->end - axis->start);
}

static void add_seconds(struct buf *into, uint64_t usec, unsigned digits)
{
	uint64_t unit = SEC;

	for (unsigned i = 0; i < digits; i++)
		unit /= 10;
	buf_addf(into, "%" PRIu64, usec / SEC);
	if (digits)
		buf_addf(into, ".%0*" PRIu64, (int)digits, usec % SEC / unit);
	buf_adds(into, " s");
}

static void add_axis(const struct waterfall_axis *a, unsigned top, unsigned bottom, struct buf *into)
{
	uint64_t first = a->start / a->step + (a->start % a->step > 0), last = a->end / a->step;
	unsigned digits = 0;

	for (uint64_t unit = SEC; unit > a->step && digits < 6; unit /= 10)
		digits++;
	/* counted: the last tick may be the last number that there is */
	for (uint64_t i = 0; first <= last && i <= last - first; i++) {
		uint64_t at = (first + i) * a->step;
		double x = waterfall_x(a, at);

		buf_addf(into,
			 "<line class=\"kw-grid\" x1=\"%.1f\" y1=\"%u\" x2=\"%.1f\" y2=\"%u\"/>"
			 "<text class=\"kw-tick\" x=\"%.1f\" y=\"%u\">",
			 x, top, x, bottom, x, top - 5);
		add_seconds(into, at, digits);
		buf_adds(into, "</text>\n");
	}
}

/* ---- rows ---- */

/* "12 ms", "3.40 s" */
static void add_duration(struct buf *into, uint64_t usec)
{
	if (usec < MSEC)
		buf_addf(into, "%" PRIu64 " \xc2\xb5s", usec);
	else if (usec < 10 * (uint64_t)MSEC)
		buf_addf(into, "%" PRIu64 ".%" PRIu64 " ms", usec / MSEC, usec % MSEC / 100);
	else if (usec < SEC)
		buf_addf(into, "%" PRIu64 " ms", usec / MSEC);
	else
		add_seconds(into, usec, 2);
}

/* What a mark says, in words: the text of its tooltip. */
static void add_words(const struct waterfall_mark *m, struct buf *into)
{
	static const char *const kinds[] = { "load by modules-load", "init function", "taken in by the kernel",
					     "first message that begins with its name" };

	buf_addf(into, "%s (%s) at ", kinds[m->kind], waterfall_source_name(m->source));
	add_seconds(into, m->start, 6);
	if (m->ended) {
		buf_adds(into, ", took ");
		add_duration(into, m->end - m->start);
	} else if (m->kind == WATERFALL_INIT) {
		buf_adds(into, ", end unknown");
	}
	if (m->error)
		buf_addf(into, ", failed: %s",
			 m->error < 0 && m->error > -4096 ? strerror((int)-m->error) : "unknown error");
	if (m->by)
		buf_addf(into, ", by %s", m->by);
}

static void add_title(const struct waterfall_row *row, bool gone, struct buf *into)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	buf_addf(&text, "%s%s: ", row->name, gone ? " (not loaded now)" : "");
	for (size_t i = 0; i < row->n; i++) {
		buf_adds(&text, i ? "; " : "");
		add_words(&row->marks[i], &text);
	}
	if (row->dropped)
		buf_addf(&text, "; and %zu more", row->dropped);
	buf_adds(into, "<title>");
	markup_cut(into, buf_str(&text), TITLE_CHARACTERS);
	buf_adds(into, "</title>");
	into->error = into->error ? into->error : buf_error(&text);
}

static void add_mark(const struct waterfall_axis *a, const struct waterfall_mark *m, unsigned y, struct buf *into)
{
	static const char *const classes[] = { "kw-load", "kw-init", "kw-point", "kw-point kw-message" };
	double x = waterfall_x(a, m->start), width = waterfall_x(a, m->end) - x;
	unsigned inset = m->kind == WATERFALL_LOAD ? 3 : 6;

	if (m->kind == WATERFALL_ENTERED || m->kind == WATERFALL_MESSAGE || (!m->ended && m->kind == WATERFALL_INIT)) {
		buf_addf(into, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%u\" r=\"3.5\"/>", classes[m->kind], x,
			 y + ROW / 2);
		return;
	}
	buf_addf(into, "<rect class=\"%s%s\" x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"%u\"/>", classes[m->kind],
		 m->error ? " kw-failed" : "", x, y + inset, width < BAR_MIN ? BAR_MIN : width, ROW - 2 * inset);
}

/* Behind the last mark: how long the longest took; of what is later than the axis, when it was. */
static void add_label(const struct waterfall_axis *a, const struct waterfall_row *row, unsigned y, struct buf *into)
{
	uint64_t longest = 0;
	bool ended = false;

	for (size_t i = 0; i < row->n; i++) {
		ended = ended || row->marks[i].ended;
		if (row->marks[i].ended && row->marks[i].end - row->marks[i].start > longest)
			longest = row->marks[i].end - row->marks[i].start;
	}
	buf_addf(into, "<text class=\"kw-took\" x=\"%.1f\" y=\"%u\">", waterfall_x(a, row->end) + 6, y + 13);
	if (row->start > a->end) {
		buf_adds(into, "at ");
		add_seconds(into, row->start, 0);
	} else if (ended) {
		add_duration(into, longest);
	}
	buf_adds(into, "</text>");
}

static void add_row(const struct waterfall_axis *a, const struct waterfall_row *row, bool gone, unsigned y,
		    struct buf *into)
{
	const char *by = waterfall_by(row);

	buf_adds(into, "<g>");
	add_title(row, gone, into);
	buf_addf(into, "<text class=\"kw-name%s\" x=\"%.0f\" y=\"%u\">", gone ? " kw-gone" : "", WATERFALL_LEFT - 8,
		 y + 13);
	markup_cut(into, row->name, NAME_CHARACTERS);
	buf_adds(into, "</text>");
	for (size_t i = 0; i < row->n; i++)
		add_mark(a, &row->marks[i], y, into);
	add_label(a, row, y, into);
	if (by) {
		buf_addf(into, "<text class=\"kw-asked\" x=\"%d\" y=\"%u\">", (int)WATERFALL_RIGHT + 66, y + 13);
		markup_cut(into, by, ASKED_CHARACTERS);
		buf_adds(into, "</text>");
	}
	buf_adds(into, "</g>\n");
}

/* ---- sources, and what has no time ---- */

void waterfall_source_text(const struct waterfall *w, enum waterfall_source source, struct buf *into)
{
	static const char *const names[] = { ("records of modules-load, " BOOT_RECORD_FILE), "kernel log, /dev/kmsg",
					     "kernel trace, /sys/kernel/tracing/trace" };
	const struct waterfall_reading *s = &w->sources[source];

	buf_addf(into, "%s: ", names[source]);
	if (s->error == -ENOENT)
		buf_adds(into, "not there");
	else if (s->error == -EOPNOTSUPP)
		buf_adds(into, "not used, its clock does not count from the boot");
	else if (s->error < 0)
		buf_addf(into, "not readable, %s", strerror(-s->error));
	else
		buf_addf(into, "%zu mark%s", s->n, s->n == 1 ? "" : "s");
	if (s->damaged)
		buf_addf(into, ", damaged lines: %zu", s->damaged);
	if (source == WATERFALL_LOG && s->error == 0 && !s->from_boot)
		buf_adds(into, ", older messages are gone");
}

static void add_line(unsigned y, const char *text, size_t characters, struct buf *into)
{
	buf_addf(into, "<text class=\"kw-note\" x=\"8\" y=\"%u\">", y);
	markup_cut(into, text, characters);
	buf_adds(into, "</text>\n");
}

/* As many names on a line as fit. Returns where the next line stands. */
static unsigned add_untimed(const struct waterfall *w, unsigned y, struct buf *into)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (w->live_error < 0)
		buf_addf(&line, "The loaded modules could not be read: %s", strerror(-w->live_error));
	else
		buf_addf(&line, "Loaded, time unknown (%zu):", w->n_untimed);
	for (size_t i = 0; i < w->n_untimed; i++) {
		if (line.n + 1 + strlen(w->untimed[i]) > UNTIMED_CHARACTERS && line.n) {
			add_line(y, buf_str(&line), UNTIMED_CHARACTERS, into);
			y += ROW;
			buf_clear(&line);
		}
		buf_addf(&line, " %s", w->untimed[i]);
	}
	if (w->n_untimed || w->live_error < 0)
		add_line(y, buf_str(&line), UNTIMED_CHARACTERS, into);
	into->error = into->error ? into->error : buf_error(&line);
	return w->n_untimed || w->live_error < 0 ? y + ROW : y;
}

static unsigned add_notes(const struct waterfall *w, unsigned y, struct buf *into)
{
	for (enum waterfall_source s = 0; s < WATERFALL_SOURCES; s++, y += ROW) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		waterfall_source_text(w, s, &text);
		add_line(y, buf_str(&text), UNTIMED_CHARACTERS, into);
	}
	if (w->left_out) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		buf_addf(&text, "%zu more modules have times and are not drawn: %d are the most.", w->left_out,
			 WATERFALL_ROWS_MAX);
		add_line(y, buf_str(&text), UNTIMED_CHARACTERS, into);
		y += ROW;
	}
	return y;
}

/* ---- the picture ---- */

static const char style[] =
	"<style>\n"
	".kw{--kw-fg:#1c2330;--kw-bg:#fff;--kw-dim:#5b6577;--kw-grid:#d9dee7;--kw-load:#8fb4e3;--kw-init:#2f64b0;"
	"--kw-point:#b06a00;--kw-bad:#c0392b;font:11px system-ui,sans-serif;background:var(--kw-bg)}\n"
	"@media(prefers-color-scheme:dark){.kw{--kw-fg:#e6eaf2;--kw-bg:#14181f;--kw-dim:#9aa5b8;--kw-grid:#2c3442;"
	"--kw-load:#3b5f91;--kw-init:#7fb0f5;--kw-point:#f0b35a;--kw-bad:#f07a6b}}\n"
	".kw text{fill:var(--kw-fg)}.kw .kw-head{font-size:15px;font-weight:600}.kw .kw-name{text-anchor:end}\n"
	".kw .kw-gone,.kw .kw-asked,.kw .kw-took,.kw .kw-tick,.kw .kw-note{fill:var(--kw-dim)}"
	".kw .kw-tick{text-anchor:middle}\n"
	".kw .kw-grid{stroke:var(--kw-grid)}.kw .kw-load{fill:var(--kw-load)}.kw .kw-init{fill:var(--kw-init)}"
	".kw .kw-point{fill:var(--kw-point)}.kw .kw-message{fill:none;stroke:var(--kw-point)}"
	".kw .kw-failed{fill:var(--kw-bad)}\n"
	"</style>\n";

/* What the marks mean: a sample of each, and its words. */
static void add_legend(unsigned y, struct buf *into)
{
	/* wide enough for the words in fonts that are wider than most */
	static const unsigned widths[] = { 170, 130, 100, 250, 0 };
	static const struct {
		const char *sample, *text;
	} items[] = {
		{ "<rect class=\"kw-load\" x=\"%u\" y=\"%u\" width=\"18\" height=\"12\"/>", "load (modules-load)" },
		{ "<rect class=\"kw-init\" x=\"%u\" y=\"%u\" width=\"18\" height=\"6\"/>", "init function" },
		{ "<rect class=\"kw-init kw-failed\" x=\"%u\" y=\"%u\" width=\"18\" height=\"12\"/>", "failed" },
		{ "<circle class=\"kw-point\" cx=\"%u\" cy=\"%u\" r=\"3.5\"/>", "taken in, or init without an end" },
		{ "<circle class=\"kw-point kw-message\" cx=\"%u\" cy=\"%u\" r=\"3.5\"/>",
		  "first message with its name" },
	};
	unsigned x = 8;

	for (size_t i = 0; i < ELEMENTSOF(items); i++) {
		static const unsigned up[] = { 10, 7, 10, 4, 4 };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		buf_addf(into, items[i].sample, i < 3 ? x : x + 9, y - up[i]);
#pragma GCC diagnostic pop
		buf_addf(into, "<text class=\"kw-note\" x=\"%u\" y=\"%u\">%s</text>\n", x + 24, y, items[i].text);
		x += widths[i];
	}
}

void waterfall_svg(const struct waterfall *w, bool is_file, struct buf *into)
{
	const unsigned top = 72, bottom = top + (unsigned)w->n * ROW;
	struct waterfall_axis axis = waterfall_axis(w);
	_cleanup_buf_ struct buf body = BUF_INIT;
	unsigned y = bottom + 2 * ROW;

	if (w->n)
		add_axis(&axis, top, bottom, &body);
	for (size_t i = 0; i < w->n; i++)
		add_row(&axis, &w->rows[i], w->live && !w->rows[i].loaded, top + (unsigned)i * ROW, &body);
	y = add_notes(w, add_untimed(w, y, &body), &body);
	if (is_file)
		buf_adds(into, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buf_addf(into,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"kw\" role=\"img\" aria-label=\"load waterfall\" "
		 "viewBox=\"0 0 %d %u\"",
		 WIDTH, y);
	if (is_file)
		buf_addf(into, " width=\"%d\" height=\"%u\"", WIDTH, y);
	buf_addf(into, ">\n%s<rect width=\"%d\" height=\"%u\" fill=\"var(--kw-bg)\"/>\n", style, WIDTH, y);
	buf_addf(into,
		 "<text class=\"kw-head\" x=\"8\" y=\"20\">Loading of kernel modules in this boot: %zu with a known "
		 "time</text>\n",
		 w->n);
	add_legend(42, into);
	buf_add(into, body.p, body.n);
	buf_adds(into, "</svg>\n");
	into->error = into->error ? into->error : buf_error(&body);
}
