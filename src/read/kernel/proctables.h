/* SPDX-License-Identifier: MIT */
#pragma once

/* Tables of /proc that show how modules are used: crypto, net/protocols, swaps, devices. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/root.h"

/* /proc/crypto: one algorithm. A reference count of 1 is the registration itself. */
struct crypto_alg {
	const char *name, *driver, *module; /* module: "kernel" for what is built in */
	uint32_t refcnt;
};

/* /proc/net/protocols, summed up over all network namespaces. */
struct socket_protocol {
	const char *name, *module;
	uint32_t sockets;
};

/* /proc/swaps */
struct swap_area {
	const char *path;
	bool is_file; /* in a file system; else a block device */
};

/* /proc/devices */
struct device_major {
	const char *name;
	uint32_t major;
	bool block;
};

#define PROC_TABLE(name, type)                                                                   \
	struct name {                                                                            \
		struct type *items;                                                              \
		size_t n, cap;                                                                   \
		struct arena strings;                                                            \
	};                                                                                       \
	/* Adds the rows of a text, which is changed; damaged ones are skipped. 0 or -ENOMEM. */ \
	int name##_parse(char *text, struct name *into);                                         \
	/* 0, -ENOMEM, -errno when it cannot be read. */                                         \
	int name##_read(const struct root *root, struct name *ret);                              \
	void name##_done(struct name *t)

PROC_TABLE(crypto_algs, crypto_alg);
PROC_TABLE(socket_protocols, socket_protocol);
PROC_TABLE(swap_areas, swap_area);
PROC_TABLE(device_majors, device_major);
#undef PROC_TABLE

#define _cleanup_crypto_algs_ _cleanup_(crypto_algs_done)
#define _cleanup_socket_protocols_ _cleanup_(socket_protocols_done)
#define _cleanup_swap_areas_ _cleanup_(swap_areas_done)
#define _cleanup_device_majors_ _cleanup_(device_majors_done)
