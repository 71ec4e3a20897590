// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "image/codec.h"

static const struct codec *const all[] = { &codec_gz, &codec_xz, &codec_zst };

/* Some bytes that is neither random nor all the same. */
static void fill(struct buf *b)
{
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(b, "%u,", i * 2654435761u >> 12);
}

static void remember(void *data, const struct diag_msg *msg)
{
	snprintf(data, 256, "%s|%s", msg->code, msg->text);
}

static void unpacks_what_it_packed(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	(void)state;
	fill(&text);
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		_cleanup_buf_ struct buf packed = BUF_INIT, again = BUF_INIT;

		assert_int_equal(all[i]->pack(buf_span(&text), "t", NULL, &packed), 0);
		assert_true(packed.n < text.n);
		assert_ptr_equal(codec_detect(buf_span(&packed)), all[i]);
		assert_int_equal(all[i]->unpack(buf_span(&packed), text.n, "t", NULL, &again), 0);
		assert_true(span_eq(buf_span(&again), buf_span(&text)));
	}
}

static void appends_and_reuses_its_context(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		_cleanup_buf_ struct buf packed = BUF_INIT, out = BUF_INIT;
		void *context = NULL;

		assert_int_equal(all[i]->pack(span_of("abc", 3), "t", NULL, &packed), 0);
		for (int n = 0; n < 3; n++)
			assert_int_equal(all[i]->unpack_with(&context, buf_span(&packed), 3, "t", NULL, &out), 0);
		assert_string_equal(buf_str(&out), "abcabcabc");
		all[i]->context_free(context);
		all[i]->context_free(NULL);
	}
}

static void stops_at_the_cap(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	(void)state;
	fill(&text);
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		_cleanup_buf_ struct buf packed = BUF_INIT, out = BUF_INIT;
		char said[256] = "";
		struct diag diag = { remember, said, LOG_ERR };

		assert_int_equal(all[i]->pack(buf_span(&text), "t", NULL, &packed), 0);
		assert_int_equal(all[i]->unpack(buf_span(&packed), text.n - 1, "t.ko", &diag, &out), -EFBIG);
		assert_non_null(strstr(said, "image.too-large|t.ko: "));
	}
}

static void says_that_a_cut_file_is_damaged(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	(void)state;
	fill(&text);
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		_cleanup_buf_ struct buf packed = BUF_INIT, out = BUF_INIT;
		char said[256] = "";
		struct diag diag = { remember, said, LOG_ERR };
		struct span cut;

		assert_int_equal(all[i]->pack(buf_span(&text), "t", NULL, &packed), 0);
		assert_int_equal(span_sub(buf_span(&packed), 0, packed.n / 2, &cut), 0);
		assert_int_equal(all[i]->unpack(cut, 1 << 30, "t.ko", &diag, &out), -EINVAL);
		assert_non_null(strstr(said, "image.compression|t.ko: "));
		assert_non_null(strstr(said, "Unexpected end of input"));
	}
}

static void says_that_a_changed_file_is_damaged(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	(void)state;
	fill(&text);
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		_cleanup_buf_ struct buf packed = BUF_INIT, out = BUF_INIT;

		assert_int_equal(all[i]->pack(buf_span(&text), "t", NULL, &packed), 0);
		memset(packed.p + packed.n / 2, 0x5a, 64);
		assert_int_equal(all[i]->unpack(buf_span(&packed), 1 << 30, "t", NULL, &out), -EINVAL);
	}
}

static void joined_files_unpack_to_joined_contents(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		_cleanup_buf_ struct buf packed = BUF_INIT, out = BUF_INIT;

		assert_int_equal(all[i]->pack(span_of("abc", 3), "t", NULL, &packed), 0);
		assert_int_equal(all[i]->pack(span_of("def", 3), "t", NULL, &packed), 0);
		assert_int_equal(all[i]->unpack(buf_span(&packed), 6, "t", NULL, &out), 0);
		assert_string_equal(buf_str(&out), "abcdef");
	}
}

static void gzip_ignores_what_follows(void **state)
{
	_cleanup_buf_ struct buf packed = BUF_INIT, out = BUF_INIT;

	(void)state;
	assert_int_equal(codec_gz.pack(span_of("abc", 3), "t", NULL, &packed), 0);
	buf_adds(&packed, "junk");
	assert_int_equal(codec_gz.unpack(buf_span(&packed), 100, "t", NULL, &out), 0);
	assert_string_equal(buf_str(&out), "abc");
}

static void zstd_needs_the_content_size(void **state)
{
	/* `printf abc | zstd`: a frame that does not say how long its content is */
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x19, 0x00, 0x00,
					 0x61, 0x62, 0x63, 0x99, 0x09, 0x77, 0xad };
	_cleanup_buf_ struct buf out = BUF_INIT;
	char said[256] = "";
	struct diag diag = { remember, said, LOG_ERR };

	(void)state;
	assert_int_equal(codec_zst.unpack(span_of(frame, sizeof(frame)), 100, "t.ko", &diag, &out), -EINVAL);
	assert_string_equal(said, "image.compression|t.ko: zstd: Failed to determine decompression size");
}

static void xz_is_packed_for_the_kernel(void **state)
{
	_cleanup_buf_ struct buf packed = BUF_INIT;

	(void)state;
	assert_int_equal(codec_xz.pack(span_of("abc", 3), "t", NULL, &packed), 0);
	/*
	 * stream flags: check type 1 is CRC32; block header: size, flags, two lengths, LZMA2 (0x21), one property
	 * byte, of which 16 means a dictionary of 1 MiB
	 */
	assert_memory_equal(packed.p + 6, "\0\1", 2);
	assert_memory_equal(packed.p + 16, "\x21\x01\x10", 3);
}

static void finds_codecs_by_name(void **state)
{
	(void)state;
	assert_ptr_equal(codec_by_kernel_name("gzip"), &codec_gz);
	assert_ptr_equal(codec_by_kernel_name("zstd"), &codec_zst);
	assert_null(codec_by_kernel_name("lz4"));
	assert_ptr_equal(codec_by_id(CODEC_XZ), &codec_xz);
	assert_null(codec_by_id(CODEC_NONE));
	assert_null(codec_detect(span_of("\x7f" "ELF\2\1", 6)));
	assert_null(codec_detect(span_of("", 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks_what_it_packed),
		cmocka_unit_test(appends_and_reuses_its_context),
		cmocka_unit_test(stops_at_the_cap),
		cmocka_unit_test(says_that_a_cut_file_is_damaged),
		cmocka_unit_test(says_that_a_changed_file_is_damaged),
		cmocka_unit_test(joined_files_unpack_to_joined_contents),
		cmocka_unit_test(gzip_ignores_what_follows),
		cmocka_unit_test(zstd_needs_the_content_size),
		cmocka_unit_test(xz_is_packed_for_the_kernel),
		cmocka_unit_test(finds_codecs_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
