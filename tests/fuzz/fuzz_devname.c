// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "base/cleanup.h"
#include "read/index/devname.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *data, const char *line _unused_)
{
	++*(size_t *)data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(devname_done) struct devname d = { 0 };
	size_t bad = 0;

	if (devname_parse(span_of(data, size), count, &bad, &d) < 0)
		return 0;
	if (bad != d.bad)
		abort();
	for (size_t i = 0; i < d.n; i++)
		if (!d.items[i].module[0] || d.items[i].device[0] == '/' || strstr(d.items[i].device, "/../"))
			abort();
	return 0;
}
