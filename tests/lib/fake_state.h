/* SPDX-License-Identifier: MIT */
#pragma once

/* The state of the fake kernel: /proc/modules is the truth, /sys/module follows it. */

#include <stdbool.h>
#include <stdint.h>

#include "base/root.h"
#include "base/vec.h"
#include "read/kernel/live.h"

struct fake_module {
	char *name;
	uint64_t size;
	int64_t refcnt;
	bool has_refcnt, permanent;
	char *taint;
	enum live_state state;
	struct strv users;
};

struct fake_state {
	struct fake_module *items; /* in /proc/modules order */
	size_t n, cap;
};

int fake_state_read(const struct root *root, struct fake_state *ret);
int fake_state_write(const struct root *root, const struct fake_state *l); /* /proc/modules */
void fake_state_done(struct fake_state *l);
struct fake_module *fake_state_find(struct fake_state *l, const char *name);

/* Makes the directories of modules that have none. */
int fake_state_sync(const struct root *root);
/* user now uses m: count, list, holders. */
int fake_state_use(const struct root *root, struct fake_module *m, const char *user);
/* A new first module, which the list then owns. */
int fake_state_add(const struct root *root, struct fake_state *l, const struct fake_module *m);
/* m, of l, goes, and is no longer a user of others. */
int fake_state_remove(const struct root *root, struct fake_state *l, struct fake_module *m);
/* DIR/sys/module/NAME/ATTRIBUTE */
int fake_put_attribute(const struct root *root, const char *name, const char *attribute, const char *text);
