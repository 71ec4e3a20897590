/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The machine as far as modules go, in one piece: its state, the loaded modules with where they come from and what this
 * kernel makes of their files, which needs which, parameters that somebody changed, and when each was loaded. Reads,
 * and changes nothing. Each part says why it could not be read.
 */

#include "verb/boot/waterfall.h"
#include "verb/list/loaded.h"
#include "verb/report/deviations.h"
#include "verb/report/linked.h"
#include "verb/report/verdicts.h"
#include "verb/status/summary.h"

/* Where the file of a module comes from, by its directory, by what DKMS has built, and by the kernel's word. */
enum snapshot_origin {
	SNAPSHOT_IN_TREE, /* below kernel/, and the kernel does not call it out-of-tree */
	SNAPSHOT_DKMS,    /* DKMS has built it for this kernel */
	SNAPSHOT_UPDATES, /* below updates/ */
	SNAPSHOT_EXTRA,   /* below extra/ */
	SNAPSHOT_OTHER,   /* elsewhere; or below kernel/, and the kernel calls it out-of-tree */
	SNAPSHOT_UNKNOWN, /* modules.dep does not have it */
	SNAPSHOT_ORIGINS
};

struct snapshot_module {
	const struct loaded_module *loaded;
	enum snapshot_origin origin;
	const char *dkms; /* "NAME/VERSION" of SNAPSHOT_DKMS */
	struct module_verdict trust;
};

struct snapshot {
	struct status status;
	struct summary summary;       /* of it */
	struct trust_machine machine; /* what verdicts are based on */
	struct loaded loaded;
	int loaded_error;              /* -errno of /proc/modules */
	struct snapshot_module *items; /* one for each of loaded, in its order */
	struct linked linked;
	struct deviations deviations;
	struct waterfall waterfall;
	struct arena strings;
};

/* Must not be moved. 0, or -errno, reported: what any part needs could not be read. */
int snapshot_read(struct sys *sys, struct snapshot *ret);
void snapshot_done(struct snapshot *s);

/* "in-tree", "dkms", "updates", "extra", "other", "unknown". */
const char *snapshot_origin_name(enum snapshot_origin origin);

struct snapshot_sum {
	size_t n;
	uint64_t size; /* bytes */
};

/* The modules of that origin; SNAPSHOT_ORIGINS: all. */
struct snapshot_sum snapshot_sum(const struct snapshot *s, enum snapshot_origin origin);
/* The modules whose files were judged so. */
size_t snapshot_count(const struct snapshot *s, enum trust_outcome outcome);

#define _cleanup_snapshot_ _cleanup_(snapshot_done)
