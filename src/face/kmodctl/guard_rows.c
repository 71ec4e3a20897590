// SPDX-License-Identifier: MIT
#include "face/kmodctl/guard_rows.h"

#include <string.h>

#include "base/errname.h"
#include "base/buf.h"
#include "face/common/display.h"
#include "face/common/say.h"
#include "face/common/table.h"

static const struct table_column columns[] = {
	{ .key = "name", .before = "  ", .width = 20, .after = " " },
	{ .key = "active", .width = 10, .after = " " },
	{ .key = "source" },
	{ .key = "error", .before = ": could not read: " },
	{ .key = "text", .before = ": " },
	{ .key = "errno_name", .json_only = true },
	{ .key = "settle", .json_only = true },
};

static void fill_cells(const struct guards *all, enum guard g, struct table_cell cells[ELEMENTSOF(columns)])
{
	static const char *const words[] = { "unknown", "no", "yes" };
	const struct guard_state *s = &all->items[g];

	memset(cells, 0, ELEMENTSOF(columns) * sizeof(*cells));
	cells[0].text = guard_name(g);
	cells[1].text = words[s->active - LOCK_UNKNOWN];
	cells[2].text = s->source;
	cells[3].text = s->error ? strerror(-s->error) : NULL;
	cells[4].text = s->text;
	cells[5].text = errname(guard_errno(g));
	cells[6].text = guard_settle(g);
}

void guard_text(const struct guards *all, enum guard g, struct buf *into)
{
	const struct guard_state *s = &all->items[g];

	buf_addf(into, "%s %s (%s", guard_name(g),
		 s->active == LOCK_YES ? "may refuse it as well" : "may do so, too: unknown", s->source);
	if (s->error)
		buf_addf(into, ": %s", strerror(-s->error));
	buf_adds(into, ")");
}

void guard_rows_print(const struct guards *all, struct env *env)
{
	FILE *out = env->out;
	struct table_cell cells[ELEMENTSOF(columns)];
	bool titled = false;

	for (enum guard g = 0; g < GUARDS; g++) {
		if (all->items[g].active == LOCK_NO)
			continue;
		if (!titled)
			say_look(env, LOOK_HEAD, "Security modules that may refuse a file as well");
		if (!titled)
			fputc('\n', out);
		titled = true;
		fill_cells(all, g, cells);
		table_line(out, columns, cells, ELEMENTSOF(columns));
	}
}

void guard_rows_json(const struct guards *all, struct json *j)
{
	struct table_cell cells[ELEMENTSOF(columns)];

	json_array(j, "security_modules");
	for (enum guard g = 0; g < GUARDS; g++) {
		fill_cells(all, g, cells);
		table_json(j, NULL, columns, cells, ELEMENTSOF(columns));
	}
	json_end(j);
}
