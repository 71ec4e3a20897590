/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The machine as every room sees it: a directory that stands for "/", the system calls on modules and on key rings, and
 * where messages go. Tests replace each of them. Nothing uses a global instead.
 */

#include "base/diag.h"
#include "base/root.h"
#include "read/kernel/calls.h"
#include "read/kernel/rings.h"

struct sys {
	struct root root;                     /* stands for "/" */
	const struct kernel *kernel;          /* system calls on modules */
	const struct keyring_access *keyring; /* system calls on key rings; NULL: not available */
	struct diag diag;                     /* the face sets it up, and may change max_level */
};

#define sys_error(sys, code, ...) diag_report(&(sys)->diag, LOG_ERR, code, NULL, 0, __VA_ARGS__)
#define sys_warning(sys, code, ...) diag_report(&(sys)->diag, LOG_WARNING, code, NULL, 0, __VA_ARGS__)
#define sys_notice(sys, code, ...) diag_report(&(sys)->diag, LOG_NOTICE, code, NULL, 0, __VA_ARGS__)
