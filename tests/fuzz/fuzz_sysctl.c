// SPDX-License-Identifier: MIT
/* A line that is found is one of the text, which then has the key. */
#include <stdlib.h>

#include "read/conf/sysctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if (sysctl_find_line(span_of(data, size), "kernel.modules_disabled") > lines)
		abort();
	if (sysctl_find_line(span_of(data, size), "a") && !memchr(data, 'a', size))
		abort();
	return 0;
}
