// SPDX-License-Identifier: MIT
/*
 * viewrun DIR|--empty PROGRAM [ARGUMENT...]: a program with DIR's files in place of the machine's, as under
 * supervise, but on the real kernel. With --empty there is nothing in those places. What the program does outside of
 * DIR is gone when it ends. Without root, --empty runs it on the machine as it is, and says so.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "lib/fake_view.h"

/* Every machine has it, and it is hidden afterwards. */
#define EMPTY "/run"

static int enter_empty(struct buf *where)
{
	if (geteuid() != 0) {
		fputs("viewrun: not root: the machine's own files stay in view\n", stderr);
		return 0;
	}
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", EMPTY, "tmpfs", 0, "mode=755") < 0) {
		buf_adds(where, EMPTY);
		return -errno;
	}
	return fake_view_enter(EMPTY, where);
}

int main(int argc, char **argv)
{
	_cleanup_buf_ struct buf where = BUF_INIT;
	int r = -EINVAL;

	if (argc >= 3)
		r = strcmp(argv[1], "--empty") == 0 ? enter_empty(&where) : fake_view_enter(argv[1], &where);
	if (r == 0)
		execvp(argv[2], argv + 2);
	fprintf(stderr, "viewrun: %s: %s\n", r < 0 ? buf_str(&where) : argv[2], strerror(r < 0 ? -r : errno));
	return 70;
}
