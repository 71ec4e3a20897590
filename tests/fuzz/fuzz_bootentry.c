// SPDX-License-Identifier: MIT
/* Load options of the firmware: what comes out is a path without separators in a row, or nothing. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "read/efi/bootentry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_boot_entry_ struct boot_entry e = { 0 };

	if (boot_entry_parse(span_of(data, size), &e) < 0) {
		assert(!e.file && !e.has_partition);
		return 0;
	}
	if (e.file) {
		assert(e.file[0] == '/' && !strstr(e.file, "//"));
		for (const char *s = e.file; *s; s++)
			assert(*s >= ' ' && *s < 0x7f && *s != '\\');
	}
	return 0;
}
