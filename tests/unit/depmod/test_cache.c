// SPDX-License-Identifier: MIT
#include "facts.h"
#include "fixture.h"

#include <errno.h>

#include "depmod/cache.h"

static const struct module modules[] = {
	{ .path = "k/b.ko", .name = "b",
	  .facts.lists = { [RECORD_ALIASES] = FACTS("x\0y"), [RECORD_IMPORTS] = FACTS("Uf\0Wg") } },
	{ .path = "k/a.ko", .name = "a", .facts.lists = { [RECORD_EXPORTS] = FACTS("f") } },
	{ .path = "k/none.ko", .name = "none" },
};
static const struct cache_key keys[] = { { 1, 2, 3, 4, 5, 6, 7 }, { 1, 9, 3, 4, 5, 6, 7 }, { 0 } };

static void write_cache(struct buf *b)
{
	assert_int_equal(cache_write(modules, ELEMENTSOF(modules), keys, b), 0);
}

static void what_goes_in_comes_out(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;
	struct record r;

	write_cache(&b);
	assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
	assert_int_equal(c.n, 2);
	assert_true(cache_find(&c, "k/b.ko", &keys[0], &r));
	assert_int_equal(r.lists[RECORD_ALIASES].n, 4);
	assert_memory_equal(r.lists[RECORD_ALIASES].p, "x\0y", 4);
	assert_memory_equal(r.lists[RECORD_IMPORTS].p, "Uf\0Wg", 6);
	assert_int_equal(r.lists[RECORD_EXPORTS].n, 0);
	assert_true(cache_find(&c, "k/a.ko", &keys[1], &r));
	assert_false(cache_find(&c, "k/none.ko", &keys[2], &r));
	assert_false(cache_find(&c, "k/b.ko.xz", &keys[0], &r));
	cache_close(&c);
	assert_false(cache_find(&c, "k/b.ko", &keys[0], &r));
}

static void every_part_of_the_key_counts(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;
	struct record r;

	write_cache(&b);
	assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
	for (int i = 0; i < 7; i++) {
		struct cache_key k = keys[0];

		k.dev += i == 0;
		k.ino += i == 1;
		k.size += i == 2;
		k.mtime += i == 3;
		k.ctime += i == 4;
		k.mtime_ns += i == 5;
		k.ctime_ns += i == 6;
		assert_false(cache_find(&c, "k/b.ko", &k, &r));
	}
}

static void any_damage_is_seen(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;

	write_cache(&b);
	for (size_t i = 0; i < b.n; i++) {
		b.p[i] ^= 0x10;
		assert_int_equal(cache_open_span(buf_span(&b), &c), -EBADMSG);
		b.p[i] ^= 0x10;
	}
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(cache_open_span(span_of(b.p, n), &c), -EBADMSG);
	assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
}

/* A right checksum over wrong numbers: a look-up may fail, but must stay inside. */
static void sealed_nonsense_stays_inside(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;
	struct record r;

	write_cache(&b);
	for (size_t i = 64; i < b.n; i++) {
		char was = b.p[i];

		b.p[i] = (char)0xff;
		cache_seal(b.p, b.n);
		assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
		if (cache_find(&c, "k/b.ko", &keys[0], &r))
			for (int l = 0; l < RECORD_LISTS; l++)
				while (record_next(&r.lists[l]))
					continue;
		b.p[i] = was;
	}
}

static void strangers_file_is_not_trusted(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;

	write_cache(&b);
	unit_write(f->dir, "facts", b.p, b.n);
	assert_int_equal(chmod(strcat(strcpy((char[4096]){ 0 }, f->dir), "/facts"), 0644), 0);
	assert_int_equal(cache_open(&f->root, "/facts", &c), 0);
	cache_close(&c);
	assert_int_equal(chmod(strcat(strcpy((char[4096]){ 0 }, f->dir), "/facts"), 0664), 0);
	assert_int_equal(cache_open(&f->root, "/facts", &c), -EPERM);
	assert_int_equal(cache_open(&f->root, "/none", &c), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(every_part_of_the_key_counts),
		cmocka_unit_test(any_damage_is_seen),
		cmocka_unit_test(sealed_nonsense_stays_inside),
		FIXTURE_TEST(strangers_file_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
