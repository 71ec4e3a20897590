/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"

/* Every literal $CMDLINE_OPTS of an install or remove command replaced by options (NULL: by nothing). Appends; sticky error. */
int command_expand(const char *command, const char *options, struct buf *into);

/*
 * Runs it with the shell, MODPROBE_MODULE=name in its environment. Returns the exit status (0 also for death
 * by a signal, as kmod does), or -errno.
 */
int command_run(const char *expanded, const char *name);
