/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Runs an install or remove command with the shell, MODPROBE_MODULE=name in its environment. Returns the exit status
 * (128 + N for death by signal N), or -errno.
 */
int command_run(const char *expanded, const char *name);
