/* SPDX-License-Identifier: MIT */
#pragma once

#include "decide/plan/plan.h"
#include "system/sys.h"

/*
 * May the command of the step be run? Not if it is being run already, by a process above this one, or if too many are:
 * reported, with the line of the configuration, and -ELOOP.
 */
int command_check(struct sys *sys, const struct plan_step *s);
/*
 * Runs an install or remove command with the shell, MODPROBE_MODULE=name and what chain.h says in its environment.
 * Returns the exit status (128 + N for death by signal N), or -errno.
 */
int command_run(const struct root *root, const char *expanded, const struct plan_step *s);
/* The name of the signal that a status above 128 stands for: "SIGKILL"; NULL: none. */
const char *command_signal(int status);
