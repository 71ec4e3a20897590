/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of `kmodctl reload` share: this room and face/kmodctl/reload.c. */

#include "base/json.h"
#include "verb/users/users.h"
#include "read/kernel/devices.h"
#include "read/kernel/settings.h"
#include "decide/plan/plan.h"
#include "system/system.h"

/* One module that is unloaded and loaded again, and its state before. */
struct reload_module {
	const char *name; /* owned by the plan */
	const struct plan_step *removal;
	struct settings before;
	struct strv restorable; /* parameters whose values can be restored */
	struct strv unknown;    /* parameters whose values the kernel does not show */
	struct bound_devices devices;
	bool removed, loaded_again;
};

struct reload {
	struct sys *sys;
	struct running *running;
	const char *given;             /* new options, joined */
	struct plan plan;              /* the removal */
	struct reload_module *modules; /* in order of removal; the requested one is the last */
	size_t n;
	struct strv interfaces; /* that were up and depend on these modules */
	struct strv obstacles;  /* uses that do not end by unloading other modules, options that the module does not
				   take: one line each */
};

/* ---- state.c: reads, and decides ---- */

/* Reads everything of the module and its holders. 0; obstacles lists what stands in the way. -errno, reported. */
int reload_prepare(struct reload *x, const char *name);
void reload_done(struct reload *x);
/*
 * Devices that were bound and interfaces that were up, and are not now: one line each. Waits a moment for slow
 * drivers.
 */
int reload_find_losses(const struct reload *x, struct strv *lines);
/* Parameters of modules that came back whose values differ from before: one line each. */
int reload_find_changes(const struct reload *x, struct strv *lines);

/* ---- run.c: acts ---- */

enum reload_result {
	RELOAD_OK,
	RELOAD_RESTORED, /* failed, and everything is as it was */
	RELOAD_BROKEN,   /* failed, and not everything could be restored; reported */
};
enum reload_result reload_carry_out(struct reload *x);
/*
 * Of a module that is loaded again: the parameters that can be restored and differ from before. Appends
 * "NAME=VALUE".
 */
int reload_differences(const struct reload_module *m, const struct settings *now, struct strv *ret);
/* The steps of loading a module with these options on top of the configured ones. */
int reload_plan_load(const struct reload *x, const char *name, const char *extra, bool even_loaded, struct plan *ret);
