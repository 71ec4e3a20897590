// SPDX-License-Identifier: MIT
/* Modules that are found have names, and a pattern for kernels stands on a line of the text. */
#include <stdlib.h>

#include "read/conf/dkms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dkms_conf c;
	unsigned lines = 1;

	if (dkms_conf_read(span_of(data, size), "6.1.0", &c) < 0)
		return 0;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	if ((c.kernels && (!c.kernels_line || c.kernels_line > lines)) || (c.state == DKMS_NAMES && !c.modules.n))
		abort();
	for (size_t i = 0; i < c.modules.n; i++)
		if (!*c.modules.items[i])
			abort();
	dkms_conf_takes(&c, "6.1.0-13-amd64");
	dkms_conf_done(&c);
	return 0;
}
