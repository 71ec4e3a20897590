// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

#include "read/image/codec.h"
#include "read/image/source.h"

static char *dir;

static int make_dir(void **state)
{
	(void)state;
	dir = unit_mkdtemp();
	return 0;
}

static int drop_dir(void **state)
{
	(void)state;
	unit_rmdir(dir);
	return 0;
}

static struct root root(void)
{
	return (struct root){ .prefix = dir };
}

/* 300 kB in which every byte follows from its place */
static void content(struct buf *b)
{
	for (unsigned i = 0; i < 300000; i++)
		buf_addc(b, (char)(i * 7 + i / 256));
}

static void plain_file_is_read_in_parts(void **state)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct root r = root();
	struct span a, b, whole;
	uint64_t size;

	(void)state;
	content(&text);
	unit_write(dir, "plain.ko", text.p, text.n);
	assert_int_equal(source_open(&r, "/plain.ko", NULL, NULL, &s), 0);
	assert_int_equal(source_codec(s), CODEC_NONE);
	assert_true(source_fd(s) >= 0);
	assert_string_equal(source_label(s), "/plain.ko");
	assert_int_equal(source_size(s, &size), 0);
	assert_int_equal(size, text.n);
	assert_int_equal(source_fetch(s, 200000, 1000, &a), 0);
	assert_memory_equal(a.p, text.p + 200000, 1000);
	assert_int_equal(source_fetch(s, 200100, 10, &b), 0);
	assert_ptr_equal(b.p, a.p + 100); /* not read again */
	assert_int_equal(source_whole(s, &whole), 0);
	assert_true(span_eq(whole, buf_span(&text)));
	assert_memory_equal(a.p, text.p + 200000, 1000);
	assert_int_equal(source_fetch(s, size - 1, 2, &b), -ERANGE);
	assert_int_equal(source_fetch(s, UINT64_MAX, 2, &b), -ERANGE);
}

static void compressed_file_is_unpacked_by_its_magic(void **state)
{
	static const struct codec *const all[] = { &codec_gz, &codec_xz, &codec_zst };
	_cleanup_(scratch_free_p) struct scratch *scratch = scratch_new();
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct root r = root();

	(void)state;
	content(&text);
	for (size_t i = 0; i < ELEMENTSOF(all); i++) {
		_cleanup_(source_close_p) struct source *s = NULL;
		_cleanup_buf_ struct buf packed = BUF_INIT;
		struct span whole;

		assert_int_equal(all[i]->pack(buf_span(&text), "t", NULL, &packed), 0);
		unit_write(dir, "wrong-name.ko", packed.p, packed.n);
		assert_int_equal(source_open(&r, "/wrong-name.ko", scratch, NULL, &s), 0);
		assert_int_equal(source_codec(s), all[i]->id);
		assert_int_equal(source_whole(s, &whole), 0);
		assert_true(span_eq(whole, buf_span(&text)));
	}
}

static void a_trailer_behind_the_compressed_data_is_told(void **state)
{
	static const struct codec *const all[] = { &codec_gz, &codec_xz, &codec_zst };
	static const char trailer[] = "sig\0\0\2\0\0\0\0\0\0\0\0\3" TRAILER_MAGIC;
	struct root r = root();

	(void)state;
	for (size_t i = 0; i < 2 * ELEMENTSOF(all); i++) {
		_cleanup_(source_close_p) struct source *plain = NULL;
		_cleanup_(source_close_p) struct source *s = NULL;
		_cleanup_buf_ struct buf packed = BUF_INIT;
		struct span whole;

		assert_int_equal(all[i / 2]->pack(span_of_str("content"), "t", NULL, &packed), 0);
		unit_write(dir, "plain.ko", packed.p, packed.n);
		for (size_t n = 0; n <= i % 2; n++) /* one, or two stacked */
			buf_add(&packed, trailer, sizeof(trailer) - 1);
		unit_write(dir, "outside.ko", packed.p, packed.n);
		assert_int_equal(source_open(&r, "/outside.ko", NULL, NULL, &s), 0);
		assert_int_equal(source_whole(s, &whole), 0);
		assert_true(span_is(whole, "content"));
		assert_true(source_is_signed_outside(s));
		assert_int_equal(source_open(&r, "/plain.ko", NULL, NULL, &plain), 0);
		assert_false(source_is_signed_outside(plain));
	}
}

/* What kernels take off before they look at the object (tests/vm/cases/payload.sh). */
static void a_signature_is_taken_off_by_its_scheme(void **state)
{
	static const struct {
		char info[TRAILER_INFO_LEN + 1];
		size_t size;
	} cases[] = {
		{ "\0\0\2\0\0\0\0\0\0\0\0\3", 10 },
		{ "\0\0\2\3\4\0\0\0\0\0\0\3", 10 }, /* a signer's name and key id take nothing off */
		{ "\0\0\1\0\0\0\0\0\0\0\0\3", 25 },
		{ "\0\0\0\3\4\0\0\0\0\0\0\3", 25 },
		{ "\0\0\2\0\0\0\0\0\0\0\3\0", 25 }, /* damaged */
	};
	const struct root from = root();
	(void)state;

	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		_cleanup_(source_close_p) struct source *s = NULL;
		_cleanup_buf_ struct buf file = BUF_INIT;
		uint64_t size;

		buf_adds(&file, "the objectsig");
		buf_add(&file, cases[i].info, TRAILER_INFO_LEN);
		buf_adds(&file, TRAILER_MAGIC);
		unit_write(dir, "fields", file.p, file.n);
		assert_int_equal(source_open(&from, "/fields", NULL, NULL, &s), 0);
		assert_int_equal(source_payload_size(s, &size), 0);
		assert_int_equal(size, cases[i].size);
	}
}

static void lent_scratch_serves_one_source_at_a_time(void **state)
{
	_cleanup_(scratch_free_p) struct scratch *scratch = scratch_new();
	struct source *a, *b;
	struct root r = root();
	struct span x, y;

	(void)state;
	unit_puts(dir, "a.ko", "content of a");
	unit_puts(dir, "b.ko", "content of b");
	assert_int_equal(source_open(&r, "/a.ko", scratch, NULL, &a), 0);
	assert_int_equal(source_open(&r, "/b.ko", scratch, NULL, &b), 0);
	assert_int_equal(source_whole(a, &x), 0);
	assert_int_equal(source_whole(b, &y), 0);
	assert_memory_equal(x.p, "content of a", 12);
	assert_memory_equal(y.p, "content of b", 12);
	source_close(a);
	assert_memory_equal(y.p, "content of b", 12);
	source_close(b);
}

static void lazy_source_unpacks_when_asked(void **state)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	struct root r = root();
	struct span whole;

	(void)state;
	unit_write(dir, "bad.ko.xz",
		   "\xfd"
		   "7zXZ\0"
		   "garbage",
		   13);
	assert_int_equal(source_open_lazy(&r, "/bad.ko.xz", NULL, &s), 0);
	assert_int_equal(source_codec(s), CODEC_XZ);
	assert_int_equal(source_whole(s, &whole), -EINVAL);
	assert_int_equal(source_whole(s, &whole), -EINVAL);
}

static void memory_may_be_compressed_too(void **state)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	_cleanup_buf_ struct buf packed = BUF_INIT;
	struct span whole;

	(void)state;
	assert_int_equal(codec_gz.pack(span_of("hello", 5), "t", NULL, &packed), 0);
	assert_int_equal(source_open_span(buf_span(&packed), "mem", NULL, &s), 0);
	assert_int_equal(source_fd(s), -1);
	assert_int_equal(source_whole(s, &whole), 0);
	assert_true(span_eq(whole, span_of("hello", 5)));
}

static void remember(void *data, const struct diag_msg *msg)
{
	snprintf(data, 256, "%s|%s", msg->code, msg->text);
}

static void refuses_what_is_no_file(void **state)
{
	struct source *s;
	struct root r = root();
	char said[256] = "", path[4096];
	struct diag diag = { remember, said, LOG_ERR };

	(void)state;
	snprintf(path, sizeof(path), "%s/fifo.ko", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(source_open(&r, "/fifo.ko", NULL, &diag, &s), -ESPIPE);
	assert_string_equal(said, "image.refused|/fifo.ko: is not a regular file");
	assert_int_equal(source_open(&r, "/", NULL, NULL, &s), -EISDIR);
	assert_int_equal(source_open(&r, "/none.ko", NULL, &diag, &s), -ENOENT);
	assert_string_equal(said, "image.open|/none.ko: could not open: No such file or directory");
	unit_puts(dir, "short.ko", "12345");
	assert_int_equal(source_open(&r, "/short.ko", NULL, NULL, &s), -EINVAL);
}

static void file_cut_meanwhile_is_an_error(void **state)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct root r = root();
	struct span part;
	char path[4096];

	(void)state;
	content(&text);
	unit_write(dir, "cut.ko", text.p, text.n);
	assert_int_equal(source_open(&r, "/cut.ko", NULL, NULL, &s), 0);
	snprintf(path, sizeof(path), "%s/cut.ko", dir);
	assert_int_equal(truncate(path, 100000), 0);
	assert_int_equal(source_fetch(s, 99999, 2, &part), -EIO);
}

static void huge_sparse_file_is_refused_in_whole(void **state)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	struct root r = root();
	struct span part;
	char path[4096];

	(void)state;
	unit_puts(dir, "sparse.ko", "0123456789");
	snprintf(path, sizeof(path), "%s/sparse.ko", dir);
	assert_int_equal(truncate(path, (off_t)SOURCE_UNPACKED_MAX + 1), 0);
	assert_int_equal(source_open(&r, "/sparse.ko", NULL, NULL, &s), 0);
	assert_int_equal(source_whole(s, &part), -EFBIG);
	assert_int_equal(source_fetch(s, 1 << 20, 10, &part), 0);
}

static void *open_many(void *path)
{
	_cleanup_(scratch_free_p) struct scratch *scratch = scratch_new();
	struct root r = root();

	for (int i = 0; i < 50; i++) {
		struct source *s;
		struct span whole;

		if (source_open(&r, path, scratch, NULL, &s) < 0)
			return path;
		if (source_whole(s, &whole) < 0 || whole.n != 300000)
			return path;
		source_close(s);
	}
	return NULL;
}

/* Those who read many files go on with the next one, as they would not without memory. */
static void what_is_too_large_is_no_lack_of_memory(void **state)
{
	_cleanup_(source_close_p) struct source *s = NULL;
	_cleanup_free_ char *path = NULL;
	struct root r = root();
	struct span bytes;

	(void)state;
	unit_write(dir, "sparse.ko", "\177ELF", 4);
	assert_true(asprintf(&path, "%s/sparse.ko", dir) > 0);
	assert_int_equal(truncate(path, (off_t)SOURCE_UNPACKED_MAX * 2), 0);
	assert_int_equal(source_open(&r, "/sparse.ko", NULL, NULL, &s), 0);
	assert_int_equal(source_fetch(s, 4096, SOURCE_UNPACKED_MAX, &bytes), -EFBIG);
	assert_int_equal(source_fetch(s, 4096, 4096, &bytes), 0);
}

static void threads_may_load_a_library_at_once(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT, packed = BUF_INIT;
	static char path[] = "/many.ko.zst";
	pthread_t threads[4];

	(void)state;
	content(&text);
	assert_int_equal(codec_zst.pack(buf_span(&text), "t", NULL, &packed), 0);
	unit_write(dir, path + 1, packed.p, packed.n);
	for (size_t i = 0; i < ELEMENTSOF(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_many, path), 0);
	for (size_t i = 0; i < ELEMENTSOF(threads); i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_file_is_read_in_parts),
		cmocka_unit_test(compressed_file_is_unpacked_by_its_magic),
		cmocka_unit_test(a_trailer_behind_the_compressed_data_is_told),
		cmocka_unit_test(a_signature_is_taken_off_by_its_scheme),
		cmocka_unit_test(lent_scratch_serves_one_source_at_a_time),
		cmocka_unit_test(lazy_source_unpacks_when_asked),
		cmocka_unit_test(memory_may_be_compressed_too),
		cmocka_unit_test(refuses_what_is_no_file),
		cmocka_unit_test(file_cut_meanwhile_is_an_error),
		cmocka_unit_test(huge_sparse_file_is_refused_in_whole),
		cmocka_unit_test(what_is_too_large_is_no_lack_of_memory),
		cmocka_unit_test(threads_may_load_a_library_at_once),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
