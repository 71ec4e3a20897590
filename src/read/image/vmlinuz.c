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

#define SECTOR 512
#define SETUP_SECTS 0x1f1
#define MAGIC_AT 0x202
#define PAYLOAD_AT 0x248
#define SIZE_TRAILER 4 /* the unpacked size, which follows the packed kernel */

int vmlinuz_payload(struct span image, struct span *ret)
{
	struct span magic;
	uint32_t offset, length;
	uint8_t sects;

	if (span_sub(image, MAGIC_AT, 4, &magic) < 0 || !span_is(magic, "HdrS") ||
	    span_u8(image, SETUP_SECTS, &sects) < 0 || span_le32(image, PAYLOAD_AT, &offset) < 0 ||
	    span_le32(image, PAYLOAD_AT + 4, &length) < 0)
		return -ENOEXEC;
	/* 0 stands for four, for the sake of very old loaders. */
	if (length <= SIZE_TRAILER ||
	    span_sub(image, offset + UINT64_C(1) * SECTOR * (sects ? sects + 1u : 5u), length, ret) < 0)
		return -ENOEXEC;
	return 0;
}

/*
 * The kernel's build packs zstd without the content size in the frame, which the codec needs: the size that follows
 * the frame is put into its header (RFC 8878, 3.1.1.1: descriptor, window, content size of four bytes).
 */
static int unpack_zst(const struct codec *c, struct span frame, uint32_t size, struct buf *into)
{
	enum { descriptor = 4, content_size_flag = 0xc0, single_segment = 0x20, dictionary = 0x03, four_bytes = 0x80 };
	_cleanup_buf_ struct buf whole = BUF_INIT;
	uint8_t head[descriptor + 2 + 4];
	int r;

	if (frame.n < descriptor + 2)
		return -ENOEXEC;
	if (frame.p[descriptor] & (content_size_flag | single_segment | dictionary))
		return c->unpack(frame, VMLINUZ_UNPACKED_MAX, "", NULL, into);
	memcpy(head, frame.p, descriptor + 2);
	head[descriptor] |= four_bytes;
	store_le32(head + descriptor + 2, size);
	buf_add(&whole, head, sizeof(head));
	r = buf_add(&whole, frame.p + descriptor + 2, frame.n - descriptor - 2);
	return r < 0 ? r : c->unpack(buf_span(&whole), VMLINUZ_UNPACKED_MAX, "", NULL, into);
}

static int unpack(struct span payload, struct buf *into)
{
	const struct codec *c = codec_detect(payload);
	uint32_t size = load_le32(payload.p + payload.n - SIZE_TRAILER);

	if (!c)
		return -ENOSYS;
	/* A gzip file ends with that very size itself. */
	if (c->id != CODEC_GZ)
		payload.n -= SIZE_TRAILER;
	if (c->id == CODEC_ZST)
		return unpack_zst(c, payload, size, into);
	return c->unpack(payload, VMLINUZ_UNPACKED_MAX, "", NULL, into);
}

int vmlinuz_read(const struct root *root, const char *release, struct buf *into)
{
	static const char *const places[][2] = { { "/boot/vmlinuz-", "" }, { RELEASES_DIR "/", "/vmlinuz" } };
	struct mapping map;
	struct span payload;
	char path[PATH_MAX];
	int r = -ENOENT;

	for (size_t i = 0; i < ELEMENTSOF(places) && r == -ENOENT; i++) {
		snprintf(path, sizeof(path), "%s%s%s", places[i][0], release, places[i][1]);
		r = mapping_open(root, path, &map);
	}
	if (r < 0)
		return r;
	r = vmlinuz_payload(map.bytes, &payload);
	if (r == 0)
		r = unpack(payload, into);
	mapping_close(&map);
	return r;
}
