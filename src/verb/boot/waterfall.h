/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * When the modules of this boot were loaded, and who asked for them, from what there is: the records of modules-load
 * (record.h), the kernel's log, its trace (read/kernel/loadtimes.h). Reads, and changes nothing.
 */

#include "base/arena.h"
#include "base/map.h"
#include "read/kernel/live.h"
#include "system/sys.h"

enum waterfall_source { WATERFALL_RECORD, WATERFALL_LOG, WATERFALL_TRACE, WATERFALL_SOURCES };

enum waterfall_kind {
	WATERFALL_LOAD,    /* from the call of modules-load to its end: the file read, checked and initialized */
	WATERFALL_INIT,    /* the module's init function */
	WATERFALL_ENTERED, /* a point in time: the kernel has taken the module in */
	WATERFALL_MESSAGE, /* a point in time: the first message of the kernel that begins with the module's name */
};

struct waterfall_mark {
	enum waterfall_source source;
	enum waterfall_kind kind;
	uint64_t start, end; /* microseconds since boot; a point, or what has not ended: both the same */
	bool ended;          /* LOAD, INIT: its end is known */
	int64_t error;       /* 0 or -errno: how it ended */
	const char *by;      /* who asked or did it; NULL: unknown */
};

/* More than these of one module (loaded again and again) are left out. */
#define WATERFALL_MARKS_MAX 16

struct waterfall_row {
	const char *name;
	bool loaded; /* it is loaded now; false also where that is not known (live_error) */
	struct waterfall_mark marks[WATERFALL_MARKS_MAX];
	size_t n;
	size_t dropped;      /* marks that were left out */
	uint64_t start, end; /* of all marks */
};

/* Modules; those that come later are left out. */
#define WATERFALL_ROWS_MAX 400
/* As much of a trace is read. */
#define WATERFALL_TRACE_MAX (8u * 1024 * 1024)

struct waterfall_reading {
	int error;      /* 0; -ENOENT: there is none; -EOPNOTSUPP: the trace has a clock of its own; other -errno */
	size_t n;       /* marks from it */
	size_t damaged; /* lines of the records that are not of their form */
	bool from_boot; /* WATERFALL_LOG: it goes back to the boot */
};

struct waterfall {
	struct waterfall_row *rows; /* by their start, then by name */
	size_t n, cap;
	size_t left_out;      /* modules beyond the bound */
	const char **untimed; /* names of loaded modules that no source has; sorted */
	size_t n_untimed;
	struct waterfall_reading sources[WATERFALL_SOURCES];
	struct live *live; /* NULL: the loaded modules could not be read, for the reason live_error */
	int live_error;
	struct map by_name; /* name -> number of its row + 1, while it is read */
	struct arena strings;
};

/* 0, or -ENOMEM; what could not be read says so in its place. Nothing is reported. */
int waterfall_read(struct sys *sys, struct waterfall *ret);
void waterfall_done(struct waterfall *w);

/* "records", "log", "trace"; "load", "init", "entered", "message". */
const char *waterfall_source_name(enum waterfall_source source);
const char *waterfall_kind_name(enum waterfall_kind kind);
/* Who asked for the module or loaded it, by the first of its marks that says so; NULL: unknown. */
const char *waterfall_by(const struct waterfall_row *row);

#define _cleanup_waterfall_ _cleanup_(waterfall_done)
