// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "verb/boot/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is written as a line that says the same when it is read. */
static void read_back(const struct boot_record *r)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	struct boot_record again;

	if (boot_record_add(&line, r) < 0)
		return;
	line.p[line.n - 1] = '\0';
	if (boot_record_parse(line.p, &again) < 0 || again.start != r->start || again.end != r->end ||
	    again.error != r->error)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = span_dup(span_of(data, size));
	struct boot_record r;

	if (line && boot_record_parse(line, &r) == 0)
		read_back(&r);
	free(line);
	return 0;
}
