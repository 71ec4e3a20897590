// SPDX-License-Identifier: MIT
/* kmodctl devices: the devices of the machine, what drives them, and what would. */
#include <errno.h>
#include <string.h>

#include "base/nearest.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/grid.h"
#include "face/kmodctl/status.h"
#include "read/index/similar.h"
#include "system/system.h"
#include "verb/devices/served.h"
#include "verb/trust/evidence.h"

enum {
	COL_BUS,
	COL_DEVICE,
	COL_ID,
	COL_WHAT,
	COL_DRIVER,
	COL_MODULE,
	COL_LOADED,
	COL_OBSTACLE,
	COL_STATE,
	COL_MODALIAS,
	COLS
};

static enum look loaded_look(const struct table_cell *cell)
{
	return cell->is_unknown ? LOOK_PLAIN : cell->number ? LOOK_GOOD : LOOK_WARN;
}

static enum look obstacle_look(const struct table_cell *cell)
{
	return cell->text ? LOOK_WARN : LOOK_PLAIN;
}

static const struct grid_column columns[COLS] = {
	[COL_BUS] = { .cell = { .title = "BUS", .key = "bus" } },
	[COL_DEVICE] = { .cell = { .title = "DEVICE", .key = "device" } },
	[COL_ID] = { .cell = { .title = "ID", .key = "id" } },
	[COL_WHAT] = { .cell = { .title = "WHAT", .key = "what" }, .elastic = true },
	[COL_DRIVER] = { .cell = { .title = "DRIVER", .key = "driver" } },
	[COL_MODULE] = { .cell = { .title = "MODULE", .key = "module" }, .elastic = true },
	[COL_LOADED] = { .cell = { .title = "LOADED", .key = "loaded", .kind = TABLE_BOOL }, .look = loaded_look },
	[COL_OBSTACLE] = { .cell = { .title = "OBSTACLE", .key = "obstacle" }, .look = obstacle_look, .elastic = true },
	[COL_STATE] = { .cell = { .title = "STATE", .key = "state" }, .hidden = true },
	[COL_MODALIAS] = { .cell = { .title = "MODALIAS", .key = "modalias" }, .hidden = true },
};

struct values {
	struct grid_options grid;
	bool unserved;
};

/* The answer so far. */
struct answer {
	struct env *env;
	const struct values *values;
	const struct served *served;
	bool has_live; /* it is known which modules are loaded */
	char **words;
	size_t n_words;
	size_t n_shown;
	bool missing; /* a word stands for no device */
};

/* ---- which devices ---- */

static bool is_wanted(const struct answer *a, const struct served_device *d)
{
	bool called = a->n_words == 0;

	for (size_t i = 0; i < a->n_words; i++)
		called = called || served_is_called(d, a->words[i]);
	return called && (!a->values->unserved || served_is_unserved(d));
}

static bool is_known(const struct served *s, const char *word)
{
	for (size_t i = 0; i < s->hardware.n; i++)
		if (served_is_called(&s->items[i], word))
			return true;
	return false;
}

static void offer(struct nearest *search, const char *name)
{
	if (name)
		nearest_offer(search, name, strlen(name));
}

/* Of what the words may be, but numbers are not misspelled; else of the installed modules. */
static int add_hint(const struct answer *a, const struct catalog *catalog, const char *word, struct buf *into)
{
	struct nearest search;

	nearest_start(&search, word, strlen(word));
	for (size_t i = 0; i < a->served->hardware.n; i++) {
		const struct modalias *id = a->served->hardware.items[i].id;

		offer(&search, strchr(word, ':') ? NULL : id->name);
		offer(&search, id->bus);
		offer(&search, id->driver);
	}
	return search.word ? nearest_hint(&search, into) : similar_hint(catalog, word, into);
}

static int check_words(struct answer *a, const struct catalog *catalog)
{
	for (size_t i = 0; i < a->n_words; i++) {
		_cleanup_buf_ struct buf hint = BUF_INIT;

		if (is_known(a->served, a->words[i]))
			continue;
		a->missing = true;
		if (add_hint(a, catalog, a->words[i], &hint) < 0)
			return -ENOMEM;
		report_error(a->env, "devices.unknown", "no device is called '%s', nor served by such a module%s",
			     a->words[i], buf_str(&hint));
	}
	return 0;
}

/* ---- text ---- */

static int add_modules(const struct hardware_device *h, struct buf *into)
{
	if (h->id->driver)
		return h->id->module ? buf_adds(into, h->id->module) : 0;
	for (size_t i = 0; i < h->n_modules; i++)
		buf_addf(into, "%s%s%s", i ? ", " : "", h->modules[i].name, h->modules[i].builtin ? " (built-in)" : "");
	return buf_error(into);
}

/* With the module's name, if there are several. */
static int add_obstacles(const struct served_device *d, struct buf *into)
{
	if (d->obstacle)
		buf_adds(into, d->obstacle);
	for (size_t i = 0; i < d->device->n_modules; i++) {
		if (!d->obstacles[i])
			continue;
		buf_adds(into, into->n ? "; " : "");
		if (d->device->n_modules > 1)
			buf_addf(into, "%s: ", d->device->modules[i].name);
		buf_adds(into, d->obstacles[i]);
	}
	return buf_error(into);
}

/* Is one of its modules loaded, or the one that drives it? */
static struct table_cell loaded_cell(const struct answer *a, const struct hardware_device *h)
{
	struct table_cell cell = { .is_unknown = !a->has_live };

	if (h->id->driver)
		return (struct table_cell){ .number = 1, .is_unknown = !h->id->module };
	if (!h->n_modules)
		cell.is_unknown = true;
	for (size_t i = 0; i < h->n_modules; i++)
		cell.number = cell.number || h->modules[i].state == LIVE_LIVE;
	return cell;
}

static int add_row(const struct answer *a, struct grid *g, const struct served_device *d)
{
	_cleanup_buf_ struct buf modules = BUF_INIT, obstacles = BUF_INIT;
	const struct modalias *id = d->device->id;
	int r = add_modules(d->device, &modules);

	if (r == 0)
		r = add_obstacles(d, &obstacles);

	const struct table_cell cells[COLS] = {
		[COL_BUS] = { .text = id->bus },
		[COL_DEVICE] = { .text = id->name },
		[COL_ID] = { .text = d->id },
		[COL_WHAT] = { .text = d->what },
		[COL_DRIVER] = { .text = id->driver },
		[COL_MODULE] = { .text = modules.n ? buf_str(&modules) : NULL },
		[COL_LOADED] = loaded_cell(a, d->device),
		[COL_OBSTACLE] = { .text = obstacles.n ? buf_str(&obstacles) : NULL },
		[COL_STATE] = { .text = hardware_state_name(d->device->state) },
		[COL_MODALIAS] = { .text = id->modalias },
	};

	return r < 0 ? r : grid_add(g, GRID_ROOT, cells);
}

static int print_text(struct answer *a)
{
	_cleanup_grid_ struct grid g = GRID_INIT(columns);
	int r = 0;

	for (size_t i = 0; r == 0 && i < a->served->hardware.n; i++)
		if (is_wanted(a, &a->served->items[i]))
			r = add_row(a, &g, &a->served->items[i]);
	a->n_shown = g.n;
	if (r == 0)
		r = grid_print(a->env, &g, &a->values->grid, "devices");
	if (r == 0 && !g.n && !a->missing)
		fputs("No device matches.\n", a->env->err);
	return r;
}

/* ---- JSON ---- */

static void add_module_object(const struct answer *a, struct json *j, const struct hardware_module *m,
			      const char *obstacle)
{
	const char *state = m->builtin ? "builtin" : live_state_name(m->state);

	json_object(j, NULL);
	json_str(j, "name", m->name);
	json_str(j, "state", state || !a->has_live ? state : "absent");
	json_str(j, "obstacle", obstacle);
	json_end(j);
}

static void add_object(const struct answer *a, struct json *j, const struct served_device *d)
{
	const struct modalias *id = d->device->id;

	json_object(j, NULL);
	json_str(j, "bus", id->bus);
	json_str(j, "device", id->name);
	json_str(j, "id", d->id);
	json_str(j, "what", d->what);
	json_str(j, "modalias", id->modalias);
	json_str(j, "driver", id->driver);
	json_str(j, "module", id->module);
	json_str(j, "state", hardware_state_name(d->device->state));
	json_str(j, "obstacle", d->obstacle);
	json_array(j, "modules");
	for (size_t i = 0; i < d->device->n_modules; i++)
		add_module_object(a, j, &d->device->modules[i], d->obstacles[i]);
	json_end(j);
	json_end(j);
}

static void print_json(struct answer *a)
{
	struct json j;

	answer_open(a->env, &j);
	json_array(&j, "devices");
	for (size_t i = 0; i < a->served->hardware.n; i++) {
		if (!is_wanted(a, &a->served->items[i]))
			continue;
		add_object(a, &j, &a->served->items[i]);
		a->n_shown++;
	}
	json_end(&j);
	answer_close(a->env, &j);
}

/* ---- the command ---- */

static int answer(struct answer *a)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_served_ struct served served = { 0 };
	struct why_query q = { .sys = &a->env->sys, .world = &running.world, .signature = why_trust };
	int r = running_open(&a->env->sys, &running);

	if (r < 0)
		return r;
	q.release = running.uts.release;
	r = served_read(&q, &served);
	if (r < 0) {
		report_error(a->env, "devices.read", "could not read the devices from /sys/bus: %s", strerror(-r));
		return r;
	}
	a->served = &served;
	a->has_live = root_exists(&a->env->sys.root, "/sys/module");
	r = check_words(a, running.catalog);
	if (r == 0 && a->values->grid.json)
		print_json(a);
	else if (r == 0)
		r = print_text(a);
	if (r < 0)
		report_error(a->env, "devices.print", "could not print the devices: %s", strerror(-r));
	return r;
}

static int set(struct env *env, void *values, int id, const char *arg)
{
	struct values *v = values;

	if (!grid_set(env, &v->grid, id, arg))
		v->unserved = true;
	return 0;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct grid g = GRID_INIT(columns);
	const struct values *v = values;
	struct answer a = { .env = env, .values = v, .words = argv, .n_words = (size_t)argc };

	if (grid_check(env, &g, &v->grid) < 0)
		return STATUS_USAGE;
	display_page(env);
	command_confine(env, CONFINE_KEEP_KEYS);
	if (answer(&a) < 0)
		return STATUS_UNKNOWN;
	return a.n_shown && !a.missing ? STATUS_YES : STATUS_NO;
}

int cmd_devices(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] [DEVICE|ID|BUS|DRIVER|MODULE...]", NULL };
	static const struct cli_option options[] = {
		{ 'u', "unserved", NULL, "list only devices that no driver or module serves", NULL, 0 },
		GRID_OPTIONS,
		CLI_VERBOSE,
		{ 0 },
	};
	static const struct cli cli = {
		.usage = usage,
		.summary = "List the devices of this machine, the drivers and modules that serve them, and\n"
			   "for those without, which modules would, and what is in the way.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = "Columns: BUS DEVICE ID WHAT DRIVER MODULE LOADED OBSTACLE STATE MODALIAS.\n\n" STATUS_HELP(
			"devices are listed", "no device matches, or a word stands for none",
			STATUS_ROW(3, "the devices could not be read")),
	};
	struct values v = { 0 };

	return cli_main(env, &cli, argc, argv, &v);
}
