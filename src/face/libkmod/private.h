/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of the ABI face share. The ABI's types hold the rooms' handles; there is no logic here. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "read/conf/policy.h"
#include "read/index/catalog.h"
#include "system/sys.h"
#include "face/libkmod/libkmod.h"
#include "face/libkmod/export.h"
#include "face/libkmod/list.h"

typedef void (*kmod_log_fn)(void *log_data, int priority, const char *file, int line, const char *fn,
			    const char *format, va_list args);

/* A configuration path that existed when the context was made. */
struct config_stamp {
	char *path;
	struct timespec mtime;
};

struct kmod_ctx {
	unsigned refs;
	struct sys sys; /* its diag: sink is log_fn, max_level the log priority */
	kmod_log_fn log_fn;
	void *log_data;
	void *userdata;
	char *dirname;
	struct policy *policy;
	struct catalog *catalog;
	bool resources; /* kmod_load_resources() is in effect */
	struct config_stamp *stamps;
	size_t n_stamps;
	struct map modules; /* key -> struct kmod_module; borrowed, an object removes itself */
};

/*
 * The indexes for one look-up: without loaded resources they must be those on disk at this moment.
 * Strings borrowed from the catalog are valid until the next call.
 */
const struct catalog *ctx_catalog(const struct kmod_ctx *ctx);

/* A message of the library's own, in the wording of kmod. */
#define ctx_log(ctx, level, code, ...) \
	diag_report(&((struct kmod_ctx *)(uintptr_t)(ctx))->sys.diag, level, code, NULL, 0, __VA_ARGS__)
