/* SPDX-License-Identifier: MIT */
#pragma once

/* Reports the cycles among modules that need each other. */

#include "base/diag.h"
#include "act/depmod/graph.h"

/*
 * Reports `Cycle detected: a -> b -> a` for each cycle in the order in which kmod finds them, then the number
 * of modules on them. name(data, m) is the word for a module. The search is bounded: when there are too many cycles to
 * list them all, that is reported, and at least one cycle is always named. order: with modules left unnumbered.
 */
int cycles_report(const struct graph *g, const struct graph_order *order, const char *(*name)(void *data, uint32_t m),
		  void *data, struct diag *diag);
