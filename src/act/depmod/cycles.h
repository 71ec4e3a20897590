/* SPDX-License-Identifier: MIT */
#pragma once

/* Names the loops among modules that need each other. */

#include "base/diag.h"
#include "act/depmod/graph.h"

/*
 * Reports `Cycle detected: a -> b -> a` for each cycle in the order in which kmod finds them, then the number
 * of modules on them. name(data, m) is the word for a module. The search is bounded: where there are too many ways
 * round to list them all, that is said, and at least one cycle is always named. order: with modules left unnumbered.
 */
int cycles_report(const struct graph *g, const struct graph_order *order, const char *(*name)(void *data, uint32_t m),
		  void *data, struct diag *diag);
