// SPDX-License-Identifier: MIT
#include "depmod/gather.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/pool.h"
#include "depmod/collect.h"
#include "image/elf.h"
#include "image/source.h"

/* Files from this size on are read one at a time, with memory that is given back at once: that bounds the peak. */
#define BIG_FILE (1 << 20)
/*
 * A file that changed so shortly before it was read may change again without a new ctime: the kernel's clock for
 * them ticks every 10 ms at worst, and some file systems store whole seconds.
 */
#define TICK_NS 20000000
#define COARSE_TICK_S 2

struct gathering {
	struct gather *g;
	struct module *modules;
	size_t n;
	struct timespec start;
	struct scratch **scratches; /* one per worker */
	struct collect *messages;   /* one per module */
	pthread_mutex_t big;
	atomic_size_t done, n_read, n_cached, n_damaged;
};

/* The content is at fault, not the reading of it. */
static bool is_damage(int r)
{
	return r == -ENOEXEC || r == -EINVAL || r == -ENODATA || r == -EFBIG || r == -ERANGE || r == -EBADMSG;
}

static bool is_racy(const struct gathering *w, const struct stat *st)
{
	struct timespec limit = w->start;

	if (st->st_ctim.tv_nsec == 0)
		limit.tv_sec -= COARSE_TICK_S;
	limit.tv_nsec -= TICK_NS;
	if (limit.tv_nsec < 0) {
		limit.tv_nsec += 1000000000;
		limit.tv_sec--;
	}
	return timespec_after(st->st_ctim, limit);
}

static int read_facts(const struct gathering *w, unsigned worker, const char *path, struct scratch *scratch,
		      struct diag *diag, struct record *ret)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	struct elf elf = { 0 };
	int r = source_open(&w->g->root, path, scratch, diag, &src);

	if (r == 0)
		r = elf_open(src, &elf);
	if (r == 0) {
		r = record_read(&elf, w->g->with_crcs, &w->g->arenas[worker], ret);
		elf_done(&elf);
	}
	/* What is wrong with the file was said where it was seen; this is what follows from it. */
	if (is_damage(r))
		diag_err(diag, "depmod.not-a-module", "failed to load symbols from %s: %s", path, strerror(-r));
	return r;
}

static int read_file(struct gathering *w, unsigned worker, const char *path, off_t size, struct diag *diag,
		     struct record *ret)
{
	int r;

	if (size < BIG_FILE)
		return read_facts(w, worker, path, w->scratches[worker], diag, ret);
	pthread_mutex_lock(&w->big);
	r = read_facts(w, worker, path, NULL, diag, ret);
	pthread_mutex_unlock(&w->big);
	return r;
}

/* Reads the file between two looks at it, which must agree before the facts go to the cache. */
static int read_and_key(struct gathering *w, unsigned worker, size_t i, const char *path, const struct stat *before,
			struct diag *diag)
{
	struct cache_key key = cache_key_of(before), now;
	struct stat after;
	int r = read_file(w, worker, path, before->st_size, diag, &w->modules[i].facts);

	if (r < 0)
		return r;
	if (w->g->keys && !is_racy(w, before) && root_stat(&w->g->root, path, &after) == 0) {
		now = cache_key_of(&after);
		if (memcmp(&key, &now, sizeof(key)) == 0)
			w->g->keys[i] = key;
	}
	return 0;
}

static int gather_module(struct gathering *w, unsigned worker, size_t i, struct diag *diag, struct stat *st)
{
	const struct module *m = &w->modules[i];
	char buf[PATH_MAX];
	const char *path = scan_module_file(w->g->dir, m, buf);
	struct cache_key key;
	int r = path ? root_stat(&w->g->root, path, st) : -ENAMETOOLONG;

	if (r < 0) {
		diag_err(diag, "depmod.read", "could not read module %s: %s", m->path, strerror(-r));
		return r;
	}
	key = cache_key_of(st);
	if (w->g->keys && cache_find(w->g->cache, m->path, &key, &w->modules[i].facts)) {
		w->g->keys[i] = key;
		atomic_fetch_add(&w->n_cached, 1);
		return 0;
	}
	atomic_fetch_add(&w->n_read, 1);
	r = read_and_key(w, worker, i, path, st, diag);
	if (!is_damage(r))
		return r;
	atomic_fetch_add(&w->n_damaged, 1);
	return 0;
}

static int gather_job(void *data, unsigned worker, size_t i)
{
	struct gathering *w = data;
	struct stat st = { 0 };
	size_t done;
	int r = gather_module(w, worker, i, &w->messages[i].diag, &st);

	w->modules[i].mtime = st.st_mtim;
	done = atomic_fetch_add(&w->done, 1) + 1;
	if (worker == 0 && w->g->progress)
		w->g->progress(w->g->progress_data, done, w->n);
	return r;
}

static int prepare(struct gathering *w)
{
	struct gather *g = w->g;
	bool keeps_cache = g->cache && !g->with_crcs;

	g->workers = g->workers ? g->workers : 1;
	g->arenas = calloc(g->workers, sizeof(*g->arenas));
	g->keys = keeps_cache ? calloc(w->n ? w->n : 1, sizeof(*g->keys)) : NULL;
	w->scratches = calloc(g->workers, sizeof(*w->scratches));
	w->messages = calloc(w->n ? w->n : 1, sizeof(*w->messages));
	if (!g->arenas || (keeps_cache && !g->keys) || !w->scratches || !w->messages)
		return -ENOMEM;
	for (unsigned i = 0; i < g->workers; i++) {
		w->scratches[i] = scratch_new();
		if (!w->scratches[i])
			return -ENOMEM;
	}
	for (size_t i = 0; i < w->n; i++)
		collect_init(&w->messages[i], g->diag);
	return 0;
}

static void finish(struct gathering *w)
{
	for (size_t i = 0; w->messages && i < w->n; i++)
		collect_flush(&w->messages[i], w->g->diag);
	for (unsigned i = 0; w->scratches && i < w->g->workers; i++)
		scratch_free(w->scratches[i]);
	free(w->scratches);
	free(w->messages);
	w->g->n_read = w->n_read;
	w->g->n_cached = w->n_cached;
	w->g->n_damaged = w->n_damaged;
	for (size_t i = 0; i < w->n; i++)
		if (timespec_after(w->modules[i].mtime, w->g->newest))
			w->g->newest = w->modules[i].mtime;
}

int gather_facts(struct gather *g, struct module *modules, size_t n)
{
	struct gathering w = { .g = g, .modules = modules, .n = n, .big = PTHREAD_MUTEX_INITIALIZER };
	int r = prepare(&w);

	if (r == 0 && clock_gettime(CLOCK_REALTIME, &w.start) < 0)
		r = -errno;
	if (r == 0)
		r = pool_run(g->workers, n, gather_job, &w);
	if (g->progress)
		g->progress(g->progress_data, n, n);
	finish(&w);
	return r;
}

void gather_done(struct gather *g)
{
	for (unsigned i = 0; g->arenas && i < g->workers; i++)
		arena_done(&g->arenas[i]);
	free(g->arenas);
	free(g->keys);
	g->arenas = NULL;
	g->keys = NULL;
}
