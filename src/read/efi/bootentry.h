/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The boot entry that the firmware started: BootCurrent and the load option Boot#### it names (UEFI 2.10, 3.1.3),
 * whose device path gives partition and file (10.3).
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "base/span.h"
#include "read/efi/guid.h"

struct boot_entry {
	bool has_partition;
	struct efi_guid partition; /* of a GPT: the unique GUID of the partition */
	char *file;                /* "/EFI/debian/shimx64.efi"; NULL: none is named, the firmware uses its default */
};

/* The content of Boot####. Non-ASCII characters of the file's name become '?'. 0, -EBADMSG or -ENOMEM. */
int boot_entry_parse(struct span option, struct boot_entry *ret);
/* 0, -ENOENT: the firmware does not report which entry it was, -EBADMSG, or why it cannot be read. */
int boot_entry_current(const struct root *root, struct boot_entry *ret);
void boot_entry_done(struct boot_entry *e);

#define _cleanup_boot_entry_ _cleanup_(boot_entry_done)
