// SPDX-License-Identifier: MIT
/* kmodctl boot plot: when the modules of this boot were loaded, and who asked for them, as a picture or as JSON. */
#include "face/kmodctl/boot_plot.h"

#include <string.h>

#include "face/common/answer.h"
#include "face/common/command.h"
#include "face/common/report.h"
#include "face/kmodctl/status.h"
#include "face/kmodctl/waterfall_svg.h"

static void json_mark(struct json *j, const struct waterfall_mark *m)
{
	bool is_point = m->kind == WATERFALL_ENTERED || m->kind == WATERFALL_MESSAGE;

	json_object(j, NULL);
	json_str(j, "source", waterfall_source_name(m->source));
	json_str(j, "kind", waterfall_kind_name(m->kind));
	json_uint(j, "start_usec", m->start);
	m->ended ? json_uint(j, "end_usec", m->end) : json_null(j, "end_usec");
	is_point || !m->ended ? json_null(j, "errno") : json_int(j, "errno", -m->error);
	json_str(j, "by", m->by);
	json_end(j);
}

static void json_row(struct json *j, const struct waterfall *w, const struct waterfall_row *row)
{
	json_object(j, NULL);
	json_str(j, "name", row->name);
	w->live ? json_bool(j, "loaded", row->loaded) : json_null(j, "loaded");
	json_str(j, "by", waterfall_by(row));
	json_uint(j, "start_usec", row->start);
	json_uint(j, "marks_left_out", row->dropped);
	json_array(j, "marks");
	for (size_t i = 0; i < row->n; i++)
		json_mark(j, &row->marks[i]);
	json_end(j);
	json_end(j);
}

static void json_source(struct json *j, const struct waterfall *w, enum waterfall_source source)
{
	const struct waterfall_reading *s = &w->sources[source];

	json_object(j, NULL);
	json_str(j, "name", waterfall_source_name(source));
	json_str(j, "error", s->error < 0 ? strerror(-s->error) : NULL);
	json_uint(j, "marks", s->n);
	json_uint(j, "damaged_lines", s->damaged);
	source == WATERFALL_LOG && s->error == 0 ? json_bool(j, "from_boot", s->from_boot) : json_null(j, "from_boot");
	json_end(j);
}

void boot_plot_json(const struct waterfall *w, struct json *j)
{
	json_array(j, "modules");
	for (size_t i = 0; i < w->n; i++)
		json_row(j, w, &w->rows[i]);
	json_end(j);
	json_uint(j, "left_out", w->left_out);
	if (w->live) {
		json_array(j, "time_unknown");
		for (size_t i = 0; i < w->n_untimed; i++)
			json_str(j, NULL, w->untimed[i]);
		json_end(j);
	} else {
		json_null(j, "time_unknown");
	}
	json_array(j, "sources");
	for (enum waterfall_source s = 0; s < WATERFALL_SOURCES; s++)
		json_source(j, w, s);
	json_end(j);
}

static void print_json(struct env *env, const struct waterfall *w)
{
	struct json j;

	answer_open(env, &j);
	boot_plot_json(w, &j);
	answer_close(env, &j);
}

int boot_plot(struct env *env, bool as_json)
{
	_cleanup_waterfall_ struct waterfall w = { 0 };
	_cleanup_buf_ struct buf picture = BUF_INIT;
	int r;

	command_confine(env, 0);
	r = waterfall_read(&env->sys, &w);
	if (r == 0 && as_json) {
		print_json(env, &w);
	} else if (r == 0) {
		waterfall_svg(&w, true, &picture);
		r = buf_error(&picture);
		/* Escaped already: say() would escape what is left. */
		if (r == 0)
			fputs(buf_str(&picture), env->out);
	}
	if (r < 0) {
		report_error(env, "boot.plot", "could not draw the waterfall: %s", strerror(-r));
		return STATUS_UNKNOWN;
	}
	if (w.n)
		return STATUS_YES;
	if (!as_json)
		fputs("Of no module it is known when it was loaded.\n", env->err);
	return STATUS_UNKNOWN;
}
