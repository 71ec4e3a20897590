/* SPDX-License-Identifier: MIT */
#pragma once

/* One step of a plan: shared by the runners in order and at once. */

#include "act/load/run.h"

/*
 * 0: done; 1: nothing to do, it is already there (gone); -errno. Calls starting() and run_command() of *r, not ended().
 */
int run_insert_step(const struct run *r, const struct plan_step *s);
int run_remove_step(const struct run *r, const struct plan_step *s);
