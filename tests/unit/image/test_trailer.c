// SPDX-License-Identifier: MIT
#include "image_test.h"

#include "read/image/trailer.h"

static struct trailer of(const char *recipe, struct buf *file)
{
	assert_int_equal(mkko_build(recipe, file), 0);
	return trailer_read(buf_span(file));
}

static void splits_a_signed_file(void **state)
{
	_cleanup_buf_ struct buf file = BUF_INIT;
	struct trailer t = of("keep 10\ntrailer 1 6162 63 646566", &file);

	(void)state;
	assert_int_equal(t.state, TRAILER_OK);
	assert_int_equal(t.id_type, TRAILER_X509);
	assert_int_equal(t.payload.n, 10);
	assert_true(span_eq(t.signer, span_of("ab", 2)));
	assert_true(span_eq(t.key_id, span_of("c", 1)));
	assert_true(span_eq(t.signature, span_of("def", 3)));
	assert_int_equal(t.sig_len, 3);
	assert_true(trailer_is_shown(&t));
}

static void without_magic_at_the_end_is_unsigned(void **state)
{
	_cleanup_buf_ struct buf plain = BUF_INIT, junk = BUF_INIT;
	struct trailer t = of("keep 10", &plain);

	(void)state;
	assert_int_equal(t.state, TRAILER_NONE);
	assert_int_equal(t.payload.n, 10);
	t = of("trailer 2 - - 00\nappend 00", &junk);
	assert_int_equal(t.state, TRAILER_NONE);
	assert_int_equal(t.payload.n, junk.n);
	t = trailer_read(span_of(TRAILER_MAGIC, TRAILER_MAGIC_LEN));
	assert_int_equal(t.state, TRAILER_NONE);
	assert_false(trailer_is_shown(&t));
}

static void impossible_sizes_are_damage(void **state)
{
	static const char *const recipes[] = {
		"keep 8\nappend 7e4d6f64756c65207369676e617475726520617070656e6465647e0a", /* too short for the info */
		"keep 0\ntrailer 2 - - 0102",                                              /* no payload */
		"keep 5\ntrailer 2 - - 0102\npoke -32 ffffffff",                           /* huge length */
		"keep 5\ntrailer 2 - - 0102\npoke -37 ff", /* signer longer than the rest */
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(recipes); i++) {
		_cleanup_buf_ struct buf file = BUF_INIT;
		struct trailer t = of(recipes[i], &file);

		assert_int_equal(t.state, TRAILER_DAMAGED);
		assert_int_equal(t.payload.n, file.n - TRAILER_MAGIC_LEN);
		assert_false(trailer_is_shown(&t));
	}
}

static void shows_only_what_kmod_knows(void **state)
{
	static const char *const recipes[] = {
		"trailer 3 - - 00",
		"trailer-hash 9\ntrailer 2 - - 00",
		"trailer 2 - - -",
		"trailer 2 - - 00\npoke -40 02",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(recipes); i++) {
		_cleanup_buf_ struct buf file = BUF_INIT;
		struct trailer t = of(recipes[i], &file);

		assert_int_equal(t.state, TRAILER_OK);
		assert_false(trailer_is_shown(&t));
	}
}

static void peeks_without_reading_all(void **state)
{
	char *dir = unit_mkdtemp();
	_cleanup_buf_ struct buf file = BUF_INIT;
	struct root root = { .prefix = dir };
	struct source *s;
	struct trailer t;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_adds(&file, "12");
	assert_int_equal(mkko_build("keep 0\nappend 00\ntrailer 2 - - 414243", &file), 0);
	unit_write(dir, "m.ko", file.p, file.n);
	assert_int_equal(source_open(&root, "/m.ko", NULL, NULL, &s), 0);
	assert_int_equal(source_trailer(s, &t), 0);
	assert_int_equal(t.state, TRAILER_OK);
	assert_true(span_eq(t.signature, span_of("ABC", 3)));
	source_close(s);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_a_signed_file),        cmocka_unit_test(without_magic_at_the_end_is_unsigned),
		cmocka_unit_test(impossible_sizes_are_damage), cmocka_unit_test(shows_only_what_kmod_knows),
		cmocka_unit_test(peeks_without_reading_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
