/* SPDX-License-Identifier: MIT */
#pragma once

/* Looks for mistakes in what is configured: modprobe.d(5), modules-load.d(5), depmod.d(5), the kernel command line. */

#include "system/sys.h"
#include "verb/config/lint_finding.h"

/* release, is_other_machine: as of config_open(). 0 or -errno, reported. */
int lint_config(struct sys *sys, const char *release, bool is_other_machine, struct lint *ret);
