// SPDX-License-Identifier: MIT
#include "act/sign/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <openssl/crypto.h>

#include "base/fileio.h"

static void *plain_malloc(size_t n, const char *file _unused_, int line _unused_)
{
	return malloc(n);
}

static void wiping_free(void *p, const char *file _unused_, int line _unused_)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

static void *wiping_realloc(void *p, size_t n, const char *file, int line)
{
	size_t had = p ? malloc_usable_size(p) : 0;
	void *fresh;

	if (had >= n && p && n)
		return p;
	fresh = n ? malloc(n) : NULL;
	if (n && !fresh)
		return NULL;
	if (fresh && had)
		memcpy(fresh, p, had < n ? had : n);
	wiping_free(p, file, line);
	return fresh;
}

bool secret_protect(void)
{
	const struct rlimit no_core = { 0, 0 };

	/* The limit does not count where cores go to a program (core(5)). This also keeps other processes away. */
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return CRYPTO_set_mem_functions(plain_malloc, wiping_realloc, wiping_free) == 1;
}

int secret_init(struct buf *b)
{
	*b = BUF_INIT;
	return buf_reserve(b, SECRET_MAX + 1);
}

void secret_done(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	buf_done(b);
}

int secret_read(const struct root *root, const char *path, struct buf *into)
{
	_cleanup_close_ int fd = file_open_any(root, path);

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t n = fd_read_some(fd, into->p + into->n, SECRET_MAX + 1 - into->n);

		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		into->n += (size_t)n;
		if (into->n > SECRET_MAX)
			return -EFBIG;
	}
	into->p[into->n] = '\0';
	return into->n == 0 && fd_is_fifo(fd) ? -ESPIPE : 0;
}
