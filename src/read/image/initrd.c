// SPDX-License-Identifier: MIT
#include "read/image/initrd.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "read/image/codec.h"

#define MAGIC_LEN 6
#define HEAD_LEN 110
#define FIELD_LEN 8
#define TRAILER "TRAILER!!!"

/* Numbers of the fields behind the magic number. */
enum field { FIELD_MODE = 1, FIELD_NLINK = 4, FIELD_SIZE = 6, FIELD_NAME_SIZE = 11 };

struct walk {
	int (*visit)(void *data, const struct initrd_file *file);
	void *data;
};

static bool is_archive(struct span s)
{
	return span_starts(s, "070701", MAGIC_LEN) || span_starts(s, "070702", MAGIC_LEN);
}

static int digit_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -EINVAL;
}

/* Eight hexadecimal digits of a header. */
static int read_field(struct span head, enum field which, uint32_t *ret)
{
	const uint8_t *p = head.p + MAGIC_LEN + (size_t)which * FIELD_LEN;
	uint32_t value = 0;

	for (size_t i = 0; i < FIELD_LEN; i++) {
		int digit = digit_value(p[i]);

		if (digit < 0)
			return digit;
		value = value << 4 | (uint32_t)digit;
	}
	*ret = value;
	return 0;
}

/* Headers and contents begin at multiples of four, counted from the beginning of the archive. */
static int skip_padding(struct span all, struct span *rest)
{
	size_t at = all.n - rest->n, gap = -at & 3;
	struct span ignored;

	return span_take(rest, gap < rest->n ? gap : rest->n, &ignored);
}

/* 1: a file; 0: the trailer; -EINVAL. */
static int next_file(struct span all, struct span *rest, struct initrd_file *ret)
{
	struct span head, name, content;
	uint32_t mode, links, size, name_size;

	if (!is_archive(*rest) || span_take(rest, HEAD_LEN, &head) < 0 || read_field(head, FIELD_MODE, &mode) < 0 ||
	    read_field(head, FIELD_NLINK, &links) < 0 || read_field(head, FIELD_SIZE, &size) < 0 ||
	    read_field(head, FIELD_NAME_SIZE, &name_size) < 0)
		return -EINVAL;
	if (name_size == 0 || span_take(rest, name_size, &name) < 0 || name.p[name.n - 1] != '\0' ||
	    skip_padding(all, rest) < 0 || span_take(rest, size, &content) < 0 || skip_padding(all, rest) < 0)
		return -EINVAL;
	name.n--;
	*ret = (struct initrd_file){ name, content, mode, S_ISREG(mode) && links > 1 && size == 0 };
	return !span_is(name, TRAILER);
}

/* One archive at the beginning of *rest, which moves past it. */
static int walk_archive(const struct walk *w, struct span *rest)
{
	const struct span all = *rest;
	struct initrd_file file;
	int r = 0;

	/* Some tools leave the trailer out. */
	while (r >= 0 && rest->n > 0) {
		r = next_file(all, rest, &file);
		if (r <= 0)
			return r;
		r = w->visit(w->data, &file);
	}
	return r < 0 ? r : 0;
}

/* Archives one behind the other. *rest: what is none. */
static int walk_archives(const struct walk *w, struct span *rest)
{
	struct span zero;
	int r = 0;

	while (r == 0) {
		while (rest->n > 0 && rest->p[0] == '\0')
			span_take(rest, 1, &zero);
		if (!is_archive(*rest))
			break;
		r = walk_archive(w, rest);
	}
	return r;
}

/* LZ4, LZO, bzip2 and LZMA by their magic numbers (lib/decompress.c has the same list). */
static bool is_other_packing(struct span s)
{
	static const struct {
		const char *magic;
		size_t n;
	} others[] = {
		{ "\x02\x21\x4c\x18", 4 }, { "\x04\x22\x4d\x18", 4 }, { "\x89LZO", 4 }, { "BZh", 3 }, { "\x5d\0\0", 3 }
	};

	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		if (span_starts(s, others[i].magic, others[i].n))
			return true;
	return false;
}

static int walk_packed(const struct walk *w, struct span packed)
{
	const struct codec *c = codec_detect(packed);
	_cleanup_buf_ struct buf plain = BUF_INIT;
	struct span rest;
	int r;

	if (!c)
		return is_other_packing(packed) ? -ENOSYS : -ENOEXEC;
	r = c->unpack(packed, INITRD_UNPACKED_MAX, "initramfs", NULL, &plain);
	if (r < 0)
		return r;
	rest = buf_span(&plain);
	if (!is_archive(rest))
		return -ENOEXEC;
	r = walk_archives(w, &rest);
	return r == 0 && rest.n > 0 ? -EINVAL : r;
}

int initrd_walk(struct span image, int (*visit)(void *data, const struct initrd_file *file), void *data)
{
	const struct walk w = { visit, data };
	struct span rest = image;
	int r = walk_archives(&w, &rest);

	return r < 0 || (rest.n == 0 && image.n > 0) ? r : walk_packed(&w, rest);
}
