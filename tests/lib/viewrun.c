// SPDX-License-Identifier: MIT
/*
 * viewrun DIR PROGRAM [ARGUMENT...]: a program with DIR's files in place of the machine's, as under supervise, but on the
 * real kernel. What it does outside of DIR is gone when it ends.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/fake_view.h"

int main(int argc, char **argv)
{
	_cleanup_buf_ struct buf where = BUF_INIT;
	int r = argc < 3 ? -EINVAL : fake_view_enter(argv[1], &where);

	if (r == 0)
		execvp(argv[2], argv + 2);
	fprintf(stderr, "viewrun: %s: %s\n", r < 0 ? buf_str(&where) : argv[2], strerror(r < 0 ? -r : errno));
	return 70;
}
