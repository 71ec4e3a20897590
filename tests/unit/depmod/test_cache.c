// SPDX-License-Identifier: MIT
#include "facts.h"
#include "fixture.h"

#include <errno.h>
#include <unistd.h>

#include "act/depmod/cache.h"

#define KEY_B                       \
	{                           \
		1, 2, 3, 4, 5, 6, 7 \
	}
#define KEY_A                       \
	{                           \
		1, 9, 3, 4, 5, 6, 7 \
	}

static const struct module modules[] = {
	{ .path = "k/b.ko",
	  .name = "b",
	  .storable = true,
	  .key = KEY_B,
	  .facts.lists = { [RECORD_ALIASES] = FACTS("x\0y"), [RECORD_IMPORTS] = FACTS("Uf\0Wg") } },
	{ .path = "k/a.ko",
	  .name = "a",
	  .storable = true,
	  .key = KEY_A,
	  .facts.lists = { [RECORD_EXPORTS] = FACTS("f") } },
	{ .path = "k/none.ko", .name = "none", .key = KEY_A },
};
static const struct filekey key_a = KEY_A, key_b = KEY_B;
static const struct stamp stamp = { { 1, 2, 3 }, { [OUTPUT_DEP] = 4, [OUTPUT_DEVNAME] = 5 } };

static void write_cache(struct buf *b)
{
	assert_int_equal(cache_write(modules, ELEMENTSOF(modules), &stamp, b), 0);
}

/* What is asked of the record here needs nothing of the arena. */
static bool knows(const struct cache *c, const char *path, const struct filekey *key, struct record *ret)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	uint32_t place;

	return cache_find(c, path, key, 0, &place) && cache_facts(c, place, &arena, ret);
}

static void what_goes_in_comes_out(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;
	struct record r;

	write_cache(&b);
	assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
	assert_int_equal(cache_check_facts(&c), 0);
	assert_int_equal(c.n, 2);
	assert_true(knows(&c, "k/b.ko", &key_b, &r));
	assert_int_equal(r.lists[RECORD_ALIASES].n, 4);
	assert_memory_equal(r.lists[RECORD_ALIASES].p, "x\0y", 4);
	assert_memory_equal(r.lists[RECORD_IMPORTS].p, "Uf\0Wg", 6);
	assert_int_equal(r.lists[RECORD_EXPORTS].n, 0);
	assert_true(knows(&c, "k/a.ko", &key_a, &r));
	assert_false(knows(&c, "k/none.ko", &key_a, &r));
	assert_false(knows(&c, "k/b.ko.xz", &key_b, &r));
	cache_close(&c);
	assert_false(knows(&c, "k/b.ko", &key_b, &r));
}

static void any_hint_leads_there(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct module many[9];
	char paths[ELEMENTSOF(many)][2];
	struct cache c;
	uint32_t place;

	for (unsigned i = 0; i < ELEMENTSOF(many); i++) {
		snprintf(paths[i], sizeof(paths[i]), "%u", i);
		many[i] = (struct module){ .path = paths[i], .storable = true, .key.ino = i };
	}
	assert_int_equal(cache_write(many, ELEMENTSOF(many), NULL, &b), 0);
	assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
	for (unsigned i = 0; i < ELEMENTSOF(many); i++) {
		for (uint32_t hint = 0; hint < ELEMENTSOF(many) + 2; hint++) {
			assert_true(cache_find(&c, paths[i], &many[i].key, hint, &place));
			assert_int_equal(place, i);
			assert_false(cache_find(&c, "x", &many[i].key, hint, &place));
		}
	}
}

static void stamp_is_kept(void **state _unused_)
{
	_cleanup_buf_ struct buf with = BUF_INIT, without = BUF_INIT;
	struct cache c;

	write_cache(&with);
	assert_int_equal(cache_open_span(buf_span(&with), &c), 0);
	assert_true(c.has_stamp);
	assert_memory_equal(&c.stamp, &stamp, sizeof(stamp));
	assert_int_equal(cache_write(modules, ELEMENTSOF(modules), NULL, &without), 0);
	assert_int_equal(cache_open_span(buf_span(&without), &c), 0);
	assert_false(c.has_stamp);
}

static void every_part_of_the_key_counts(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;
	struct record r;

	write_cache(&b);
	assert_int_equal(cache_open_span(buf_span(&b), &c), 0);
	for (int i = 0; i < 7; i++) {
		struct filekey k = key_b;

		k.dev += i == 0;
		k.ino += i == 1;
		k.size += i == 2;
		k.mtime += i == 3;
		k.ctime += i == 4;
		k.mtime_ns += i == 5;
		k.ctime_ns += i == 6;
		assert_false(knows(&c, "k/b.ko", &k, &r));
	}
}

/* The facts have a checksum of their own: a run that needs none of them does not read them. */
static int open_all(struct span bytes, struct cache *ret)
{
	int r = cache_open_span(bytes, ret);

	return r < 0 ? r : cache_check_facts(ret);
}

static void any_damage_is_seen(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	struct cache c;

	write_cache(&b);
	for (size_t i = 0; i < b.n; i++) {
		b.p[i] ^= 0x10;
		assert_int_equal(open_all(buf_span(&b), &c), -EBADMSG);
		b.p[i] ^= 0x10;
	}
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(open_all(span_of(b.p, n), &c), -EBADMSG);
	assert_int_equal(open_all(buf_span(&b), &c), 0);
}

/* Right checksums over wrong numbers: a look-up may fail, but must stay inside. */
static void sealed_nonsense_stays_inside(void **state _unused_)
{
	_cleanup_buf_ struct buf b = BUF_INIT;
	size_t entries = 80 + sizeof(stamp);
	struct cache c;
	struct record r;

	write_cache(&b);
	for (size_t i = entries; i < b.n; i++) {
		char was = b.p[i];

		b.p[i] = (char)0xff;
		cache_seal(b.p, b.n);
		assert_int_equal(open_all(buf_span(&b), &c), 0);
		if (knows(&c, "k/b.ko", &key_b, &r))
			for (int l = 0; l < RECORD_LISTS; l++)
				while (record_next(&r.lists[l]))
					continue;
		b.p[i] = was;
	}
}

/* Written by everybody, or made by somebody else, whom only root can imitate. */
static void strangers_file_is_not_trusted(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf b = BUF_INIT;
	char path[4096];
	struct cache c;

	snprintf(path, sizeof(path), "%s/facts", f->dir);
	write_cache(&b);
	unit_write(f->dir, "facts", b.p, b.n);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(cache_open(&f->root, "/facts", &c), 0);
	cache_close(&c);
	assert_int_equal(chmod(path, 0664), 0);
	assert_int_equal(cache_open(&f->root, "/facts", &c), -EPERM);
	assert_int_equal(chmod(path, 0644), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(cache_open(&f->root, "/facts", &c), -EPERM);
	}
	assert_int_equal(cache_open(&f->root, "/none", &c), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(any_hint_leads_there),
		cmocka_unit_test(stamp_is_kept),
		cmocka_unit_test(every_part_of_the_key_counts),
		cmocka_unit_test(any_damage_is_seen),
		cmocka_unit_test(sealed_nonsense_stays_inside),
		FIXTURE_TEST(strangers_file_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
