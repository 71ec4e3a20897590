// SPDX-License-Identifier: MIT
#include "act/depmod/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/collect.h"
#include "base/pool.h"
#include "read/image/elf.h"
#include "read/image/source.h"

/* Files of at least this size are read one at a time, and their memory is freed at the end: that bounds the peak. */
#define BIG_FILE (1 << 20)
/*
 * A file that changed this shortly before it was read may change again without a new ctime: the kernel's clock for
 * file times ticks every 10 ms at worst, and some file systems store whole seconds.
 */
#define TICK_NS 20000000
#define COARSE_TICK_S 2
/* Modules per job of the first pass. */
#define LOOK_BLOCK 64

/* ---- looking at the files ---- */

struct look {
	struct gather *g;
	struct module *modules;
	size_t n;
	int dir_fd;
	bool anchored; /* links in a module's path are followed from the root only */
	int *errors;   /* per module */
};

static int stat_module(const struct look *l, const struct module *m, struct stat *ret)
{
	char buf[PATH_MAX];
	const char *path;

	if (m->path[0] == '/' || l->anchored) {
		path = scan_module_file(l->g->dir, m, buf);
		return path ? root_stat(&l->g->root, path, ret) : -ENAMETOOLONG;
	}
	if (l->dir_fd < 0)
		return l->dir_fd;
	return fstatat(l->dir_fd, m->path, ret, 0) < 0 ? -errno : 0;
}

static int look_block(void *data, unsigned worker _unused_, size_t block)
{
	const struct look *l = data;
	size_t end = (block + 1) * LOOK_BLOCK < l->n ? (block + 1) * LOOK_BLOCK : l->n;
	const struct cache *cache = l->g->with_crcs ? NULL : l->g->cache;
	uint32_t place = (uint32_t)(block * LOOK_BLOCK);

	for (size_t i = block * LOOK_BLOCK; i < end; i++) {
		struct module *m = &l->modules[i];
		struct stat st;

		l->errors[i] = stat_module(l, m, &st);
		if (l->errors[i] < 0)
			continue;
		m->key = filekey_of(&st);
		/* Entries are roughly in the order of the scan: the next one mostly follows the last one. */
		m->known = cache && cache_find(cache, m->path, &m->key, place, &place) ? ++place : 0;
	}
	return 0;
}

static int judge_look(const struct look *l)
{
	struct gather *g = l->g;
	int r = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct module *m = &l->modules[i];
		struct timespec mtime = filekey_mtime(&m->key);

		if (l->errors[i] < 0) {
			diag_err(g->diag, "depmod.read", "could not read module %s: %s", m->path,
				 strerror(-l->errors[i]));
			m->lost = true;
			g->n_lost++;
			if (r == 0 && (g->strict || scan_is_shortage(l->errors[i])))
				r = l->errors[i];
			continue;
		}
		g->n_known += m->known != 0;
		if (timespec_after(mtime, g->newest))
			g->newest = mtime;
	}
	return r;
}

int gather_look(struct gather *g, struct module *modules, size_t n)
{
	_cleanup_close_ int dir_fd = root_open(&g->root, g->dir, O_PATH | O_DIRECTORY);
	_cleanup_free_ int *errors = calloc(n ? n : 1, sizeof(*errors));
	struct look l = { .g = g, .modules = modules, .n = n, .dir_fd = dir_fd, .errors = errors };
	int r;

	l.anchored = root_is_anchored(&g->root, g->dir);
	if (!errors)
		return -ENOMEM;
	if (clock_gettime(CLOCK_REALTIME, &g->start) < 0)
		return -errno;
	r = pool_run(g->workers, (n + LOOK_BLOCK - 1) / LOOK_BLOCK, look_block, &l);
	return r < 0 ? r : judge_look(&l);
}

/* ---- reading ---- */

struct reading {
	struct gather *g;
	struct module *modules;
	size_t n;
	struct module **queue; /* big files first, the largest of all at the head */
	size_t n_big;
	pthread_mutex_t big; /* held while one of them is read; guards the next two */
	size_t next_big;
	struct scratch *big_scratch;
	pthread_mutex_t large;      /* of all scratches */
	atomic_size_t next;         /* of the others */
	struct scratch **scratches; /* one per worker */
	struct collect *messages;   /* one per module */
	int *results;               /* per module */
	atomic_size_t done, n_read, n_cached, n_damaged;
};

/* The content is at fault, not the reading of it. */
static bool is_damage(int r)
{
	return r == -ENOEXEC || r == -EINVAL || r == -ENODATA || r == -EFBIG || r == -ERANGE || r == -EBADMSG;
}

/* Does the error concern this file only? -ENOSYS: its decompression library is missing, and others are like it. */
static bool is_of_file(const struct gather *g, int r)
{
	return is_damage(r) || (r < 0 && r != -ENOSYS && !g->strict && !scan_is_shortage(r));
}

static bool is_racy(const struct filekey *key, struct timespec limit)
{
	if (key->ctime_ns == 0)
		limit.tv_sec -= COARSE_TICK_S;
	limit.tv_nsec -= TICK_NS;
	if (limit.tv_nsec < 0) {
		limit.tv_nsec += 1000000000;
		limit.tv_sec--;
	}
	return timespec_after(filekey_ctime(key), limit);
}

static int read_facts(const struct reading *w, unsigned worker, const char *path, struct scratch *scratch,
		      struct diag *diag, struct record *ret)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	_cleanup_elf_ struct elf elf = { 0 };
	int r = source_open(&w->g->root, path, scratch, diag, &src);

	if (r == 0)
		r = elf_open(src, &elf);
	if (r == 0)
		r = record_read(&elf, w->g->with_crcs, &w->g->arenas[worker], ret);
	/* What is wrong with the file was reported where it was found; this reports the consequence. */
	if (is_of_file(w->g, r))
		diag_err(diag, is_damage(r) ? "depmod.not-a-module" : "depmod.read",
			 "failed to load symbols from %s: %s", path, strerror(-r));
	return r;
}

/* Facts go to the cache only when the file looks the same after reading as before. */
static bool is_storable(const struct reading *w, const struct module *m, const char *path)
{
	struct filekey now;
	struct stat st;

	if (!w->g->cache || w->g->with_crcs || is_racy(&m->key, w->g->start) || root_stat(&w->g->root, path, &st) < 0)
		return false;
	now = filekey_of(&st);
	return memcmp(&m->key, &now, sizeof(now)) == 0;
}

static int read_module(struct reading *w, unsigned worker, struct module *m, struct scratch *scratch, struct diag *diag)
{
	char buf[PATH_MAX];
	const char *path = scan_module_file(w->g->dir, m, buf);
	int r = path ? read_facts(w, worker, path, scratch, diag, &m->facts) : -ENAMETOOLONG;

	atomic_fetch_add(&w->n_read, 1);
	if (r == 0)
		m->storable = is_storable(w, m, path);
	if (!is_of_file(w->g, r))
		return r;
	atomic_fetch_add(&w->n_damaged, 1);
	return 0;
}

static void gather_module(struct reading *w, unsigned worker, struct module *m, struct scratch *scratch)
{
	size_t i = (size_t)(m - w->modules), done;

	if (m->known && cache_facts(w->g->cache, m->known - 1, &w->g->arenas[worker], &m->facts)) {
		m->storable = true;
		atomic_fetch_add(&w->n_cached, 1);
	} else {
		w->results[i] = read_module(w, worker, m, scratch, &w->messages[i].diag);
	}
	done = atomic_fetch_add(&w->done, 1) + 1;
	if (worker == 0 && w->g->progress)
		w->g->progress(w->g->progress_data, done, w->n);
}

/* With the lock held. false: there are no more. */
static bool gather_big(struct reading *w, unsigned worker)
{
	if (w->next_big == w->n_big)
		return false;
	gather_module(w, worker, w->queue[w->next_big++], w->big_scratch);
	if (w->next_big == w->n_big) {
		scratch_free(w->big_scratch);
		w->big_scratch = NULL;
	}
	return true;
}

/*
 * Takes any module that no thread has taken yet; as there are as many jobs as modules, each is taken. A thread
 * that finds another one reading a big file takes a small one, and waits only when there are no more of these.
 */
static int gather_job(void *data, unsigned worker, size_t job _unused_)
{
	struct reading *w = data;
	size_t i;

	if (pthread_mutex_trylock(&w->big) == 0) {
		bool taken = gather_big(w, worker);

		pthread_mutex_unlock(&w->big);
		if (taken)
			return 0;
	}
	i = atomic_fetch_add(&w->next, 1);
	if (i < w->n) {
		gather_module(w, worker, w->queue[i], w->scratches[worker]);
		return 0;
	}
	pthread_mutex_lock(&w->big);
	gather_big(w, worker);
	pthread_mutex_unlock(&w->big);
	return 0;
}

/* Unknown files before known ones, by decreasing size: the last files that threads wait for are small. */
static int compare_work(const void *a, const void *b)
{
	const struct module *x = *(struct module *const *)a, *y = *(struct module *const *)b;

	if (!x->known != !y->known)
		return x->known ? 1 : -1;
	if (x->key.size != y->key.size)
		return x->key.size > y->key.size ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void make_queue(struct reading *w)
{
	for (size_t i = 0; i < w->n; i++)
		w->queue[i] = &w->modules[i];
	qsort(w->queue, w->n, sizeof(*w->queue), compare_work);
	while (w->n_big < w->n && !w->queue[w->n_big]->known && w->queue[w->n_big]->key.size >= BIG_FILE)
		w->n_big++;
	atomic_store(&w->next, w->n_big);
}

static int prepare(struct reading *w)
{
	struct gather *g = w->g;
	size_t n = w->n ? w->n : 1;

	g->workers = g->workers ? g->workers : 1;
	g->arenas = calloc(g->workers, sizeof(*g->arenas));
	w->queue = calloc(n, sizeof(*w->queue));
	w->scratches = calloc(g->workers, sizeof(*w->scratches));
	w->messages = calloc(n, sizeof(*w->messages));
	w->results = calloc(n, sizeof(*w->results));
	w->big_scratch = scratch_new();
	if (!g->arenas || !w->queue || !w->scratches || !w->messages || !w->results || !w->big_scratch)
		return -ENOMEM;
	w->big_scratch->large = &w->large;
	for (unsigned i = 0; i < g->workers; i++) {
		w->scratches[i] = scratch_new();
		if (!w->scratches[i])
			return -ENOMEM;
		w->scratches[i]->large = &w->large;
	}
	for (size_t i = 0; i < w->n; i++)
		collect_init(&w->messages[i], g->diag);
	make_queue(w);
	return 0;
}

static int first_failure(const struct reading *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->results[i] < 0)
			return w->results[i];
	return 0;
}

static void finish(struct reading *w)
{
	for (size_t i = 0; w->messages && i < w->n; i++)
		collect_flush(&w->messages[i], w->g->diag);
	for (unsigned i = 0; w->scratches && i < w->g->workers; i++)
		scratch_free(w->scratches[i]);
	scratch_free(w->big_scratch);
	free(w->scratches);
	free(w->messages);
	free(w->results);
	free(w->queue);
	w->g->n_read = w->n_read;
	w->g->n_cached = w->n_cached;
	w->g->n_damaged = w->n_damaged;
}

int gather_facts(struct gather *g, struct module *modules, size_t n)
{
	struct reading w = {
		.g = g, .modules = modules, .n = n, .big = PTHREAD_MUTEX_INITIALIZER, .large = PTHREAD_MUTEX_INITIALIZER
	};
	int r = prepare(&w);

	if (r == 0)
		r = pool_run(g->workers, n, gather_job, &w);
	if (r == 0)
		r = first_failure(&w);
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
	g->arenas = NULL;
}
