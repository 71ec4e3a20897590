/* SPDX-License-Identifier: MIT */
#pragma once

/* The state of the machine as one line for each topic. */

#include "base/arena.h"
#include "verb/status/status.h"

enum summary_mark {
	SUMMARY_GOOD,
	SUMMARY_NOTE,    /* worth knowing, and not wrong */
	SUMMARY_WRONG,   /* something is to be done */
	SUMMARY_UNKNOWN, /* could not be found out */
};

struct summary_line {
	enum summary_mark mark;
	const char *topic; /* "secure boot", "taint", "failed", "devices" ... (docs/json.md) */
	const char *text;
	const char *const *command; /* that says more, or mends it: a NULL-terminated argv; NULL: none */
};

struct summary {
	struct summary_line *items;
	size_t n, cap;
	size_t n_wrong, n_unknown;
	struct arena strings;
};

/* The columns of a line for topic and text with its command, beside the mark: lists of names are made to fit. */
#define SUMMARY_TOPIC 11
#define SUMMARY_TEXT 66

int summary_of(const struct status *s, struct summary *ret); /* 0, -ENOMEM */
const char *summary_mark_name(enum summary_mark mark);       /* "good", "note", "wrong", "unknown" */
/* Of the whole: SUMMARY_WRONG or SUMMARY_UNKNOWN if a line is that, else SUMMARY_GOOD. */
enum summary_mark summary_verdict(const struct summary *s);
void summary_done(struct summary *s);

#define _cleanup_summary_ _cleanup_(summary_done)
