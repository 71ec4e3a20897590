/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Keeps messages for later, so that work on several threads reports in a fixed order. One per job; a job may
 * use its sink from its own thread only.
 */

#include "base/arena.h"
#include "base/diag.h"

struct collected {
	struct collected *next;
	struct diag_msg msg;
};

struct collect {
	struct diag diag; /* hand this to the job */
	struct arena arena;
	struct collected *first, **end;
};

/* Messages below the level of target are not even built. */
void collect_init(struct collect *c, const struct diag *target);
/* Hands the messages on, in order, and forgets them. */
void collect_flush(struct collect *c, struct diag *target);
/* Forgets them. */
void collect_done(struct collect *c);
