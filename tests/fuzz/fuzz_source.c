// SPDX-License-Identifier: MIT
/*
 * A module file read part by part, against the same bytes in memory: every fetch gives the same bytes or the same
 * error, whatever was fetched before. The input is a number of fetches, their places and lengths, and the file.
 */
#include <fcntl.h>
#include <sys/mman.h>

#include "scratch.h"

#include "base/span.h"
#include "read/image/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FETCHES_MAX 32u
#define FETCH_SIZE 8u
#define EXACT 0x80 /* of the first octet: the file is no longer than its bytes */
#define LONG ((size_t)80 << 10)
#define ZEROS 1024

/*
 * The rest of a long file: zeros, and then noise. A damaged gzip file may end in a block in which zeros are the longest
 * repetition: 80 KiB of them unpack to 80 MiB.
 */
static const uint8_t *filling(void)
{
	static uint8_t bytes[LONG];
	uint32_t state = 1;

	for (size_t i = ZEROS; i < LONG && !bytes[LONG - 1]; i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(state >> 24) | 1;
	}
	return bytes;
}

/* A file in memory, made once; it holds the bytes now. */
static const char *file_of(struct span bytes)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("module", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, bytes.p, bytes.n, 0) != (ssize_t)bytes.n)
		abort();
	return path;
}

static void compare_fetch(struct source *file, struct source *memory, uint64_t off, uint64_t len)
{
	struct span a, b;
	int r = source_fetch(file, off, len, &a), q = source_fetch(memory, off, len, &b);

	if (r != q || (r == 0 && !span_eq(a, b)))
		abort();
}

static void compare(struct source *file, struct source *memory, struct span fetches)
{
	uint64_t size = 0, also = 0;

	while (fetches.n) {
		compare_fetch(file, memory, load_le32(fetches.p), load_le32(fetches.p + 4));
		fetches = span_of(fetches.p + FETCH_SIZE, fetches.n - FETCH_SIZE);
	}
	if (source_size(file, &size) < 0 || source_size(memory, &also) < 0 || size != also ||
	    source_codec(file) != source_codec(memory))
		abort();
	compare_fetch(file, memory, 0, size);
	compare_fetch(file, memory, size, 0);
	compare_fetch(file, memory, size, 1);
	compare_fetch(file, memory, 1, UINT64_MAX);
	compare_fetch(file, memory, UINT64_MAX, 1);
}

static void run(struct span bytes, size_t at_least, struct span fetches, bool lazy)
{
	size_t n = bytes.n < at_least ? at_least : bytes.n;
	_cleanup_free_ uint8_t *copy = malloc(n ? n : 1);
	const struct root root = ROOT_REAL;
	const char *path;
	struct source *file, *memory;
	int r, q, unpacked = 0;
	uint64_t size;

	if (!copy)
		return;
	if (bytes.n)
		memcpy(copy, bytes.p, bytes.n);
	if (bytes.n < n)
		memcpy(copy + bytes.n, filling(), n - bytes.n);
	path = file_of(span_of(copy, n));
	q = source_open_span(span_of(copy, n), path, NULL, &memory);
	r = lazy ? source_open_lazy(&root, path, NULL, &file) : source_open(&root, path, NULL, NULL, &file);
	if (r == 0 && lazy)
		unpacked = source_size(file, &size);
	if (r == 0 && q == 0 && unpacked == 0)
		compare(file, memory, fetches);
	else if (n >= 6 && (r ? r : unpacked) != q)
		abort();
	if (r == 0)
		source_close(file);
	if (q == 0)
		source_close(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t fetches = size ? (data[0] % FETCHES_MAX) * FETCH_SIZE : 0;

	if (size > 4096 || size < 1 + fetches)
		return 0;
	for (int lazy = 0; lazy <= 1; lazy++)
		run(span_of(data + 1 + fetches, size - 1 - fetches), data[0] & EXACT ? 0 : LONG,
		    span_of(data + 1, fetches), lazy);
	return 0;
}
