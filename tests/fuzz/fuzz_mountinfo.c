// SPDX-License-Identifier: MIT
/* /proc/PID/mountinfo of arbitrary bytes: mount points are chosen by users. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "read/kernel/mounts.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_mounts_ struct mounts m = { 0 };
	char *text = fuzz_text(data, size);

	if (!text || mounts_parse(text, 0, &m) < 0)
		abort();
	for (size_t i = 0; i < m.n; i++)
		if (!m.items[i].target || strlen(m.items[i].target) > size || strlen(m.items[i].source) > size)
			abort();
	free(text);
	return 0;
}
