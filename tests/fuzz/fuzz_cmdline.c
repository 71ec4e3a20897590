// SPDX-License-Identifier: MIT
/* A kernel command line of arbitrary bytes. */
#include <stdlib.h>

#include "read/conf/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_cmdline_ struct cmdline c;
	struct cmdline_item item;
	size_t total = 0;

	cmdline_init(&c, span_of(data, size));
	while (cmdline_next(&c, &item) > 0) {
		/* Nothing is made up: the text of all items together is no longer than the line. */
		total += strlen(item.module) + strlen(item.param) + (item.value ? strlen(item.value) : 0);
		if (total > size || strpbrk(item.module, "=\".") || strpbrk(item.param, "=\"."))
			abort();
	}
	return 0;
}
