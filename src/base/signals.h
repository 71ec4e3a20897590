/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Signals that would end the process, held back while something is half done (a temporary file, a module that was
 * unloaded and must be loaded again). Signals that arrive meanwhile act as soon as they are released.
 */

#include <signal.h>
#include <stdbool.h>

struct signals {
	sigset_t before; /* the mask to go back to */
};

/* Holds them in the calling thread and in the threads that it starts from here on. May be nested. */
void signals_hold(struct signals *s);
void signals_release(const struct signals *s);
/* Has one arrived that will end the process? Then optional work is skipped. */
bool signals_waiting(void);
/* For a child before it executes another program, which must not inherit the mask. */
void signals_let_through(void);
/* A descriptor that becomes readable when one of them comes while they are held; -errno. For poll(2). */
int signals_open(void);
