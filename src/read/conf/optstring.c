// SPDX-License-Identifier: MIT
#include "read/conf/optstring.h"

#include <string.h>

static void add_argument(const char *arg, struct buf *into)
{
	const char *value = strchr(arg, '=');

	if (value && value[1] != '"' && value[1] != '\'' && strchr(value + 1, ' '))
		buf_addf(into, "%.*s=\"%s\"", (int)(value - arg), arg, value + 1);
	else
		buf_adds(into, arg);
}

int module_args_join(int argc, char *const *argv, struct buf *into)
{
	size_t start = into->n;

	for (int i = 0; i < argc; i++) {
		if (into->n > start)
			buf_addc(into, ' ');
		add_argument(argv[i], into);
	}
	return buf_error(into);
}
