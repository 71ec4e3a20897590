// SPDX-License-Identifier: MIT
/* The forms of kernel images, made here as the kernel's build makes them. */
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"
#include "read/image/codec.h"
#include "read/image/vmlinuz.h"

#define SIZE 4u

static const struct codec *const codecs[] = { &codec_gz, &codec_xz, &codec_zst };

/* A kernel of n octets that packs well, and ends with what is looked for. */
static void make_kernel(size_t n, struct buf *kernel)
{
	static const char end[] = "certificates";
	char line[64];

	memset(line, 'a', sizeof(line));
	while (kernel->n + sizeof(end) + sizeof(line) < n) {
		line[0] = (char)(kernel->n / sizeof(line) % 251);
		buf_add(kernel, line, sizeof(line));
	}
	buf_add(kernel, line, n - kernel->n - sizeof(end));
	assert_int_equal(buf_add(kernel, end, sizeof(end)), 0);
}

/* Packed, with its size behind it, as all but gzip have it. */
static void pack(const struct codec *c, const struct buf *kernel, struct buf *packed)
{
	uint8_t size[SIZE];

	assert_int_equal(c->pack(buf_span(kernel), "kernel", NULL, packed), 0);
	store_le32(size, (uint32_t)kernel->n);
	if (c->id != CODEC_GZ)
		buf_add(packed, size, SIZE);
}

static void assert_unpacks(const struct buf *image, const struct buf *kernel)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	buf_adds(&out, "what was there");
	buf_clear(&out);
	assert_int_equal(vmlinuz_unpack(buf_span(image), &out), 0);
	assert_int_equal(out.n, kernel->n);
	assert_memory_equal(out.p, kernel->p, out.n);
}

static void assert_not_unpacked(const struct buf *image, int error)
{
	_cleanup_buf_ struct buf out = BUF_INIT;

	assert_int_equal(vmlinuz_unpack(buf_span(image), &out), error);
}

static void an_x86_image(void **state)
{
	uint8_t head[1024] = { [0x1f1] = 1, [0x202] = 'H', 'd', 'r', 'S' };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++) {
		_cleanup_buf_ struct buf kernel = BUF_INIT, packed = BUF_INIT, image = BUF_INIT;

		make_kernel(5000, &kernel);
		pack(codecs[i], &kernel, &packed);
		store_le32(head + 0x24c, (uint32_t)packed.n);
		buf_add(&image, head, sizeof(head));
		buf_add(&image, packed.p, packed.n);
		buf_adds(&image, "signature of the image");
		assert_unpacks(&image, &kernel);
	}
}

static void put_zboot(const struct codec *c, const struct buf *packed, struct buf *image)
{
	uint8_t head[64] = { 'M', 'Z', 0, 0, 'z', 'i', 'm', 'g' };

	store_le32(head + 8, sizeof(head));
	store_le32(head + 12, (uint32_t)(packed->n - (c->id == CODEC_GZ ? 0 : SIZE)));
	buf_add(image, head, sizeof(head));
	buf_add(image, packed->p, packed->n);
}

static void an_image_packed_for_efi(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++) {
		_cleanup_buf_ struct buf kernel = BUF_INIT, packed = BUF_INIT, image = BUF_INIT;

		make_kernel(5000, &kernel);
		pack(codecs[i], &kernel, &packed);
		put_zboot(codecs[i], &packed, &image);
		buf_adds(&image, "signature of the image");
		assert_unpacks(&image, &kernel);
		image.n = 64 + packed.n - 1;
		assert_not_unpacked(&image, -ENOEXEC);
	}
}

static void an_image_of_arm64(void **state)
{
	_cleanup_buf_ struct buf image = BUF_INIT, packed = BUF_INIT;

	(void)state;
	make_kernel(5000, &image);
	memcpy(image.p + 0x38, "ARMd", 4);
	assert_unpacks(&image, &image);
	assert_int_equal(codec_gz.pack(buf_span(&image), "kernel", NULL, &packed), 0);
	assert_unpacks(&packed, &image);
	image.p[0x38] = 'a';
	assert_not_unpacked(&image, -ENOEXEC);
}

/* The program that unpacks has the signs of all codecs in it, and they come before the packed kernel. */
static void put_s390(const struct buf *packed, bool marked, struct buf *image)
{
	_cleanup_buf_ struct buf head = BUF_INIT;

	while (head.n < 0x10008)
		buf_addc(&head, 7);
	buf_adds(&head, "S390EP");
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++) {
		buf_add(&head, codecs[i]->magic, codecs[i]->magic_len);
		buf_adds(&head, "code");
	}
	buf_add(image, head.p, head.n);
	buf_add(image, packed->p, packed->n);
	if (marked) {
		buf_add(image, (const char[500]){ 0 }, 500);
		buf_add(image, "\0\0\0 zIPL", 8);
	}
}

/* Sizes with none, one, two and three zeros at their end, as they lie there. */
static void an_image_of_s390x(void **state)
{
	static const size_t sizes[] = { 250, 5000, 70000, 0x10000, 0x1000005 };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++)
		for (size_t k = 0; k < ELEMENTSOF(sizes) * 2; k++) {
			_cleanup_buf_ struct buf kernel = BUF_INIT, packed = BUF_INIT, image = BUF_INIT;

			if (sizes[k / 2] >> 24 && codecs[i] != &codec_zst)
				continue; /* takes seconds */
			make_kernel(sizes[k / 2], &kernel);
			pack(codecs[i], &kernel, &packed);
			put_s390(&packed, k % 2, &image);
			assert_unpacks(&image, &kernel);
		}
}

/* Without a size that fits, what looks packed is not the kernel. */
static void an_image_of_s390x_that_is_damaged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(codecs); i++) {
		_cleanup_buf_ struct buf kernel = BUF_INIT, packed = BUF_INIT, image = BUF_INIT, other = BUF_INIT;

		make_kernel(70000, &kernel);
		pack(codecs[i], &kernel, &packed);
		packed.p[packed.n - SIZE]++;
		put_s390(&packed, true, &image);
		assert_not_unpacked(&image, -ENOEXEC);
		if (codecs[i] == &codec_zst)
			continue; /* has no sum here */
		packed.p[packed.n - SIZE]--;
		packed.p[packed.n / 2] ^= 1;
		put_s390(&packed, true, &other);
		assert_not_unpacked(&other, -ENOEXEC);
	}
}

static void what_is_no_image(void **state)
{
	_cleanup_buf_ struct buf image = BUF_INIT;

	(void)state;
	assert_not_unpacked(&image, -ENOEXEC);
	buf_adds(&image, "a text");
	assert_not_unpacked(&image, -ENOEXEC);
	make_kernel(0x20000, &image);
	assert_not_unpacked(&image, -ENOEXEC);
}

/* LZ4, which no codec here undoes. */
static void what_cannot_be_unpacked(void **state)
{
	_cleanup_buf_ struct buf packed = BUF_INIT, image = BUF_INIT;

	(void)state;
	buf_add(&packed, "\x02\x21\x4c\x18 and more, and the size", 27);
	put_zboot(&codec_zst, &packed, &image);
	assert_not_unpacked(&image, -ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_x86_image),
		cmocka_unit_test(an_image_packed_for_efi),
		cmocka_unit_test(an_image_of_arm64),
		cmocka_unit_test(an_image_of_s390x),
		cmocka_unit_test(an_image_of_s390x_that_is_damaged),
		cmocka_unit_test(what_is_no_image),
		cmocka_unit_test(what_cannot_be_unpacked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
