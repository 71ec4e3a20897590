/* SPDX-License-Identifier: MIT */
#pragma once

/* The processes below /proc (proc(5)): their numbers, names, and one of each namespace. */

#include <sys/types.h>

#include "base/cleanup.h"
#include "base/root.h"

struct processes {
	DIR *dir;
};

#define PROCESS_NAME_MAX 64
/* Room for "/proc/PID/" and a short name. */
#define PROCESS_PATH_MAX 64

/* -errno when /proc cannot be read. */
int processes_open(const struct root *root, struct processes *ret);
int processes_next(struct processes *p, pid_t *ret); /* 1: a process; 0: end */
void processes_close(struct processes *p);

/* /proc/PID/comm; "?" when the process has gone. */
void process_name(const struct root *root, pid_t pid, char ret[static PROCESS_NAME_MAX]);

struct pids {
	pid_t *items;
	size_t n, cap;
};
/*
 * A process in each namespace of a kind ("mnt", "net") but the caller's own. Those whose namespace cannot be read are
 * left out. 0, -ENOMEM.
 */
int processes_of_namespaces(const struct root *root, const char *kind, struct pids *ret);
void pids_done(struct pids *p);

#define _cleanup_processes_ _cleanup_(processes_close)
#define _cleanup_pids_ _cleanup_(pids_done)
