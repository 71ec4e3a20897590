// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/image/codec.h"

static void remember(void *data, const struct diag_msg *msg)
{
	snprintf(data, 256, "%s|%s", msg->code, msg->text);
}

/* One codec, some bytes that are neither random nor all the same, and the same packed. */
struct sample {
	const struct codec *codec;
	struct buf text, packed, out;
	char said[256]; /* code and text of the last message */
	struct diag diag;
};

static int sample_open(void **state)
{
	struct sample *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->codec = *state;
	s->diag = (struct diag){ remember, s->said, LOG_ERR };
	for (unsigned i = 0; i < 20000; i++)
		buf_addf(&s->text, "%u,", i * 2654435761u >> 12);
	assert_int_equal(s->codec->pack(buf_span(&s->text), "t", NULL, &s->packed), 0);
	*state = s;
	return 0;
}

static int sample_close(void **state)
{
	struct sample *s = *state;

	buf_done(&s->text);
	buf_done(&s->packed);
	buf_done(&s->out);
	free(s);
	return 0;
}

static void repack(struct sample *s, const char *text)
{
	assert_int_equal(s->codec->pack(span_of(text, strlen(text)), "t", NULL, &s->packed), 0);
}

static int unpack(struct sample *s, struct span packed, size_t cap)
{
	return s->codec->unpack(packed, cap, "t.ko", &s->diag, &s->out);
}

static void unpacks_what_it_packed(void **state)
{
	struct sample *s = *state;

	assert_true(s->packed.n < s->text.n);
	assert_ptr_equal(codec_detect(buf_span(&s->packed)), s->codec);
	assert_int_equal(unpack(s, buf_span(&s->packed), s->text.n), 0);
	assert_true(span_eq(buf_span(&s->out), buf_span(&s->text)));
}

static void appends_and_reuses_its_context(void **state)
{
	struct sample *s = *state;
	void *context = NULL;

	buf_clear(&s->packed);
	repack(s, "abc");
	for (int n = 0; n < 3; n++)
		assert_int_equal(s->codec->unpack_with(&context, buf_span(&s->packed), 3, "t", NULL, &s->out), 0);
	assert_string_equal(buf_str(&s->out), "abcabcabc");
	s->codec->context_free(context);
	s->codec->context_free(NULL);
}

static void stops_at_the_cap(void **state)
{
	struct sample *s = *state;

	assert_int_equal(unpack(s, buf_span(&s->packed), s->text.n - 1), -EFBIG);
	assert_non_null(strstr(s->said, "image.too-large|t.ko: "));
}

/* A small file must not cost the memory of all that it unpacks to. */
static void takes_little_more_memory_than_the_cap(void **state)
{
	static char zeros[16 << 20];
	struct sample *s = *state;

	buf_clear(&s->packed);
	assert_int_equal(s->codec->pack(span_of("a", 1), "t", NULL, &s->packed), 0);
	assert_int_equal(s->codec->pack(span_of(zeros, sizeof(zeros)), "t", NULL, &s->packed), 0);
	assert_int_equal(unpack(s, buf_span(&s->packed), 100 << 10), -EFBIG);
	assert_true(s->out.cap <= 512 << 10);
}

static void says_that_a_cut_file_is_damaged(void **state)
{
	struct sample *s = *state;
	struct span cut;

	assert_int_equal(span_sub(buf_span(&s->packed), 0, s->packed.n / 2, &cut), 0);
	assert_int_equal(unpack(s, cut, 1 << 30), -EINVAL);
	assert_non_null(strstr(s->said, "image.compression|t.ko: "));
	assert_non_null(strstr(s->said, "Unexpected end of input"));
}

static void says_that_a_changed_file_is_damaged(void **state)
{
	struct sample *s = *state;

	memset(s->packed.p + s->packed.n / 2, 0x5a, 64);
	assert_int_equal(unpack(s, buf_span(&s->packed), 1 << 30), -EINVAL);
}

static void joined_files_unpack_to_joined_contents(void **state)
{
	struct sample *s = *state;

	buf_clear(&s->packed);
	repack(s, "abc");
	repack(s, "def");
	assert_int_equal(unpack(s, buf_span(&s->packed), 6), 0);
	assert_string_equal(buf_str(&s->out), "abcdef");
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

/* `printf abc | zstd`: a frame that does not say how long its content is; a skippable one, as pzstd begins with. */
static const uint8_t stream_frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x19, 0x00,
					0x00, 0x61, 0x62, 0x63, 0x99, 0x09, 0x77, 0xad };
static const uint8_t skippable_frame[] = { 0x5f, 0x2a, 0x4d, 0x18, 0x02, 0x00, 0x00, 0x00, 'x', 'y' };

static void add(struct buf *b, const uint8_t *bytes, size_t n)
{
	assert_int_equal(buf_add(b, bytes, n), 0);
}

static void zstd_frames_of_all_kinds_are_joined(void **state)
{
	_cleanup_buf_ struct buf in = BUF_INIT, out = BUF_INIT;

	(void)state;
	add(&in, skippable_frame, sizeof(skippable_frame));
	add(&in, stream_frame, sizeof(stream_frame));
	add(&in, skippable_frame, sizeof(skippable_frame));
	assert_int_equal(codec_zst.pack(span_of("def", 3), "t", NULL, &in), 0);
	add(&in, stream_frame, sizeof(stream_frame));
	assert_ptr_equal(codec_detect(buf_span(&in)), &codec_zst);
	assert_int_equal(codec_zst.unpack(buf_span(&in), 100, "t.ko", NULL, &out), 0);
	assert_string_equal(buf_str(&out), "abcdefabc");
	buf_clear(&out);
	assert_int_equal(codec_zst.unpack(buf_span(&in), 9, "t.ko", NULL, &out), 0);
	assert_int_equal(codec_zst.unpack(buf_span(&in), 8, "t.ko", NULL, &out), -EFBIG);
}

/* What the size of a frame would have said beforehand is found out by trying. */
static void a_zstd_stream_is_unpacked_whatever_its_size(void **state)
{
	/* 16 blocks (RLE) of 128 KiB, after a header without a size: one byte each */
	static const uint8_t header[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38 }, block[] = { 0x02, 0x00, 0x10, 'z' },
			     last[] = { 0x03, 0x00, 0x10, 'z' };
	_cleanup_buf_ struct buf in = BUF_INIT, out = BUF_INIT;
	char said[256] = "";
	struct diag diag = { remember, said, LOG_ERR };
	const uint64_t size = 16 << 17;

	(void)state;
	add(&in, header, sizeof(header));
	for (int i = 0; i < 15; i++)
		add(&in, block, sizeof(block));
	add(&in, last, sizeof(last));
	assert_int_equal(codec_zst.unpack(buf_span(&in), size, "t.ko", NULL, &out), 0);
	assert_int_equal(out.n, size);
	buf_done(&out);
	assert_int_equal(codec_zst.unpack(buf_span(&in), size - 1, "t.ko", &diag, &out), -EFBIG);
	assert_string_equal(said, "image.too-large|t.ko: zstd: Unpacked content is too large");
	assert_int_equal(codec_zst.unpack(span_of(in.p, in.n - 1), size, "t.ko", &diag, &out), -EINVAL);
	assert_string_equal(said, "image.compression|t.ko: zstd: Unexpected end of input");
	add(&in, (const uint8_t *)"no frame", 8);
	assert_int_equal(codec_zst.unpack(buf_span(&in), size, "t.ko", &diag, &out), -EINVAL);
	assert_string_equal(said, "image.compression|t.ko: zstd: File is corrupt");
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
	assert_null(codec_detect(span_of("\x7f"
					 "ELF\2\1",
					 6)));
	assert_null(codec_detect(span_of("", 0)));
}

#define WITH_CODEC(f, codec)                                                                   \
	{                                                                                      \
#f " " #codec, f, sample_open, sample_close, (void *)(uintptr_t)&codec_##codec \
	}
#define WITH_EACH_CODEC(f) WITH_CODEC(f, gz), WITH_CODEC(f, xz), WITH_CODEC(f, zst)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_EACH_CODEC(unpacks_what_it_packed),
		WITH_EACH_CODEC(appends_and_reuses_its_context),
		WITH_EACH_CODEC(stops_at_the_cap),
		WITH_EACH_CODEC(takes_little_more_memory_than_the_cap),
		WITH_EACH_CODEC(says_that_a_cut_file_is_damaged),
		WITH_EACH_CODEC(says_that_a_changed_file_is_damaged),
		WITH_EACH_CODEC(joined_files_unpack_to_joined_contents),
		cmocka_unit_test(gzip_ignores_what_follows),
		cmocka_unit_test(zstd_frames_of_all_kinds_are_joined),
		cmocka_unit_test(a_zstd_stream_is_unpacked_whatever_its_size),
		cmocka_unit_test(xz_is_packed_for_the_kernel),
		cmocka_unit_test(finds_codecs_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
