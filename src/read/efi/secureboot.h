/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Secure Boot as the firmware and shim report it: SecureBoot and SetupMode (UEFI 2.10, 3.3), MokSBStateRT and
 * MokListTrustedRT (shim's MokVars.txt). Each value comes with the place where it was read, or why it could not be.
 */

#include "base/root.h"

enum secureboot_answer { SECUREBOOT_UNKNOWN = -1, SECUREBOOT_NO, SECUREBOOT_YES };

struct secureboot_fact {
	enum secureboot_answer value;
	const char *source; /* a path, or how it was concluded: a constant */
	int error;          /* 0; -errno: why it could not be read, the value is then SECUREBOOT_UNKNOWN */
};

struct secureboot {
	struct secureboot_fact efi;         /* booted by UEFI; -ENODATA: /sys/firmware does not show any firmware */
	struct secureboot_fact secure_boot; /* the firmware enforces it: SecureBoot 1 and SetupMode 0 */
	struct secureboot_fact setup_mode;
	struct secureboot_fact shim_validation; /* shim checks what it starts */
	struct secureboot_fact mok_trusted;     /* shim lets the kernel trust the MOK list */
	struct secureboot_fact shim;            /* booted through it: it published its lists */
};

/* Did shim publish any of its lists, as variables or in its table? */
bool secureboot_through_shim(const struct root *root);

void secureboot_read(const struct root *root, struct secureboot *ret);
