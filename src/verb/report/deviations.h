/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Parameters that somebody changed: of the loaded modules, and of those in the kernel that its command line names. The
 * kernel keeps no defaults, so a parameter differs when the default that its description states is another value, or
 * when it is configured and no stated default is what it has.
 */

#include "base/arena.h"
#include "system/system.h"
#include "verb/list/loaded.h"
#include "verb/params/params.h"

struct deviation {
	const char *module, *name;
	const char *type;        /* NULL: unknown */
	const char *description; /* NULL: none */
	const char *current;     /* NULL: the kernel does not show it */
	const char *stated;      /* the default by its description; NULL: it states none */
	bool is_configured;
	const char *configured; /* NULL: given without a value, or not configured */
	const char *file;       /* of the line that counts; NULL: not configured */
	unsigned line;          /* 0: the kernel command line */
	enum params_effect effect;
};

/* More than these are counted only. */
#define DEVIATIONS_MAX 1000

struct deviations {
	struct deviation *items; /* by module, in the order of its parameters */
	size_t n, cap;
	size_t left_out;    /* beyond the bound */
	size_t n_looked_at; /* parameters, of all modules */
	size_t n_unstated;  /* neither configured nor with a stated default: whether they differ is not known */
	size_t n_unread;    /* modules whose files could not be read: their descriptions are not known */
	struct arena strings;
};

/* 0 or -ENOMEM. */
int deviations_read(struct sys *sys, const struct running *running, const struct loaded *loaded,
		    struct deviations *ret);
void deviations_done(struct deviations *d);

#define _cleanup_deviations_ _cleanup_(deviations_done)
