// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "read/kernel/loadtimes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, const struct loadtime *t)
{
	const uint8_t *from = (const uint8_t *)text, *to = from + strlen(text);

	if (t->module.n == 0 || t->module.p < from || t->module.p + t->module.n > to)
		abort();
	if (t->process.n && (t->process.p < from || t->process.p + t->process.n > to))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = span_dup(span_of(data, size));
	struct loadtime t;

	if (!text)
		return 0;
	if (loadtime_of_log(text, &t))
		check(text, &t);
	if (loadtime_of_trace(text, &t))
		check(text, &t);
	free(text);
	return 0;
}
