/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Runs an install or remove command with the shell, MODPROBE_MODULE=name in its environment. Returns the exit status
 * (0 also for death by a signal, as kmod does), or -errno.
 */
int command_run(const char *expanded, const char *name);
