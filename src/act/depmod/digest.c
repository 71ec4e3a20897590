// SPDX-License-Identifier: MIT
#include "act/depmod/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* How much of a file is read at once: little enough for the processor's cache and a thread's stack. */
#define CHUNK ((size_t)32 << 10)

#define DIGEST_LANES 4
#define DIGEST_STEP (DIGEST_LANES * sizeof(uint64_t))

struct digest {
	uint64_t lanes[DIGEST_LANES];
	uint64_t n; /* bytes so far */
};

_Static_assert(CHUNK % DIGEST_STEP == 0, "only the last piece of a file may be uneven");

/* One to one in each of its arguments while the other stays. */
static uint64_t mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * UINT64_C(0xff51afd7ed558ccd);
	return h ^ h >> 32;
}

static void digest_init(struct digest *d)
{
	*d = (struct digest){ .n = 0 };
	for (unsigned i = 0; i < DIGEST_LANES; i++)
		d->lanes[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
}

static void add_step(struct digest *d, const uint8_t *p)
{
	for (unsigned i = 0; i < DIGEST_LANES; i++)
		d->lanes[i] = mix(d->lanes[i], load_le64(p + i * sizeof(uint64_t)));
}

/* n: a multiple of DIGEST_STEP, except in the last call. */
static void digest_add(struct digest *d, const void *p, size_t n)
{
	uint8_t last[DIGEST_STEP] = { 0 };
	const uint8_t *at = p;

	d->n += n;
	for (; n >= DIGEST_STEP; at += DIGEST_STEP, n -= DIGEST_STEP)
		add_step(d, at);
	if (!n)
		return;
	memcpy(last, at, n);
	add_step(d, last);
}

static uint64_t digest_value(const struct digest *d)
{
	uint64_t h = d->n;

	for (unsigned i = 0; i < DIGEST_LANES; i++)
		h = mix(h, d->lanes[i]);
	return h ^ h >> 29;
}

uint64_t digest_of(struct span bytes)
{
	struct digest d;

	digest_init(&d);
	if (bytes.n)
		digest_add(&d, bytes.p, bytes.n);
	return digest_value(&d);
}

/* As many bytes as there are, up to CHUNK. -errno */
static ssize_t read_chunk(int fd, uint8_t *into)
{
	size_t n = 0;

	while (n < CHUNK) {
		ssize_t r = read(fd, into + n, CHUNK - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	return (ssize_t)n;
}

int digest_of_file(int dir_fd, const char *name, uint64_t *ret)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	uint8_t chunk[CHUNK];
	struct digest d;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	digest_init(&d);
	do {
		n = read_chunk(fd, chunk);
		if (n < 0)
			return (int)n;
		digest_add(&d, chunk, (size_t)n);
	} while (n == (ssize_t)CHUNK);
	*ret = digest_value(&d);
	return 0;
}
