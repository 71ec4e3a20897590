// SPDX-License-Identifier: MIT
#include "base/program.h"

#include <errno.h>

int program_find(const struct root *root, const char *name, struct buf *ret)
{
	static const char *const directories[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

	for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
		buf_clear(ret);
		if (buf_addf(ret, "%s/%s", directories[i], name) < 0)
			return -ENOMEM;
		if (root_exists(root, buf_str(ret)))
			return 1;
	}
	return 0;
}

bool program_is_installed(const struct root *root, const char *name)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	return program_find(root, name, &path) > 0;
}
