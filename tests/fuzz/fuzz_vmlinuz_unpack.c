// SPDX-License-Identifier: MIT
/*
 * A packed kernel, in a boot image that is otherwise right: the size that follows it in the first four octets of the
 * input, the packed bytes in the others. And any bytes come back from an image that they were packed into.
 */
#include "scratch.h"

#include "read/image/codec.h"
#include "read/image/vmlinuz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECTORS 1u
#define HEADER 1024u
#define SIZE_AT 4u

/* Puts the payload, and the size behind it, into an image. 0 or -errno of vmlinuz_read(). */
static int read_image(struct span packed, const uint8_t unpacked_size[static SIZE_AT], struct buf *into)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	const struct root root = scratch_root();
	uint8_t head[HEADER] = { 0 };

	head[0x1f1] = SECTORS;
	memcpy(head + 0x202, "HdrS", 4);
	store_le32(head + 0x248, HEADER - 512 * (SECTORS + 1));
	store_le32(head + 0x24c, (uint32_t)(packed.n + SIZE_AT));
	if (buf_add(&image, head, sizeof(head)) < 0 || buf_add(&image, packed.p, packed.n) < 0 ||
	    buf_add(&image, unpacked_size, SIZE_AT) < 0)
		abort();
	scratch_write("boot/vmlinuz-f", (const uint8_t *)image.p, image.n);
	return vmlinuz_read(&root, "f", into);
}

/* A frame without its content size, into whose header the size is put, gives just as much. */
static bool lacks_size(struct span packed)
{
	return packed.n > 6 && codec_detect(packed) == &codec_zst && !(packed.p[4] & 0xe3);
}

/* What the kernel's build would have made of these bytes is unpacked to these bytes. */
static void check_round_trip(const struct codec *c, struct span plain)
{
	_cleanup_buf_ struct buf packed = BUF_INIT, out = BUF_INIT;
	uint8_t plain_size[SIZE_AT];

	store_le32(plain_size, (uint32_t)plain.n);
	if (c->pack(plain, "fuzz", NULL, &packed) < 0)
		abort();
	/* A gzip file ends with the size itself. */
	if (c == &codec_gz)
		packed.n -= SIZE_AT;
	if (read_image(buf_span(&packed), plain_size, &out) < 0 || !span_eq(buf_span(&out), plain))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_buf_ struct buf out = BUF_INIT;
	struct span packed;

	if (size < SIZE_AT || size > 65536)
		return 0;
	packed = span_of(data + SIZE_AT, size - SIZE_AT);
	if (read_image(packed, data, &out) == 0) {
		if (out.n > VMLINUZ_UNPACKED_MAX || (lacks_size(packed) && out.n != load_le32(data)))
			abort();
	}
	if (!codec_detect(packed)) {
		check_round_trip(&codec_gz, packed);
		check_round_trip(&codec_zst, packed);
	}
	return 0;
}
