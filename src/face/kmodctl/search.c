// SPDX-License-Identifier: MIT
/* kmodctl search: installed modules by words. */
#include <errno.h>
#include <string.h>

#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/file_work.h"
#include "face/kmodctl/grid.h"
#include "face/kmodctl/status.h"
#include "read/index/similar.h"
#include "system/release.h"
#include "system/system.h"
#include "verb/search/search.h"

enum { COL_KERNEL, COL_NAME, COL_MATCHED, COL_DESCRIPTION, COL_FILE, COLS };

static const struct grid_column all_columns[COLS] = {
	[COL_KERNEL] = { .cell = { .title = "KERNEL", .key = "kernel" } },
	[COL_NAME] = { .cell = { .title = "NAME", .key = "name" } },
	[COL_MATCHED] = { .cell = { .title = "MATCHED", .key = "matched" }, .elastic = true },
	[COL_DESCRIPTION] = { .cell = { .title = "DESCRIPTION", .key = "description" }, .elastic = true },
	[COL_FILE] = { .cell = { .title = "FILE", .key = "file" }, .hidden = true },
};

struct values {
	struct grid_options grid;
	const char *release; /* "all": every installed kernel */
};

/* The answer so far. */
struct answer {
	struct env *env;
	const struct search_words *words;
	struct grid *grid; /* NULL: JSON */
	struct json *json;
	size_t n_hits, n_unreadable;
	struct buf hint; /* a name like the only word, where nothing matched */
};

/* ---- rows ---- */

/* "name, alias fs-ext4": each place once, if words were found in the same. */
static int add_matched(const struct search_hit *hit, size_t n, struct buf *into)
{
	for (size_t i = 0; i < n; i++) {
		const struct search_match *m = &hit->matches[i];
		bool told = false;

		for (size_t k = 0; k < i; k++)
			told = told ||
			       (hit->matches[k].place == m->place && strcmp(hit->matches[k].text, m->text) == 0);
		if (told)
			continue;
		buf_adds(into, into->n ? ", " : "");
		if (m->place <= SEARCH_DESCRIPTION)
			buf_adds(into, m->place == SEARCH_DESCRIPTION ? "description" : "name");
		else
			buf_addf(into, "%s %s", search_place_name(m->place), m->text);
	}
	return buf_error(into);
}

static int add_row(struct answer *a, const char *release, const struct search_hit *hit)
{
	_cleanup_buf_ struct buf matched = BUF_INIT;
	int r = add_matched(hit, a->words->n, &matched);

	const struct table_cell cells[COLS] = {
		[COL_KERNEL] = { .text = release },
		[COL_NAME] = { .text = hit->name },
		[COL_MATCHED] = { .text = buf_str(&matched) },
		[COL_DESCRIPTION] = { .text = hit->description },
		[COL_FILE] = { .text = hit->path },
	};

	return r < 0 ? r : grid_add(a->grid, GRID_ROOT, cells);
}

static void add_object(struct answer *a, const char *release, const struct search_hit *hit)
{
	json_object(a->json, NULL);
	json_str(a->json, "kernel", release);
	json_str(a->json, "name", hit->name);
	json_str(a->json, "description", hit->description);
	json_str(a->json, "file", hit->path);
	json_bool(a->json, "builtin", !hit->path);
	json_array(a->json, "matches");
	for (size_t i = 0; i < a->words->n; i++) {
		json_object(a->json, NULL);
		json_str(a->json, "word", a->words->items[i].text);
		json_str(a->json, "place", search_place_name(hit->matches[i].place));
		json_str(a->json, "text", hit->matches[i].text);
		json_end(a->json);
	}
	json_end(a->json);
	json_end(a->json);
}

/* ---- one kernel ---- */

static void begin(void *data, size_t total)
{
	struct file_progress *p = data;

	p->total = total;
}

static void step(void *data)
{
	file_progress_step(data);
}

static void report_failure(struct env *env, const struct running *running, int r)
{
	if (r == -ENOENT)
		report_error(env, "search.no-index",
			     "%s has no index of modules: run depmod %s, or choose another kernel with -k",
			     catalog_dir(running->catalog), running->uts.release);
	else
		report_error(env, "search.read", "could not search the modules in %s: %s",
			     catalog_dir(running->catalog), r == -EINVAL ? "the index is damaged" : strerror(-r));
}

static int search_kernel(struct answer *a, const char *release)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_search_ struct search found = { 0 };
	struct file_progress progress;
	const struct search_watch watch = { begin, step, &progress };
	int r = running_open_release(&a->env->sys, release, &running);

	if (r < 0)
		return r;
	file_progress_init(&progress, a->env, 0);
	r = search_run(&a->env->sys, &running.world, a->words, &watch, &found);
	file_progress_done(&progress);
	for (size_t i = 0; r == 0 && i < found.n; i++) {
		if (a->json)
			add_object(a, running.uts.release, &found.items[i]);
		else
			r = add_row(a, running.uts.release, &found.items[i]);
	}
	a->n_hits += found.n;
	a->n_unreadable += found.n_unreadable;
	if (r == 0 && !a->n_hits && !a->hint.n && a->words->n == 1)
		r = similar_hint(running.catalog, a->words->items[0].text, &a->hint);
	if (r < 0)
		report_failure(a->env, &running, r);
	return r;
}

static int search_all(struct answer *a)
{
	_cleanup_strv_ struct strv releases = { 0 };
	int r = releases_installed(&a->env->sys.root, &releases);

	if (r == 0 && !releases.n)
		r = -ENOENT;
	if (r < 0)
		report_error(a->env, "search.no-kernels", "could not find an installed kernel in /lib/modules: %s",
			     strerror(-r));
	for (size_t i = 0; r == 0 && i < releases.n; i++)
		r = search_kernel(a, releases.items[i]);
	return r;
}

/* ---- the command ---- */

static int search_words(struct answer *a, const struct values *v)
{
	return v->release && strcmp(v->release, "all") == 0 ? search_all(a) : search_kernel(a, v->release);
}

static int answer_json(struct answer *a, const struct values *v)
{
	struct json j;
	int r;

	a->json = &j;
	answer_open(a->env, &j);
	json_array(&j, "words");
	for (size_t i = 0; i < a->words->n; i++)
		json_str(&j, NULL, a->words->items[i].text);
	json_end(&j);
	json_array(&j, "modules");
	r = search_words(a, v);
	json_end(&j);
	json_uint(&j, "unreadable", a->n_unreadable);
	answer_close(a->env, &j);
	return r;
}

/* Which kernel a module is of is shown when there may be several. */
static void choose_columns(const struct values *v, struct grid_column *into)
{
	memcpy(into, all_columns, sizeof(all_columns));
	into[COL_KERNEL].hidden = !v->release || strcmp(v->release, "all") != 0;
}

static int answer_text(struct answer *a, const struct values *v, const struct grid_column *columns)
{
	_cleanup_grid_ struct grid g = { .columns = columns, .n_columns = COLS };
	int r;

	a->grid = &g;
	r = search_words(a, v);
	if (r == 0 && (r = grid_print(a->env, &g, &v->grid, "modules")) < 0)
		report_error(a->env, "search.print", "could not print the modules: %s", strerror(-r));
	if (r == 0 && !a->n_hits)
		say(a->env->err, "No installed module matches%s.\n", buf_str(&a->hint));
	return r;
}

static int set(struct env *env, void *values, int id, const char *arg)
{
	struct values *v = values;

	if (!grid_set(env, &v->grid, id, arg))
		v->release = arg;
	return 0;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct values *v = values;
	struct grid_column columns[COLS];
	const struct grid g = { .columns = columns, .n_columns = COLS };
	struct search_words words = { 0 };
	struct answer a = { .env = env, .words = &words };
	int r;

	choose_columns(v, columns);
	if (argc == 0)
		report_error(env, "search.arguments", "give the words to search for; see --help");
	if (argc == 0 || grid_check(env, &g, &v->grid) < 0)
		return STATUS_USAGE;
	display_page(env);
	command_confine(env, 0);
	r = search_words_open(&env->sys.root, (const char *const *)argv, (size_t)argc, &words);
	if (r < 0)
		report_error(env, "search.print", "could not print the modules: %s", strerror(-r));
	else
		r = v->grid.json ? answer_json(&a, v) : answer_text(&a, v, columns);
	search_words_done(&words);
	buf_done(&a.hint);
	if (r < 0)
		return STATUS_UNKNOWN;
	return a.n_hits ? STATUS_YES : a.n_unreadable ? STATUS_UNKNOWN : STATUS_NO;
}

int cmd_search(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] WORD...", NULL };
	static const struct cli_option options[] = {
		{ 'k', "kernel", "VERSION", "kernel version, or all (default: the running one)", NULL, 0 },
		GRID_OPTIONS,
		CLI_VERBOSE,
		{ 0 },
	};
	static const struct cli cli = {
		.usage = usage,
		.summary = "Find installed and built-in modules by name, description, alias, exported\n"
			   "symbol, firmware, and by ids (8086:10d3) and names of devices. All words must\n"
			   "match.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = "Columns: NAME MATCHED DESCRIPTION FILE KERNEL.\n\n" STATUS_HELP(
			"modules match", "no module matches",
			STATUS_ROW(3, "modules could not be read, and no other matches")),
	};
	struct values v = { 0 };

	return cli_main(env, &cli, argc, argv, &v);
}
