/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a person wants to know of one module: what it is for, whether it is loaded or why not, where it comes from,
 * which devices it serves, what it needs and who needs it, its parameters and its signature.
 */

#include "base/arena.h"
#include "decide/plan/resolve.h"
#include "system/module.h"
#include "verb/hardware/hardware.h"
#include "verb/info/owner.h"
#include "verb/params/params.h"
#include "verb/why/firmware.h"
#include "verb/why/query.h"

struct info {
	const char *name;
	const char *path; /* NULL: built in, or none known */
	bool builtin;
	enum live_state state;
	int64_t refcnt;               /* of what is loaded; -1: not known, or not loaded */
	uint64_t size;                /* of the file; 0: not known */
	struct modinfo_subject facts; /* of the file, or of modules.builtin.modinfo */
	int error;                    /* -errno: why the file could not be read */
	const char *place;            /* first directory below that of the release: "kernel", "updates"; NULL */
	enum owner_answer owner;
	const char *package; /* of OWNER_PACKAGE */
	const char *dkms;    /* "NAME/VERSION" that DKMS has built for this kernel, beside kernel/; NULL */
	const struct hardware_device **devices; /* whose modalias leads to it */
	size_t n_devices;
	int devices_error;               /* -errno: why the devices are not known */
	struct strv needs;               /* by modules.dep, directly and not */
	struct strv before, after, weak; /* softdeps and weakdeps */
	struct firmware_files firmware;
	struct strv users;     /* loaded modules that use it now */
	struct strv needed_by; /* installed modules whose line of modules.dep has it */
	struct settings settings;
	struct params params;
	struct why found;    /* all that why knows */
	const char *verdict; /* of why, one line */
	struct arena strings;
};

/*
 * The hardware is that of the machine, read once for several modules, and outlives the result, as the candidate does.
 * 0, -ENOMEM; a file that cannot be read leaves its facts out.
 */
int info_read(const struct why_query *q, const struct candidate *c, const struct hardware *hardware, struct info *ret);
void info_done(struct info *i);

#define _cleanup_info_ _cleanup_(info_done)
