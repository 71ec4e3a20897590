/* SPDX-License-Identifier: MIT */
#pragma once

/* The modules of the running kernel: /proc/modules and /sys/module. */

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/root.h"
#include "base/vec.h"

enum live_state { LIVE_ABSENT = -1, LIVE_BUILTIN = 0, LIVE_LIVE = 1, LIVE_COMING = 2, LIVE_GOING = 3 }; /* values as the ABI's initstate */

struct live_module {
	const char *name;
	uint64_t size;       /* bytes */
	int64_t refcnt;      /* -1: the kernel cannot unload */
	enum live_state state;
	const char *const *users; /* "Used by" in /proc/modules order */
	size_t n_users;
	bool permanent;      /* no exit function */
	const char *taint;   /* letters such as "OE", "" if none */
	uint64_t address;    /* 0 when hidden */
};

struct live;

/* One consistent snapshot: a single read of /proc/modules. -errno when it cannot be read; damaged lines are reported and left out. */
int live_read(const struct root *root, struct diag *diag, struct live **ret);
int live_parse(struct span text, const char *label, struct diag *diag, struct live **ret);
void live_free(struct live *l);
size_t live_count(const struct live *l);
const struct live_module *live_get(const struct live *l, size_t i);
const struct live_module *live_find(const struct live *l, const char *name); /* normalised name; NULL: not loaded */

/* Single questions, asked of /sys/module at this moment (kmod-interface.md 5.8). */
int live_state_of(const struct root *root, const char *name, enum live_state *ret); /* never LIVE_BUILTIN; LIVE_ABSENT when not there */
int live_refcnt_of(const struct root *root, const char *name, int *ret);
int live_size_of(const struct root *root, const char *name, int64_t *ret);
int live_holders_of(const struct root *root, const char *name, struct strv *ret);   /* directory order */

/* The word of /sys/module/compression ("xz"), "" when the kernel cannot unpack. */
void live_compression(const struct root *root, char *ret, size_t cap);

DEFINE_CLEANUP(struct live *, live_free)
