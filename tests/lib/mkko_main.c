// SPDX-License-Identifier: MIT
/* mkko RECIPE OUTPUT: writes the module file of a recipe (`-`: standard input). See mkko.h. */
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/replace.h"
#include "mkko.h"

#define RECIPE_MAX ((size_t)1 << 20)

int main(int argc, char **argv)
{
	const struct root root = ROOT_REAL;
	_cleanup_buf_ struct buf recipe = BUF_INIT, file = BUF_INIT;
	int r;

	if (argc != 3) {
		fputs("usage: mkko RECIPE|- OUTPUT\n", stderr);
		return 1;
	}
	r = strcmp(argv[1], "-") == 0 ? fd_read(0, RECIPE_MAX, &recipe) :
					file_read(&root, argv[1], RECIPE_MAX, &recipe);
	if (r == 0)
		r = mkko_build(buf_str(&recipe), &file);
	if (r == 0)
		r = file_replace(&root, argv[2], buf_span(&file), 0644);
	if (r < 0)
		fprintf(stderr, "mkko: %s: %s\n", argv[1], strerror(-r));
	return r < 0;
}
