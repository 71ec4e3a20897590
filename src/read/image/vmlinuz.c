// SPDX-License-Identifier: MIT
#include "read/image/vmlinuz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "read/image/codec.h"

#define SIZE_TRAILER 4 /* the unpacked size, which follows the packed kernel */

/* ---- where the packed kernel lies ---- */

/* What the build puts behind it is the size; a gzip file ends with that very size itself. */
static int take_size(struct span bytes, struct vmlinuz_packed *ret)
{
	const struct codec *c = codec_detect(bytes);
	struct vmlinuz_packed packed = { .bytes = bytes, .codec = c };

	if (!c)
		return -ENOSYS;
	if (bytes.n <= SIZE_TRAILER || span_le32(bytes, bytes.n - SIZE_TRAILER, &packed.size) < 0)
		return -ENOEXEC;
	if (c->id != CODEC_GZ)
		packed.bytes.n -= SIZE_TRAILER;
	*ret = packed;
	return 0;
}

static int find_x86(struct span image, struct vmlinuz_packed *ret)
{
	enum { sector = 512, setup_sects = 0x1f1, magic_at = 0x202, payload_at = 0x248 };
	struct span magic, bytes;
	uint32_t offset, length;
	uint8_t sects;

	if (span_sub(image, magic_at, 4, &magic) < 0 || !span_is(magic, "HdrS") ||
	    span_u8(image, setup_sects, &sects) < 0 || span_le32(image, payload_at, &offset) < 0 ||
	    span_le32(image, payload_at + 4, &length) < 0)
		return -ENOEXEC;
	/* 0 stands for four, for the sake of very old loaders. */
	if (span_sub(image, offset + UINT64_C(1) * sector * (sects ? sects + 1u : 5u), length, &bytes) < 0)
		return -ENOEXEC;
	return take_size(bytes, ret);
}

/* The size does not count the one that follows, which a gzip file has in it. */
static int find_zboot(struct span image, struct vmlinuz_packed *ret)
{
	enum { magic_at = 4, payload_at = 8 };
	struct span magic, bytes;
	uint32_t offset, length;

	if (span_sub(image, magic_at, 4, &magic) < 0 || !span_is(magic, "zimg") ||
	    span_le32(image, payload_at, &offset) < 0 || span_le32(image, payload_at + 4, &length) < 0 ||
	    span_sub(image, offset, length, &bytes) < 0)
		return -ENOEXEC;
	if (codec_detect(bytes) == &codec_gz)
		return take_size(bytes, ret);
	if (span_sub(image, offset, UINT64_C(1) * length + SIZE_TRAILER, &bytes) < 0)
		return -ENOEXEC;
	return take_size(bytes, ret);
}

/* The Image of arm64 as it is, or packed as a whole. */
static int find_image(struct span image, struct vmlinuz_packed *ret)
{
	enum { magic_at = 0x38 };
	struct span magic;

	if (codec_detect(image) == &codec_gz)
		return take_size(image, ret);
	if (span_sub(image, magic_at, 4, &magic) < 0 || !span_is(magic, "ARMd"))
		return -ENOEXEC;
	*ret = (struct vmlinuz_packed){ .bytes = image };
	return 0;
}

int vmlinuz_find(struct span image, struct vmlinuz_packed *ret)
{
	typedef int form(struct span image, struct vmlinuz_packed * ret);
	static form *const forms[] = { find_x86, find_zboot, find_image };
	int r = -ENOEXEC;

	for (size_t i = 0; i < ELEMENTSOF(forms) && r == -ENOEXEC; i++)
		r = forms[i](image, ret);
	return r;
}

/* ---- what is in it ---- */

/*
 * The kernel's build packs zstd without the content size in the frame, which the codec needs: the size that follows
 * the frame is put into its header (RFC 8878, 3.1.1.1: descriptor, window, content size of four bytes).
 */
static int unpack_zst(const struct vmlinuz_packed *packed, struct buf *into)
{
	enum { descriptor = 4, content_size_flag = 0xc0, single_segment = 0x20, dictionary = 0x03, four_bytes = 0x80 };
	const struct codec *c = packed->codec;
	const struct span frame = packed->bytes;
	_cleanup_buf_ struct buf whole = BUF_INIT;
	uint8_t head[descriptor + 2 + 4];
	int r;

	if (frame.n < descriptor + 2)
		return -ENOEXEC;
	if (frame.p[descriptor] & (content_size_flag | single_segment | dictionary))
		return c->unpack(frame, VMLINUZ_UNPACKED_MAX, "", NULL, into);
	memcpy(head, frame.p, descriptor + 2);
	head[descriptor] |= four_bytes;
	store_le32(head + descriptor + 2, packed->size);
	buf_add(&whole, head, sizeof(head));
	r = buf_add(&whole, frame.p + descriptor + 2, frame.n - descriptor - 2);
	return r < 0 ? r : c->unpack(buf_span(&whole), VMLINUZ_UNPACKED_MAX, "", NULL, into);
}

static int unpack(const struct vmlinuz_packed *packed, struct buf *into)
{
	if (!packed->codec)
		return buf_add(into, packed->bytes.p, packed->bytes.n);
	if (packed->codec->id == CODEC_ZST)
		return unpack_zst(packed, into);
	return packed->codec->unpack(packed->bytes, VMLINUZ_UNPACKED_MAX, "", NULL, into);
}

/* ---- s390x: nothing in the image says where the packed kernel begins, which comes last ---- */

/* Where its size ends: before zeros and the mark that is there for signatures. */
static size_t end_of_s390(struct span image)
{
	static const char mark[] = "\0\0\0 zIPL";
	const size_t n = sizeof(mark) - 1;

	if (image.n >= n && memcmp(image.p + image.n - n, mark, n) == 0)
		image.n -= n;
	while (image.n > 0 && image.p[image.n - 1] == 0)
		image.n--;
	return image.n;
}

/* What begins like packed bytes is the kernel if the size that follows comes out. Its last octets may be zeros, too. */
static int try_s390(struct span image, size_t at, size_t end, struct buf *into)
{
	struct vmlinuz_packed packed;
	struct span bytes;
	int r = -ENOEXEC;

	for (size_t zeros = 0; zeros < SIZE_TRAILER; zeros++) {
		if (span_sub(image, at, end + zeros - at, &bytes) < 0 || take_size(bytes, &packed) < 0 ||
		    packed.size <= bytes.n || packed.size > VMLINUZ_UNPACKED_MAX)
			continue;
		buf_clear(into);
		r = unpack(&packed, into);
		if ((r == 0 && into->n == packed.size) || r == -ENOMEM || r == -ENOSYS)
			return r;
	}
	return -ENOEXEC;
}

static int unpack_s390(struct span image, struct buf *into)
{
	enum { magic_at = 0x10008, tries_max = 64 };
	const size_t end = end_of_s390(image);
	unsigned tries = 0;
	struct span magic;
	int r = -ENOEXEC;

	if (span_sub(image, magic_at, 6, &magic) < 0 || !span_is(magic, "S390EP"))
		return -ENOEXEC;
	for (size_t at = magic_at; at < end && r == -ENOEXEC && tries < tries_max; at++) {
		if (!codec_detect(span_of(image.p + at, end - at)))
			continue;
		tries++;
		r = try_s390(image, at, end, into);
	}
	return r;
}

int vmlinuz_unpack(struct span image, struct buf *into)
{
	struct vmlinuz_packed packed;
	int r = vmlinuz_find(image, &packed);

	if (r == 0)
		return unpack(&packed, into);
	return r == -ENOEXEC ? unpack_s390(image, into) : r;
}

int vmlinuz_read(const struct root *root, const char *release, struct buf *into)
{
	static const char *const places[][2] = { { "/boot/vmlinuz-", "" }, { RELEASES_DIR "/", "/vmlinuz" } };
	struct mapping map;
	char path[PATH_MAX];
	int r = -ENOENT;

	for (size_t i = 0; i < ELEMENTSOF(places) && r == -ENOENT; i++) {
		snprintf(path, sizeof(path), "%s%s%s", places[i][0], release, places[i][1]);
		r = mapping_open(root, path, &map);
	}
	if (r < 0)
		return r;
	r = vmlinuz_unpack(map.bytes, into);
	mapping_close(&map);
	return r;
}
