/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "system/sys.h"

struct remove_options {
	bool force;
	unsigned wait_ms; /* retry while the module is in use, until this much time was slept */
};

/* 0 or the kernel's -errno (-ENOENT, -EEXIST: already gone). Does not report. */
int remove_module(const struct sys *sys, const char *name, const struct remove_options *o);
