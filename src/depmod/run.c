// SPDX-License-Identifier: MIT
#include "depmod/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fileio.h"
#include "base/pool.h"
#include "base/replace.h"
#include "depmod/cycles.h"
#include "depmod/deps.h"
#include "depmod/gather.h"
#include "depmod/order.h"
#include "depmod/publish.h"

#define BUILTIN_FILE_MAX ((size_t)64 << 20)
/* What the modules of a distribution's kernel export; the table grows when there are more. */
#define SYMBOLS_EXPECTED 16384

/* Everything of a run, from the first directory entry to the last byte. */
struct run {
	const struct depmod_request *req;
	struct diag *diag;
	unsigned workers;
	struct arena arena;
	struct search *search;
	struct scan scan;
	struct cache cache;
	struct gather gather;
	struct symtab symtab;
	struct graph graph;
	struct graph_order order;
	struct buf builtin, builtin_modinfo;
	struct outputs outputs;
	int lock_fd;
	bool incomplete;
};

static void run_done(struct run *run)
{
	close_fd_p(&run->lock_fd);
	outputs_done(&run->outputs);
	buf_done(&run->builtin);
	buf_done(&run->builtin_modinfo);
	symtab_done(&run->symtab);
	gather_done(&run->gather);
	cache_close(&run->cache);
	scan_done(&run->scan);
	search_free(run->search);
	arena_done(&run->arena);
}

/* -ENOMEM is the one failure that nobody below reports. */
static int told(struct run *run, int r)
{
	if (r == -ENOMEM)
		diag_err(run->diag, "depmod.memory", "out of memory");
	return r;
}

/* ---- which modules there are ---- */

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
		diag_report(run->diag, LOG_CRIT, "depmod.search", NULL, 0, "could not search modules: %s", strerror(-r));
	return r;
}

static int find_modules(struct run *run)
{
	int r;

	run->scan = (struct scan){
		.root = run->req->root, .dir = run->req->in_dir, .diag = run->diag, .arena = &run->arena,
	};
	r = run->req->n_files ? find_named(run) : find_all(run);
	if (r == 0)
		r = order_sort(&run->scan);
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

static int read_modules(struct run *run)
{
	int r;

	open_cache(run);
	run->gather = (struct gather){
		.root = run->req->root,
		.dir = run->req->in_dir,
		.workers = run->workers,
		.with_crcs = run->req->symvers,
		.cache = run->req->cache ? &run->cache : NULL,
		.progress = run->req->progress,
		.progress_data = run->req->data,
		.diag = run->diag,
	};
	r = gather_facts(&run->gather, run->scan.modules, run->scan.n);
	run->incomplete |= run->gather.n_damaged > 0;
	diag_info(run->diag, "depmod.gathered", "%zu modules read, %zu known from the cache", run->gather.n_read,
		  run->gather.n_cached);
	return r;
}

/* Facts that the cache does not have yet. Never more than a lost chance: failing is told to those who ask. */
static void save_cache(struct run *run)
{
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	char dir[PATH_MAX];
	const char *slash = run->req->cache ? strrchr(run->req->cache, '/') : NULL;
	size_t fit = 0;
	int r;

	if (!slash || !run->gather.keys)
		return;
	for (size_t i = 0; i < run->scan.n; i++)
		fit += run->gather.keys[i].ino != 0;
	if (fit == run->gather.n_cached && fit == run->cache.n)
		return;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - run->req->cache), run->req->cache);
	r = root_exists(&run->req->root, dir) ? 0 : root_mkdirs(&run->req->root, dir);
	if (r == 0)
		r = cache_write(run->scan.modules, run->scan.n, run->gather.keys, &bytes);
	if (r == 0)
		r = file_replace(&run->req->root, run->req->cache, buf_span(&bytes), 0644);
	if (r < 0)
		diag_notice(run->diag, "depmod.cache-write", "could not write %s: %s; ignored", run->req->cache,
			    strerror(-r));
}

/* ---- who needs whom ---- */

static int read_kernel_symbols(struct run *run)
{
	const struct depmod_request *req = run->req;
	int r = symtab_init(&run->symtab, SYMBOLS_EXPECTED, req->symbol_prefix);

	if (r == 0 && req->symvers)
		r = symtab_read_symvers(&run->symtab, &req->root, req->symvers, &run->arena, run->diag);
	else if (r == 0 && req->system_map)
		r = symtab_read_map(&run->symtab, &req->root, req->system_map, &run->arena, run->diag);
	return r;
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
		.report_unknown = req->report_unknown && (req->symvers || req->system_map),
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

/* 1: read, 0: there is none, which is a warning. */
static int read_builtin(struct run *run, const char *name, struct buf *into)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", run->req->in_dir, name);
	int r = n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : file_read_regular(&run->req->root, path, BUILTIN_FILE_MAX, into);

	if (r == 0)
		return 1;
	if (r == -ENOENT) {
		diag_warn(run->diag, "depmod.no-builtin", "could not open %s at %s: %s", name, run->req->in_dir,
			  strerror(-r));
		return 0;
	}
	diag_err(run->diag, "depmod.builtin", "could not read %s at %s: %s", name, run->req->in_dir, strerror(-r));
	return r;
}

static int build(struct run *run)
{
	bool only_texts = run->req->action == DEPMOD_PRINT;
	int builtin = 0, modinfo = 0, r;

	if (!only_texts)
		builtin = read_builtin(run, "modules.builtin", &run->builtin);
	if (!only_texts && builtin >= 0)
		modinfo = read_builtin(run, "modules.builtin.modinfo", &run->builtin_modinfo);
	if (builtin < 0 || modinfo < 0)
		return builtin < 0 ? builtin : modinfo;
	run->outputs = (struct outputs){
		.modules = run->scan.modules,
		.n = (uint32_t)run->scan.n,
		.graph = &run->graph,
		.order = &run->order,
		.symtab = &run->symtab,
		.builtin = builtin ? &run->builtin : NULL,
		.builtin_modinfo = modinfo ? &run->builtin_modinfo : NULL,
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

/*
 * depmod -A compares times with modules.dep, which keeps its own when it did not change: give it the time of this
 * run if a module is newer. (One from the future stays newer whatever is done.)
 */
static int refresh_time(struct run *run)
{
	struct timespec now;
	struct stat st;
	int newer;

	if (fstatat(run->lock_fd, output_name(OUTPUT_DEP), &st, 0) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0)
		return -errno;
	newer = timespec_after(run->gather.newest, st.st_mtim);
	if (!newer && run->scan.hidden)
		newer = scan_is_newer(&run->req->root, run->req->in_dir, st.st_mtim);
	if (newer <= 0 || timespec_after(run->gather.newest, now))
		return newer < 0 ? newer : 0;
	return utimensat(run->lock_fd, output_name(OUTPUT_DEP), NULL, 0) < 0 ? -errno : 0;
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
	if (strcmp(run->req->in_dir, run->req->out_dir) != 0)
		return 0;
	r = refresh_time(run);
	if (r < 0)
		diag_warn(run->diag, "depmod.time", "could not set the time of %s/%s: %s; ignored", run->req->out_dir,
			  output_name(OUTPUT_DEP), strerror(-r));
	return 0;
}

static int compare(struct run *run)
{
	int r = verify_outputs(&run->req->root, run->req->out_dir, &run->outputs, run->req->differences);

	run->incomplete |= run->req->differences->n > 0;
	return r;
}

static int lock_output(struct run *run)
{
	int r;

	/* A release that is not there is told by the scan; its directory is not made up. */
	if (run->req->action != DEPMOD_PUBLISH || (!run->req->n_files && !root_exists(&run->req->root, run->req->in_dir)))
		return 0;
	r = root_exists(&run->req->root, run->req->out_dir) ? 0 : root_mkdirs(&run->req->root, run->req->out_dir);
	if (r < 0) {
		diag_err(run->diag, "depmod.output-dir", "could not create directory %s: %s", run->req->out_dir,
			 strerror(-r));
		return r;
	}
	return publish_lock(&run->req->root, run->req->out_dir, run->diag, &run->lock_fd);
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

int depmod_run(const struct depmod_request *req)
{
	_cleanup_(run_done) struct run run = {
		.req = req, .diag = req->diag, .lock_fd = -1, .workers = req->jobs ? req->jobs : pool_cpus(),
	};
	int (*const steps[])(struct run *run) = {
		read_kernel_symbols, lock_output, find_modules, read_modules, add_exports, resolve, build, finish,
	};
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(steps) && r == 0; i++)
		r = steps[i](&run);
	return r < 0 ? told(&run, r) : run.incomplete;
}

bool depmod_is_up_to_date(const struct root *root, const char *in_dir, struct diag *diag)
{
	char path[PATH_MAX];
	struct stat st;
	int n = snprintf(path, sizeof(path), "%s/%s", in_dir, output_name(OUTPUT_DEP));
	int r = n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : root_stat(root, path, &st);

	if (r < 0) {
		diag_err(diag, "depmod.quick", "could not fstatat(%s, %s): %s", in_dir, output_name(OUTPUT_DEP),
			 strerror(-r));
		return false;
	}
	return scan_is_newer(root, in_dir, st.st_mtim) == 0;
}
