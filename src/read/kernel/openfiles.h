/* SPDX-License-Identifier: MIT */
#pragma once

/* Device nodes and sockets that processes hold open: /proc/PID/fd (proc(5)). */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/root.h"

enum open_kind { OPEN_CHAR, OPEN_BLOCK, OPEN_SOCKET };

struct open_file {
	enum open_kind kind;
	pid_t pid;
	const char *process; /* its name */
	dev_t device;        /* 0 for sockets */
	const char *name;    /* the node's path, or the protocol as /proc/net/protocols names it */
	unsigned count;      /* descriptors of this process */
};

struct open_files {
	struct open_file *items;
	size_t n, cap;
	struct arena strings;
	bool complete; /* no process was withheld from the caller */
};

#define OPEN_NAME_MAX 64

/* A directory alone does not say what a descriptor is, so tests supply these functions. */
struct open_probe {
	/* 1: a device node, 0: something else, -errno */
	int (*device)(const struct root *root, const char *path, bool *ret_block, dev_t *ret);
	/* The socket's protocol (extended attribute system.sockprotoname). -errno */
	int (*protocol)(const struct root *root, const char *path, char ret[static OPEN_NAME_MAX]);
};
extern const struct open_probe open_probe_real;

/* 0, -ENOMEM, or -errno when /proc cannot be read. Processes that exit meanwhile are left out. */
int open_files_read(const struct root *root, const struct open_probe *probe, struct open_files *ret);
void open_files_done(struct open_files *f);

#define _cleanup_open_files_ _cleanup_(open_files_done)
