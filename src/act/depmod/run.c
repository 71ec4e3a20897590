// SPDX-License-Identifier: MIT
#include "act/depmod/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fileio.h"
#include "base/pool.h"
#include "act/depmod/cycles.h"
#include "act/depmod/deps.h"
#include "act/depmod/freshness.h"
#include "act/depmod/gather.h"
#include "act/depmod/inputs.h"
#include "act/depmod/order.h"
#include "act/depmod/publish.h"
#include "act/depmod/stamp.h"

/* What the modules of a distribution's kernel export; the table grows when there are more. */
#define SYMBOLS_EXPECTED 16384

/* Everything of a run, from the first directory entry to the last byte. */
struct run {
	const struct depmod_request *req;
	struct diag forwarding; /* forwards messages and remembers whether any was a warning */
	struct diag *diag;      /* = &forwarding */
	bool warned;            /* it was a warning or worse */
	unsigned workers;
	struct arena arena;
	struct search *search;
	struct scan scan;
	struct cache cache;
	struct gather gather;
	struct symtab symtab;
	struct graph graph;
	struct graph_order order;
	struct input inputs[INPUTS];
	bool has_stamp;     /* this run may make and use one: */
	struct stamp stamp; /* of the inputs at first; the outputs follow when they are made */
	struct outputs outputs;
	int lock_fd; /* the output directory, while it is locked */
	struct dirlock lock;
	bool incomplete;         /* something was reported that a strict run fails for */
	bool list_names_nothing; /* of -E or -F */
};

typedef int step(struct run *run);

static void run_done(struct run *run)
{
	dirlock_release(&run->lock);
	close_fd_p(&run->lock_fd);
	outputs_done(&run->outputs);
	inputs_done(run->inputs);
	symtab_done(&run->symtab);
	gather_done(&run->gather);
	cache_close(&run->cache);
	scan_done(&run->scan);
	search_free(run->search);
	arena_done(&run->arena);
}

/* -ENOMEM is the only failure that the callees do not report. */
static int report_nomem(struct run *run, int r)
{
	if (r == -ENOMEM)
		diag_err(run->diag, "depmod.memory", "out of memory");
	return r;
}

static void forward(void *data, const struct diag_msg *msg)
{
	struct run *run = data;

	run->warned |= msg->level <= LOG_WARNING;
	diag_forward(run->req->diag, msg);
}

static void start_forwarding(struct run *run)
{
	int level = run->req->diag ? run->req->diag->max_level : -1;

	run->forwarding = (struct diag){ forward, run, level > LOG_WARNING ? level : LOG_WARNING };
	run->diag = &run->forwarding;
}

/* ---- which modules there are ---- */

/* Only the outputs are requested, as they are without any option, and there is a cache to remember them. */
static bool is_plain(const struct depmod_request *req)
{
	return req->action == DEPMOD_PUBLISH && req->cache && !req->n_files && !req->symvers && !req->system_map &&
	       !req->symbol_prefix && !req->report_unknown && !req->warn_duplicates && !req->edge;
}

static int read_inputs(struct run *run)
{
	inputs_read(&run->req->root, run->req->in_dir, run->inputs);
	run->has_stamp = is_plain(run->req) && stamp_inputs(run->inputs, &run->stamp);
	return 0;
}

static int find_named(struct run *run)
{
	int r = 0;

	for (size_t i = 0; i < run->req->n_files && r == 0; i++)
		r = scan_file(&run->scan, run->req->files[i]);
	return r;
}

static int find_all(struct run *run)
{
	int r = search_load(&run->req->root, run->req->config, run->req->release, run->diag, &run->search);

	if (r < 0)
		return r;
	run->scan.search = run->search;
	r = scan_tree(&run->scan);
	if (r < 0 && r != -ENOMEM)
		diag_report(run->diag, LOG_CRIT, "depmod.search", NULL, 0, "could not search modules: %s",
			    strerror(-r));
	return r;
}

static int find_modules(struct run *run)
{
	int r;

	run->scan = (struct scan){
		.root = run->req->root,
		.dir = run->req->in_dir,
		.strict = run->req->strict,
		.diag = run->diag,
		.arena = &run->arena,
	};
	r = run->req->n_files ? find_named(run) : find_all(run);
	run->incomplete |= run->scan.incomplete;
	return r;
}

/* ---- what they say ---- */

static void open_cache(struct run *run)
{
	int r;

	if (!run->req->cache)
		return;
	r = cache_open(&run->req->root, run->req->cache, &run->cache);
	if (r < 0 && r != -ENOENT)
		diag_notice(run->diag, "depmod.cache", "%s is not used: %s", run->req->cache, strerror(-r));
}

static int look_at_modules(struct run *run)
{
	int r;

	open_cache(run);
	run->gather = (struct gather){
		.root = run->req->root,
		.dir = run->req->in_dir,
		.workers = run->workers,
		.with_crcs = run->req->symvers,
		.strict = run->req->strict,
		.cache = run->req->cache ? &run->cache : NULL,
		.progress = run->req->progress,
		.progress_data = run->req->data,
		.diag = run->diag,
	};
	r = gather_look(&run->gather, run->scan.modules, run->scan.n);
	run->incomplete |= run->gather.n_lost > 0;
	if (run->gather.n_lost)
		scan_drop_lost(&run->scan);
	return r;
}

/* A cache whose facts are damaged is treated as empty. */
static void check_cache(struct run *run)
{
	if (!run->gather.n_known || cache_check_facts(&run->cache) == 0)
		return;
	diag_notice(run->diag, "depmod.cache", "%s is not used: %s", run->req->cache, strerror(EBADMSG));
	cache_close(&run->cache);
	for (size_t i = 0; i < run->scan.n; i++)
		run->scan.modules[i].known = 0;
}

static int read_modules(struct run *run)
{
	int r;

	check_cache(run);
	r = gather_facts(&run->gather, run->scan.modules, run->scan.n);
	run->incomplete |= run->gather.n_damaged > 0;
	diag_info(run->diag, "depmod.gathered", "%zu modules read, %zu known from the cache", run->gather.n_read,
		  run->gather.n_cached);
	return r;
}

/* ---- what is remembered ---- */

/* The cache knows all modules and no others. */
static bool knows_all(const struct run *run)
{
	return run->gather.n_known == run->scan.n && run->cache.n == run->scan.n;
}

/* The files are what an earlier run made of the same inputs, and that run had nothing to report. */
static bool is_settled(const struct run *run)
{
	const struct cache *c = &run->cache;

	return run->has_stamp && c->has_stamp && knows_all(run) &&
	       memcmp(run->stamp.inputs, c->stamp.inputs, sizeof(c->stamp.inputs)) == 0 &&
	       stamp_is_met(&c->stamp, run->lock_fd, run->workers);
}

static size_t count_storable(const struct run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->scan.n; i++)
		n += run->scan.modules[i].storable;
	return n;
}

/* The stamp for the cache: made by this run, or known and still true. NULL: none. */
static const struct stamp *find_stamp(struct run *run, size_t storable)
{
	/* It is about exactly the modules that are stored. */
	if (storable != run->scan.n)
		return NULL;
	if (run->has_stamp && !run->warned && !run->incomplete) {
		stamp_outputs(&run->outputs, &run->stamp);
		return &run->stamp;
	}
	return run->cache.has_stamp && knows_all(run) ? &run->cache.stamp : NULL;
}

static bool is_in_cache(const struct run *run, size_t storable, const struct stamp *stamp)
{
	const struct cache *c = &run->cache;

	return storable == run->gather.n_cached && storable == c->n && c->has_stamp == (stamp != NULL) &&
	       (!stamp || memcmp(stamp, &c->stamp, sizeof(*stamp)) == 0);
}

/* Stores facts that the cache does not have yet. Failing only costs time later, so it is reported as a notice. */
static void save_cache(struct run *run)
{
	size_t storable = count_storable(run);
	const struct stamp *stamp = find_stamp(run, storable);
	int r;

	if (!run->req->cache || run->gather.with_crcs || is_in_cache(run, storable, stamp))
		return;
	r = cache_replace(&run->req->root, run->req->cache, run->scan.modules, run->scan.n, stamp);
	if (r < 0)
		diag_notice(run->diag, "depmod.cache-write", "could not write %s: %s; ignored", run->req->cache,
			    strerror(-r));
}

/* ---- who needs whom ---- */

static int read_kernel_symbols(struct run *run)
{
	const struct depmod_request *req = run->req;
	const char *list = req->symvers ? req->symvers : req->system_map;
	int r = symtab_init(&run->symtab, SYMBOLS_EXPECTED, req->symbol_prefix);

	if (r < 0 || !list)
		return r;
	if (req->symvers)
		r = symtab_read_symvers(&run->symtab, &req->root, list, &run->arena, run->diag);
	else
		r = symtab_read_map(&run->symtab, &req->root, list, &run->arena, run->diag);
	/* By such a list every symbol of the kernel would be unknown. */
	run->list_names_nothing = r == 0;
	if (r == 0 && req->report_unknown)
		diag_report(run->diag, LOG_WARNING, "depmod.empty-list", list, 0,
			    "%s names no exported symbol of the kernel; -e is ignored", list);
	return r < 0 ? r : 0;
}

static int sort_modules(struct run *run)
{
	return order_sort(&run->scan, &run->inputs[INPUT_ORDER]);
}

static int add_exports(struct run *run)
{
	return deps_add_exports(run->scan.modules, (uint32_t)run->scan.n, &run->symtab);
}

static const char *module_name(void *data, uint32_t m)
{
	const struct run *run = data;

	return run->scan.modules[m].name;
}

static int resolve(struct run *run)
{
	const struct depmod_request *req = run->req;
	struct deps deps = {
		.modules = run->scan.modules,
		.n = (uint32_t)run->scan.n,
		.symtab = &run->symtab,
		.dir = req->in_dir,
		.report_unknown = req->report_unknown && (req->symvers || req->system_map) && !run->list_names_nothing,
		.compare_versions = req->symvers,
		.edge = req->edge,
		.edge_data = req->data,
		.diag = run->diag,
	};
	int r = deps_build(&deps, &run->arena, &run->graph);

	if (r == 0)
		r = graph_number(&run->graph, &run->arena, &run->order);
	if (r < 0 || run->order.n_numbered == run->graph.n)
		return r;
	r = cycles_report(&run->graph, &run->order, module_name, run, run->diag);
	return r < 0 ? r : -ELOOP;
}

/* ---- what comes out ---- */

/* 1: there is one, 0: there is none, which is a warning. */
static int check_builtin(struct run *run, enum input_id id)
{
	int r = run->inputs[id].error;

	if (r == 0)
		return 1;
	if (input_counts_as_missing(r, run->req->strict)) {
		diag_warn(run->diag, "depmod.no-builtin", "could not open %s at %s: %s", input_name(id),
			  run->req->in_dir, strerror(-r));
		return 0;
	}
	diag_err(run->diag, "depmod.builtin", "could not read %s at %s: %s", input_name(id), run->req->in_dir,
		 strerror(-r));
	return r;
}

static int build(struct run *run)
{
	bool only_texts = run->req->action == DEPMOD_PRINT;
	int builtin = 0, modinfo = 0, r;

	if (!only_texts)
		builtin = check_builtin(run, INPUT_BUILTIN);
	if (!only_texts && builtin >= 0)
		modinfo = check_builtin(run, INPUT_BUILTIN_MODINFO);
	if (builtin < 0 || modinfo < 0)
		return builtin < 0 ? builtin : modinfo;
	run->outputs = (struct outputs){
		.modules = run->scan.modules,
		.n = (uint32_t)run->scan.n,
		.graph = &run->graph,
		.order = &run->order,
		.symtab = &run->symtab,
		.builtin = builtin ? &run->inputs[INPUT_BUILTIN].text : NULL,
		.builtin_modinfo = modinfo ? &run->inputs[INPUT_BUILTIN_MODINFO].text : NULL,
		.only_texts = only_texts,
		.warn_duplicates = run->req->warn_duplicates,
		.diag = run->diag,
	};
	r = outputs_build(&run->outputs, run->workers);
	run->incomplete |= run->outputs.incomplete;
	return r;
}

static int print_texts(const struct run *run)
{
	for (int i = 0; i < OUTPUTS; i++) {
		const struct buf *b = &run->outputs.files[i];

		if (!output_is_index((enum output_id)i) && b->n)
			fwrite(b->p, 1, b->n, run->req->out);
	}
	return 0;
}

/* The order of renaming: docs/decisions/0001-depmod-publish.md */
static const enum output_id publish_order[OUTPUTS] = {
	OUTPUT_BUILTIN_BIN, OUTPUT_BUILTIN_ALIAS_BIN, OUTPUT_DEP_BIN, OUTPUT_SYMBOLS_BIN, OUTPUT_ALIAS_BIN,
	OUTPUT_SOFTDEP,     OUTPUT_WEAKDEP,           OUTPUT_DEVNAME, OUTPUT_SYMBOLS,     OUTPUT_ALIAS,
	OUTPUT_DEP,
};

static void refresh_time(struct run *run)
{
	const struct freshness f = { run->lock_fd, run->gather.newest, run->scan.hidden };

	if (strcmp(run->req->in_dir, run->req->out_dir) == 0)
		freshness_renew(&run->req->root, run->req->out_dir, &f, run->diag);
}

static int publish(struct run *run)
{
	struct publish_file files[OUTPUTS];
	size_t written;
	int r;

	for (size_t i = 0; i < OUTPUTS; i++)
		files[i] = (struct publish_file){ output_name(publish_order[i]),
						  buf_span(&run->outputs.files[publish_order[i]]) };
	r = publish_set(run->lock_fd, run->req->out_dir, files, OUTPUTS, run->diag, &written);
	if (r < 0)
		return r;
	diag_info(run->diag, "depmod.written", "%zu of %d files of %s were out of date", written, OUTPUTS,
		  run->req->out_dir);
	refresh_time(run);
	return 0;
}

static int compare(struct run *run)
{
	return verify_outputs(&run->req->root, run->req->out_dir, &run->outputs, run->req->differences);
}

static int lock_output(struct run *run)
{
	int r;

	/* The scan reports a release that does not exist; its directory is not created. */
	if (run->req->action != DEPMOD_PUBLISH ||
	    (!run->req->n_files && !root_exists(&run->req->root, run->req->in_dir)))
		return 0;
	r = root_exists(&run->req->root, run->req->out_dir) ? 0 : root_mkdirs(&run->req->root, run->req->out_dir);
	if (r < 0) {
		diag_err(run->diag, "depmod.output-dir", "could not create directory %s: %s", run->req->out_dir,
			 strerror(-r));
		return r;
	}
	return publish_lock(&run->req->root, run->req->out_dir, run->diag, &run->lock_fd, &run->lock);
}

static int finish(struct run *run)
{
	int r;

	switch (run->req->action) {
	case DEPMOD_PRINT:
		return print_texts(run);
	case DEPMOD_VERIFY:
		return compare(run);
	case DEPMOD_PUBLISH:
		break;
	}
	r = publish(run);
	if (r == 0)
		save_cache(run);
	return r;
}

static int work(struct run *run, step *const *steps)
{
	int r = 0;

	for (; *steps && r == 0; steps++)
		r = (*steps)(run);
	return r;
}

int depmod_run(const struct depmod_request *req)
{
	_cleanup_(run_done) struct run run = {
		.req = req,
		.lock_fd = -1,
		.lock = DIRLOCK_NONE,
		.workers = req->jobs ? req->jobs : pool_cpus(),
	};
	step *const look[] = {
		read_kernel_symbols, lock_output, read_inputs, find_modules, look_at_modules, NULL,
	};
	step *const make[] = { sort_modules, read_modules, add_exports, resolve, build, finish, NULL };
	int r;

	start_forwarding(&run);
	r = work(&run, look);
	if (r == 0 && is_settled(&run)) {
		diag_info(run.diag, "depmod.settled", "nothing has changed since %s was made", req->cache);
		refresh_time(&run);
	} else if (r == 0) {
		r = work(&run, make);
	}
	if (r < 0)
		return report_nomem(&run, r);
	return (req->strict && run.incomplete) || (req->action == DEPMOD_VERIFY && req->differences->n > 0);
}
