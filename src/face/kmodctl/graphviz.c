// SPDX-License-Identifier: MIT
#include "face/kmodctl/graphviz.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/program.h"
#include "base/spawn.h"

/* The text in a file without a name, to be read from its beginning. A descriptor, or -errno. */
static int file_of(const struct buf *text)
{
	_cleanup_close_ int fd = memfd_create("dot", MFD_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = fd_write_all(fd, text->p, text->n);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? r : take_fd(&fd);
}

int graphviz_draw(const struct root *root, const struct buf *graph, int out, struct buf *problem)
{
	_cleanup_buf_ struct buf program = BUF_INIT;
	_cleanup_close_ int fd = -1;
	int r = program_find(root, "dot", &program), status;

	if (r <= 0)
		return r < 0 ? r : -ENOENT;
	fd = file_of(graph);
	if (fd < 0)
		return fd;
	status = spawn_argv((const char *const[]){ buf_str(&program), "-Tsvg", NULL }, fd, out);
	if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (status < 0)
		buf_addf(problem, "could not run %s: %s", buf_str(&program), strerror(-status));
	else if (WIFEXITED(status))
		buf_addf(problem, "%s failed with status %d", buf_str(&program), WEXITSTATUS(status));
	else
		buf_addf(problem, "%s was ended by signal %d", buf_str(&program), WTERMSIG(status));
	return buf_error(problem) < 0 ? buf_error(problem) : -EIO;
}
