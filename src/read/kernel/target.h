/* SPDX-License-Identifier: MIT */
#pragma once

/* A kernel whose rules count: the running one, or another that was named. */

#include "read/kernel/kconfig.h"
#include "read/kernel/rings.h"

struct kernel_target {
	unsigned version;                     /* 100 * major + minor */
	struct kconfig config;                /* with ->error it is not at hand, and the version decides */
	const struct keyring_access *keyring; /* of the running kernel, which can be asked; NULL: it is another one */
};
