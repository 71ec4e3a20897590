// SPDX-License-Identifier: MIT
#include "verb/boot/waterfall.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/oom.h"
#include "base/vec.h"
#include "read/kernel/kmsg.h"
#include "read/kernel/loadtimes.h"
#include "verb/boot/record.h"

#define TRACE_FILE "/sys/kernel/tracing/trace"
#define TRACE_CLOCK "/sys/kernel/tracing/trace_clock"

/* ---- rows ---- */

/* In place of the number of a row. */
#define LEFT_OUT SIZE_MAX
/* Names of what is left out: the same module is counted once. */
#define LEFT_OUT_MAX 65536

static struct waterfall_row *find_row(const struct waterfall *w, const char *name)
{
	size_t at = (size_t)map_get(&w->by_name, name);

	return at && at != LEFT_OUT ? &w->rows[at - 1] : NULL;
}

static int leave_out(struct waterfall *w, const char *name)
{
	char *copy;

	if (map_has(&w->by_name, name) || w->left_out == LEFT_OUT_MAX)
		return 0;
	copy = arena_str(&w->strings, name);
	if (!copy || map_put(&w->by_name, copy, (void *)LEFT_OUT) < 0)
		return -ENOMEM;
	w->left_out++;
	return 0;
}

/* The row of the module, a new one if need be. 1, 0: there are too many, -ENOMEM. */
static int row_of(struct waterfall *w, const char *name, struct waterfall_row **ret)
{
	char *copy;

	*ret = find_row(w, name);
	if (*ret)
		return 1;
	if (w->n == WATERFALL_ROWS_MAX)
		return leave_out(w, name);
	copy = arena_str(&w->strings, name);
	if (!copy || vec_room(&w->rows, w->n, &w->cap) < 0 || map_put(&w->by_name, copy, (void *)(w->n + 1)) < 0)
		return -ENOMEM;
	w->rows[w->n] = (struct waterfall_row){ .name = copy, .loaded = w->live && live_find(w->live, copy) };
	*ret = &w->rows[w->n++];
	return 1;
}

/* A mark of the module; its texts are copied. 1, 0: left out, -ENOMEM. */
static int add_mark(struct waterfall *w, const char *name, const struct waterfall_mark *mark)
{
	struct waterfall_row *row;
	int r = row_of(w, name, &row);

	if (r <= 0)
		return r;
	if (row->n == WATERFALL_MARKS_MAX) {
		row->dropped++;
		return 0;
	}
	row->marks[row->n] = *mark;
	if (mark->by) {
		row->marks[row->n].by = arena_str(&w->strings, mark->by);
		if (!row->marks[row->n].by)
			return -ENOMEM;
	}
	row->n++;
	w->sources[mark->source].n++;
	return 1;
}

/* ---- the records of modules-load ---- */

static int visit_record(void *data, const struct boot_record *record)
{
	char name[MODNAME_MAX];
	struct waterfall_mark mark = { .source = WATERFALL_RECORD,
				       .kind = WATERFALL_LOAD,
				       .start = record->start,
				       .end = record->end,
				       .ended = true,
				       .error = -(int64_t)(record->error > INT32_MAX ? INT32_MAX : record->error),
				       .by = record->asked };

	return modname_normalize(record->module, name) < 0 ? 0 : only_oom(add_mark(data, name, &mark));
}

static void read_records(struct sys *sys, struct waterfall *w)
{
	struct waterfall_reading *s = &w->sources[WATERFALL_RECORD];

	s->error = boot_record_each(&sys->root, visit_record, w, &s->damaged);
}

/* ---- init functions, in the log and in the trace ---- */

/* Its last call that has no end yet, from that source. */
static struct waterfall_mark *open_mark(struct waterfall *w, const char *name, enum waterfall_source source)
{
	struct waterfall_row *row = find_row(w, name);

	for (size_t i = row ? row->n : 0; i > 0; i--) {
		struct waterfall_mark *m = &row->marks[i - 1];

		if (m->source == source && m->kind == WATERFALL_INIT)
			return m->ended ? NULL : m;
	}
	return NULL;
}

static int add_loadtime(struct waterfall *w, enum waterfall_source source, const struct loadtime *t)
{
	struct waterfall_mark mark = { .source = source, .start = t->usec, .end = t->usec };
	char written[MODNAME_MAX], name[MODNAME_MAX], by[96];
	struct waterfall_mark *open;

	if (t->module.n >= sizeof(written))
		return 0;
	memcpy(written, t->module.p, t->module.n);
	written[t->module.n] = '\0';
	if (modname_normalize(written, name) < 0)
		return 0;
	open = t->event == LOADTIME_RETURNED ? open_mark(w, name, source) : NULL;
	if (open && t->usec >= open->start) {
		open->end = t->usec;
		open->ended = true;
		open->error = t->result;
		return 0;
	}
	mark.kind = t->event == LOADTIME_ENTERED ? WATERFALL_ENTERED : WATERFALL_INIT;
	mark.ended = t->event == LOADTIME_RETURNED;
	mark.error = mark.ended ? t->result : 0;
	/* A call that is not in the log any more: how long it took is. */
	if (t->event == LOADTIME_RETURNED && (!t->has_took || t->took > t->usec))
		return 0;
	mark.start -= t->has_took ? t->took : 0;
	if (t->has_pid) {
		snprintf(by, sizeof(by), "process %" PRIu64 "%s%.*s", t->pid, t->process.n ? " " : "",
			 (int)t->process.n, t->process.n ? (const char *)t->process.p : "");
		mark.by = by;
	}
	return add_mark(w, name, &mark);
}

/* ---- the log ---- */

struct first_message {
	uint64_t usec;
	bool known;
};

struct log_reading {
	struct waterfall *w;
	struct first_message *first; /* of each loaded module, by its number in w->live */
	struct map numbers;          /* name -> its number + 1 */
};

/* "foo: bar", "foo 0000:00:1f.6: bar": what a module's messages begin with is its name, where its author wants that. */
static void note_message(struct log_reading *x, const struct kmsg_record *record)
{
	size_t n = strcspn(record->text, ": "), number;
	char written[MODNAME_MAX], name[MODNAME_MAX];

	if (n == 0 || n >= sizeof(written) || !record->text[n] || !strchr(record->text, ':'))
		return;
	memcpy(written, record->text, n);
	written[n] = '\0';
	if (modname_normalize(written, name) < 0)
		return;
	number = (size_t)map_get(&x->numbers, name);
	if (number && !x->first[number - 1].known)
		x->first[number - 1] = (struct first_message){ record->usec, true };
}

static int visit_message(void *data, const struct kmsg_record *record)
{
	struct log_reading *x = data;
	struct loadtime t;

	if (!kmsg_is_kernels(record))
		return 0;
	if (!loadtime_of_log(record->text, &t)) {
		note_message(x, record);
		return 0;
	}
	t.usec = record->usec;
	return only_oom(add_loadtime(x->w, WATERFALL_LOG, &t));
}

/* Where nothing says more. */
static int add_messages(struct log_reading *x)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < live_count(x->w->live); i++) {
		const char *name = live_get(x->w->live, i)->name;
		struct waterfall_mark mark = { .source = WATERFALL_LOG,
					       .kind = WATERFALL_MESSAGE,
					       .start = x->first[i].usec,
					       .end = x->first[i].usec };

		if (x->first[i].known && !map_has(&x->w->by_name, name))
			r = add_mark(x->w, name, &mark);
	}
	return only_oom(r);
}

static int number_modules(struct log_reading *x)
{
	size_t n = x->w->live ? live_count(x->w->live) : 0;

	x->first = calloc(n + 1, sizeof(*x->first));
	if (!x->first)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (map_put(&x->numbers, live_get(x->w->live, i)->name, (void *)(i + 1)) < 0)
			return -ENOMEM;
	return 0;
}

/* ---- the trace ---- */

/* Its clocks that count from the boot; the one in use stands in brackets. */
static bool clock_is_known(const struct root *root)
{
	char line[256];

	return file_read_line(root, TRACE_CLOCK, line, sizeof(line)) == 0 &&
	       (strstr(line, "[local]") || strstr(line, "[global]") || strstr(line, "[mono]") ||
		strstr(line, "[mono_raw]") || strstr(line, "[boot]"));
}

static int add_trace(struct waterfall *w, char *text)
{
	char *rest = text;
	int r = 0;

	for (char *line = strsep(&rest, "\n"); line && r >= 0; line = strsep(&rest, "\n")) {
		struct loadtime t;

		if (loadtime_of_trace(line, &t))
			r = add_loadtime(w, WATERFALL_TRACE, &t);
	}
	return only_oom(r);
}

static void read_trace(struct sys *sys, struct waterfall *w)
{
	struct waterfall_reading *s = &w->sources[WATERFALL_TRACE];
	_cleanup_buf_ struct buf text = BUF_INIT;

	s->error = file_read(&sys->root, TRACE_FILE, WATERFALL_TRACE_MAX, &text);
	if (s->error == 0 && text.n)
		s->error = clock_is_known(&sys->root) ? add_trace(w, text.p) : -EOPNOTSUPP;
}

/* ---- all of it ---- */

static int compare_rows(const void *a, const void *b)
{
	const struct waterfall_row *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return strcmp(x->name, y->name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void sort_rows(struct waterfall *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct waterfall_row *row = &w->rows[i];

		row->start = UINT64_MAX;
		for (size_t k = 0; k < row->n; k++) {
			row->start = row->marks[k].start < row->start ? row->marks[k].start : row->start;
			row->end = row->marks[k].end > row->end ? row->marks[k].end : row->end;
		}
	}
	if (w->n)
		qsort(w->rows, w->n, sizeof(*w->rows), compare_rows);
}

static int find_untimed(struct waterfall *w)
{
	size_t n = w->live ? live_count(w->live) : 0;

	w->untimed = arena_array(&w->strings, n + 1, sizeof(*w->untimed));
	if (!w->untimed)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!map_has(&w->by_name, live_get(w->live, i)->name))
			w->untimed[w->n_untimed++] = live_get(w->live, i)->name;
	qsort(w->untimed, w->n_untimed, sizeof(*w->untimed), compare_names);
	return 0;
}

static int read_sources(struct sys *sys, struct waterfall *w)
{
	struct log_reading log = { .w = w };
	int r = number_modules(&log);

	if (r == 0) {
		read_records(sys, w);
		read_trace(sys, w);
		w->sources[WATERFALL_LOG].error =
			kmsg_each(&sys->root, visit_message, &log, &w->sources[WATERFALL_LOG].from_boot);
	}
	for (size_t i = 0; i < WATERFALL_SOURCES && r == 0; i++)
		r = only_oom(w->sources[i].error);
	if (r == 0 && w->live)
		r = add_messages(&log);
	map_done(&log.numbers);
	free(log.first);
	return r;
}

int waterfall_read(struct sys *sys, struct waterfall *ret)
{
	struct waterfall w = { 0 };
	int r = 0;

	w.live_error = live_read(&sys->root, NULL, &w.live);
	if (w.live_error < 0)
		r = only_oom(w.live_error);
	if (r == 0)
		r = read_sources(sys, &w);
	if (r == 0)
		r = find_untimed(&w);
	if (r < 0) {
		waterfall_done(&w);
		return r;
	}
	sort_rows(&w);
	map_done(&w.by_name);
	w.by_name = (struct map){ 0 };
	*ret = w;
	return 0;
}

void waterfall_done(struct waterfall *w)
{
	free(w->rows);
	map_done(&w->by_name);
	live_free(w->live);
	arena_done(&w->strings);
	*w = (struct waterfall){ 0 };
}

/* ---- names ---- */

const char *waterfall_source_name(enum waterfall_source source)
{
	static const char *const names[] = { "records", "log", "trace" };

	return names[source];
}

const char *waterfall_kind_name(enum waterfall_kind kind)
{
	static const char *const names[] = { "load", "init", "entered", "message" };

	return names[kind];
}

const char *waterfall_by(const struct waterfall_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->marks[i].by)
			return row->marks[i].by;
	return NULL;
}
