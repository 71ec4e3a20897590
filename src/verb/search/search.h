/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Modules found by words. What is searched stands in the modules themselves, so each file of the release is read, by
 * several threads; what is built in is searched in modules.builtin.modinfo. If a word is the id of a device, only the
 * modules are read for which modules.alias has such a device.
 */

#include "decide/plan/world.h"
#include "system/sys.h"
#include "verb/search/words.h"

struct search_hit {
	const char *name;
	const char *path;                   /* NULL: built into the kernel */
	const char *description;            /* NULL: none */
	const struct search_match *matches; /* one for each word */
	unsigned rank;                      /* the smaller, the better */
};

struct search {
	struct search_hit *items; /* the best first, then by name */
	size_t n;
	size_t n_modules,
		n_unreadable;  /* all that had to be searched, and those that could not be; these are reported */
	struct arena *strings; /* one for each thread */
	unsigned n_threads;
};

/* Is called before each module, by any thread: for progress. */
struct search_watch {
	void (*begin)(void *data, size_t total);
	void (*step)(void *data);
	void *data;
};

/* More than this many unreadable modules are counted, but not named. */
#define SEARCH_NAMED_MAX 10

/*
 * Those of the world's release in which each of the words is somewhere. -ENOENT: the release has no index; -EINVAL: it
 * is damaged; -ENOMEM.
 */
int search_run(struct sys *sys, const struct plan_world *world, const struct search_words *words,
	       const struct search_watch *watch, struct search *ret);
void search_done(struct search *s);

#define _cleanup_search_ _cleanup_(search_done)
