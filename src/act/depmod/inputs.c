// SPDX-License-Identifier: MIT
#include "act/depmod/inputs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/fileio.h"

#define INPUT_MAX ((size_t)64 << 20)

const char *input_name(enum input_id id)
{
	static const char *const names[] = {
		[INPUT_ORDER] = "modules.order",
		[INPUT_BUILTIN] = "modules.builtin",
		[INPUT_BUILTIN_MODINFO] = "modules.builtin.modinfo",
	};

	return names[id];
}

bool input_counts_as_missing(int error, bool strict)
{
	switch (error) {
	case -ENOENT:
		return true;
	case -EACCES:
	case -EPERM:
	case -ELOOP:
	case -ENOTDIR:
	case -EISDIR:
	case -EINVAL: /* a pipe or a device */
		return !strict;
	default:
		return false;
	}
}

void inputs_read(const struct root *root, const char *dir, struct input inputs[static INPUTS])
{
	char path[PATH_MAX];

	for (int i = 0; i < INPUTS; i++) {
		int n = snprintf(path, sizeof(path), "%s/%s", dir, input_name((enum input_id)i));

		inputs[i].error = n < 0 || n >= PATH_MAX ? -ENAMETOOLONG :
							   file_read_regular(root, path, INPUT_MAX, &inputs[i].text);
	}
}

void inputs_done(struct input inputs[static INPUTS])
{
	for (int i = 0; i < INPUTS; i++)
		buf_done(&inputs[i].text);
}
