/* SPDX-License-Identifier: MIT */
#pragma once

/* What every act on the running kernel needs. */

#include "base/diag.h"
#include "base/root.h"
#include "read/kernel/calls.h"

struct load_env {
	const struct root *root;
	const struct kernel *kernel;
	struct diag *diag;
};
