/* SPDX-License-Identifier: MIT */
#pragma once

/* Reads the part of the machine's state that decides on modules, and where each value was read. */

#include "decide/verdict/machine.h"
#include "read/kernel/lockstate.h"
#include "system/sys.h"

struct machine_reading {
	struct trust_machine machine;
	struct lockstate lock;
	struct kconfig config;
	char release[65];
	char arch[65];          /* as uname(2) says it; not in a small kmod */
	char flavour_text[192]; /* machine.flavour_source and .platform_asked.source point here */
};

/* 0, -ENOMEM, or the error of uname(2). The reading must not be moved. */
int machine_read(struct sys *sys, struct machine_reading *ret);
void machine_reading_done(struct machine_reading *m);

#define _cleanup_machine_reading_ _cleanup_(machine_reading_done)
