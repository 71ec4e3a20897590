/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The modules of the running kernel: /proc/modules and /sys/module (proc(5), Documentation/ABI/testing/sysfs-module).
 * A line of /proc/modules is `NAME SIZE REFCNT USERS STATE ADDRESS [(TAINT)]`; USERS is `-` or names that each end
 * in a comma, `[permanent],` among them; inside the brackets of TAINT a `+` or `-` stands for coming and going.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/root.h"
#include "base/span.h"
#include "base/vec.h"

enum live_state {
	LIVE_ABSENT = -1,
	LIVE_BUILTIN = 0,
	LIVE_LIVE = 1,
	LIVE_COMING = 2,
	LIVE_GOING = 3
}; /* values as the ABI's initstate */

struct live_module {
	const char *name;
	uint64_t size;   /* bytes */
	int64_t refcnt;  /* -1: the kernel cannot unload, or the module is being unloaded */
	bool has_refcnt; /* false: this kernel keeps none, because it cannot unload */
	enum live_state state;
	const char *const *users; /* "Used by" in /proc/modules order */
	size_t n_users;
	bool permanent;    /* no exit function */
	const char *taint; /* letters such as "OE", "" if none */
	uint64_t address;  /* 0 when hidden */
};

struct live;

/*
 * One consistent snapshot. The kernel returns /proc/modules in pieces of a page, and only each piece by itself is
 * consistent; so a list of several pieces is read again until two readings agree. -EAGAIN when it keeps changing,
 * else -errno when it cannot be read. Damaged lines are reported and left out.
 */
int live_read(const struct root *root, struct diag *diag, struct live **ret);
/* The same from bytes, which are copied. label names them in messages. */
int live_parse(struct span text, const char *label, struct diag *diag, struct live **ret);
void live_free(struct live *l);
size_t live_count(const struct live *l);
size_t live_damaged(const struct live *l); /* lines that were left out */
const struct live_module *live_get(const struct live *l, size_t i);
const struct live_module *live_find(const struct live *l, const char *name); /* normalized name; NULL: not loaded */

/*
 * Single queries, which read /sys/module when they are called (docs/formats/sysfs.md). name is normalized; one that
 * cannot be the name of a directory entry counts as not loaded. Nothing is reported.
 */
int live_state_of(const struct root *root, const char *name,
		  enum live_state *ret); /* never LIVE_BUILTIN; LIVE_ABSENT when not there */
bool live_is_live(const struct root *root,
		  const char *name); /* one call cheaper than the state, for a module that is not there */
int live_refcnt_of(const struct root *root, const char *name,
		   int *ret); /* -ENOENT: not there, or the kernel cannot unload */
int live_size_of(const struct root *root, const char *name, int64_t *ret);
int live_holders_of(const struct root *root, const char *name,
		    struct strv *ret); /* directory order; ret starts empty */

/* "live", "coming", "going", "builtin"; NULL for LIVE_ABSENT. */
const char *live_state_name(enum live_state state);

/* The word of /sys/module/compression ("xz"), "" when the kernel cannot unpack. */
void live_compression(const struct root *root, char *ret, size_t cap);

DEFINE_CLEANUP(struct live *, live_free)
