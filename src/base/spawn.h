/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

/*
 * Runs a command with `/bin/sh -c` like system(3) and waits. env: NULL-terminated NAME=VALUE additions to
 * the environment of the child only, or NULL. Returns the wait status (WIFEXITED ...) or -errno.
 */
int spawn_shell(const char *command, const char *const *env);

/*
 * Runs argv[0] (searched in PATH) and waits; standard input comes from in_fd, and standard output goes to out_fd, where
 * they are not -1. Same return.
 */
int spawn_argv(const char *const *argv, int in_fd, int out_fd);
