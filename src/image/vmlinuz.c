// SPDX-License-Identifier: MIT
#include "image/vmlinuz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/fileio.h"
#include "image/codec.h"

#define SECTOR 512
#define SETUP_SECTS 0x1f1
#define MAGIC_AT 0x202
#define PAYLOAD_AT 0x248
#define SIZE_TRAILER 4 /* behind the packed kernel stands its unpacked size */

int vmlinuz_payload(struct span image, struct span *ret)
{
	struct span magic;
	uint32_t offset, length;
	uint8_t sects;

	if (span_sub(image, MAGIC_AT, 4, &magic) < 0 || !span_eq(magic, span_of_str("HdrS")) ||
	    span_u8(image, SETUP_SECTS, &sects) < 0 || span_le32(image, PAYLOAD_AT, &offset) < 0 ||
	    span_le32(image, PAYLOAD_AT + 4, &length) < 0)
		return -ENOEXEC;
	/* No sectors stands for four, for the sake of very old loaders. */
	if (length <= SIZE_TRAILER ||
	    span_sub(image, offset + UINT64_C(1) * SECTOR * (sects ? sects + 1u : 5u), length, ret) < 0)
		return -ENOEXEC;
	return 0;
}

static int unpack(struct span payload, struct buf *into)
{
	const struct codec *c = codec_detect(payload);

	if (!c)
		return -ENOSYS;
	/* A gzip file ends with that very size itself. */
	if (c->id != CODEC_GZ)
		payload.n -= SIZE_TRAILER;
	return c->unpack(payload, VMLINUZ_UNPACKED_MAX, "", NULL, into);
}

int vmlinuz_read(const struct root *root, const char *release, struct buf *into)
{
	static const char *const places[][2] = { { "/boot/vmlinuz-", "" }, { "/lib/modules/", "/vmlinuz" } };
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
