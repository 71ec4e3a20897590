/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Collects the facts of all modules, on several threads: first looks at each file, then reads those that are not in
 * the cache.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "act/depmod/cache.h"
#include "act/depmod/scan.h"

struct gather {
	struct root root;
	const char *dir; /* module directory */
	unsigned workers;
	bool with_crcs;            /* bypasses the cache, which has no CRCs */
	bool strict;               /* a file that cannot be read is an error */
	const struct cache *cache; /* known facts; NULL: no cache is kept, and no module becomes storable */
	/* Called from time to time by the caller's thread, and when all is done, before any message; may be NULL. */
	void (*progress)(void *data, size_t done, size_t total);
	void *progress_data;
	struct diag *diag;

	struct timespec start;   /* of the look */
	size_t n_known;          /* modules that have an entry in the cache */
	struct timespec newest;  /* latest mtime of a module */
	size_t n_read, n_cached; /* modules whose file was read; taken from the cache */
	size_t n_lost;           /* modules that could not be looked at */
	size_t n_damaged;        /* without facts: reported, and indexed by name only */
	struct arena *arenas;    /* one per worker; own the facts */
};

/*
 * Fills key and known of every module. One that cannot be looked at is reported and gets lost = true; strict: the
 * result is -errno. The modules may be sorted anew before gather_facts().
 */
int gather_look(struct gather *g, struct module *modules, size_t n);
/*
 * Fills facts and storable. A module that is damaged, or (unless strict) cannot be read, is reported and gets no facts.
 * -errno, reported: what is missing is not the file's fault (memory, descriptors, a decompression library), so that
 * many would lose their facts, and an index without these must not replace one that has them. Messages come in the
 * order of the list.
 */
int gather_facts(struct gather *g, struct module *modules, size_t n);
void gather_done(struct gather *g);
