// SPDX-License-Identifier: MIT
/*
 * A packed kernel, in boot images of each form that are otherwise right: the size that follows it in the first four
 * octets of the input, the packed bytes in the others. And any bytes come back from an image that they were put into.
 */
#include "scratch.h"

#include "read/image/codec.h"
#include "read/image/vmlinuz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE_AT 4u

enum form { FORM_X86, FORM_ZBOOT, FORM_S390, FORMS };

static void put_head(enum form form, const struct codec *c, size_t packed, struct buf *image)
{
	enum { sectors = 1, x86 = 1024, zboot = 64, s390 = 0x10008 };
	uint8_t head[s390 + 6] = { 0 };
	static const size_t size[FORMS] = { x86, zboot, sizeof(head) };

	if (form == FORM_X86) {
		head[0x1f1] = sectors;
		memcpy(head + 0x202, "HdrS", 4);
		store_le32(head + 0x248, x86 - 512 * (sectors + 1));
		store_le32(head + 0x24c, (uint32_t)(packed + SIZE_AT));
	} else if (form == FORM_ZBOOT) {
		memcpy(head + 4, "zimg", 4);
		store_le32(head + 8, zboot);
		store_le32(head + 12, (uint32_t)(packed + (c == &codec_gz ? SIZE_AT : 0)));
	} else {
		memcpy(head + s390, "S390EP", 6);
	}
	buf_add(image, head, size[form]);
}

/* Puts the payload, and the size behind it, into an image. 0 or -errno of vmlinuz_read(). */
static int read_image(enum form form, struct span packed, const uint8_t unpacked_size[static SIZE_AT], struct buf *into)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	const struct root root = scratch_root();

	put_head(form, codec_detect(packed), packed.n, &image);
	buf_add(&image, packed.p, packed.n);
	buf_add(&image, unpacked_size, SIZE_AT);
	if (form == FORM_S390)
		buf_add(&image, "\0\0\0\0\0\0\0 zIPL", 12);
	if (buf_error(&image) < 0)
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
	_cleanup_buf_ struct buf packed = BUF_INIT;
	uint8_t plain_size[SIZE_AT];

	store_le32(plain_size, (uint32_t)plain.n);
	if (c->pack(plain, "fuzz", NULL, &packed) < 0)
		abort();
	/* A gzip file ends with the size itself. */
	if (c == &codec_gz)
		packed.n -= SIZE_AT;
	for (enum form form = 0; form < FORMS; form++) {
		_cleanup_buf_ struct buf out = BUF_INIT;
		int r = read_image(form, buf_span(&packed), plain_size, &out);

		/* What grows by being packed is no kernel. */
		if (form == FORM_S390 && plain.n <= packed.n + SIZE_AT)
			r = r == -ENOEXEC ? 0 : -EINVAL;
		else if (!span_eq(buf_span(&out), plain))
			abort();
		if (r < 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span packed;

	if (size < SIZE_AT || size > 65536)
		return 0;
	packed = span_of(data + SIZE_AT, size - SIZE_AT);
	for (enum form form = 0; form < FORMS; form++) {
		_cleanup_buf_ struct buf out = BUF_INIT;
		bool sized = form == FORM_S390 || lacks_size(packed);

		if (read_image(form, packed, data, &out) == 0 &&
		    (out.n > VMLINUZ_UNPACKED_MAX || (sized && out.n != load_le32(data))))
			abort();
	}
	if (!codec_detect(packed)) {
		check_round_trip(&codec_gz, packed);
		check_round_trip(&codec_zst, packed);
	}
	return 0;
}
