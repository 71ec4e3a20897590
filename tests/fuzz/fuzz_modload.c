// SPDX-License-Identifier: MIT
/* A modules-load.d file, and the same bytes as kernel command line. */
#include <stdbool.h>

#include "scratch.h"

#include "read/conf/modload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is odd in the text is looked for only if somebody wants to hear of it. */
static void read_message(void *data, const struct diag_msg *msg)
{
	(void)data;
	if (!msg->text[0])
		abort();
}

static void read_all(const char *const *files, bool has_lines)
{
	const struct modload_request request = { scratch_root(), files };
	struct diag diag = { read_message, NULL, LOG_WARNING };
	_cleanup_modload_ struct modload m = { 0 };

	if (modload_read(&request, &diag, &m) < 0 || m.error)
		abort();
	for (size_t i = 0; i < m.n; i++)
		if (!m.items[i].name[0] || (m.items[i].line != 0) != has_lines)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *files[] = { "/modload", NULL };

	if (size > 4096)
		return 0;
	scratch_write("modload", data, size);
	read_all(files, true);
	scratch_write("proc/cmdline", data, size);
	read_all(NULL, false);
	return 0;
}
