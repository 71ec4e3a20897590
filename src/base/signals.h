/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Signals that would end the process, held back while something is half done (a temporary file, a module that is out
 * and must come back). What came meanwhile acts as soon as they are released.
 */

#include <signal.h>
#include <stdbool.h>

struct signals {
	sigset_t before; /* the mask to go back to */
};

/* In the calling thread and in those that it makes from here on. May be nested. */
void signals_hold(struct signals *s);
void signals_release(const struct signals *s);
/* Has one come that will end the process? Work that can be left out is then left out. */
bool signals_waiting(void);
/* For a child before it executes something else, which must not inherit what is held. */
void signals_let_through(void);
/* A descriptor that becomes readable when one of them comes while they are held; -errno. For poll(2). */
int signals_open(void);
