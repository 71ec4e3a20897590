// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <limits.h>

#include "act/depmod/tree.h"

static bool skip_build(void *data _unused_, const char *name)
{
	return strcmp(name, "build") == 0;
}

static int note(void *data, int dirfd _unused_, const char *name _unused_, const char *path)
{
	buf_addf(data, "%s ", path);
	return 0;
}

static void note_unusable(void *data, const char *path, int error, mode_t type)
{
	buf_addf(data, "!%s:%d:%o ", path, error, type);
}

static void assert_walk(struct fixture *f, const char *want)
{
	_cleanup_buf_ struct buf seen = BUF_INIT;
	struct tree_visitor v = { skip_build, note, note_unusable, &seen };

	assert_int_equal(tree_walk(&f->root, MODULES, &v, NULL), 0);
	assert_string_equal(buf_str(&seen), want);
}

static void entries_come_in_byte_order(void **state)
{
	struct fixture *f = *state;

	fixture_text(f, "b/z.ko", "");
	fixture_text(f, "b/a.ko.xz", "");
	fixture_text(f, "a-x.ko", "");
	fixture_text(f, "a/m.ko.zst", "");
	fixture_text(f, ".hidden/h.ko.gz", "");
	fixture_text(f, "notes.txt", "");
	fixture_text(f, ".ko", "");
	fixture_text(f, "build/x.ko", "");
	assert_walk(f, ".hidden/h.ko.gz a/m.ko.zst a-x.ko b/a.ko.xz b/z.ko ");
}

static void links_are_followed_but_not_upwards(void **state)
{
	struct fixture *f = *state;

	fixture_text(f, "a/m.ko", "");
	assert_int_equal(symlink("..", fixture_path(f, "a/up")), 0);
	assert_int_equal(symlink("a", fixture_path(f, "again")), 0);
	assert_int_equal(symlink("a/m.ko", fixture_path(f, "n.ko")), 0);
	assert_walk(f, "a/m.ko again/m.ko n.ko ");
}

static void odd_entries_are_told(void **state)
{
	struct fixture *f = *state;

	fixture_text(f, "m.ko", "");
	assert_int_equal(symlink("nowhere", fixture_path(f, "d.ko")), 0);
	assert_int_equal(mkfifo(fixture_path(f, "f.ko"), 0600), 0);
	assert_walk(f, "!d.ko:-2:0 !f.ko:0:10000 m.ko ");
}

static void missing_top_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct tree_visitor v = { skip_build, note, NULL, NULL };
	char failed[PATH_MAX] = "x";

	assert_int_equal(tree_walk(&f->root, "/none", &v, failed), -ENOENT);
	assert_string_equal(failed, "");
}

/* Two links per level to the level below: as many paths as 2 to the 20th. */
static void multiplying_links_end(void **state)
{
	struct fixture *f = *state;
	struct tree_visitor v = { skip_build, note, NULL, NULL };
	char name[64], target[64];

	fixture_text(f, "l0/end.txt", "");
	for (int i = 1; i <= 20; i++) {
		snprintf(name, sizeof(name), "l%d/end.txt", i);
		fixture_text(f, name, "");
		snprintf(target, sizeof(target), "../l%d", i - 1);
		snprintf(name, sizeof(name), "l%d/a", i);
		assert_int_equal(symlink(target, fixture_path(f, name)), 0);
		snprintf(name, sizeof(name), "l%d/b", i);
		assert_int_equal(symlink(target, fixture_path(f, name)), 0);
	}
	assert_int_equal(tree_walk(&f->root, MODULES, &v, NULL), -ELOOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(entries_come_in_byte_order),
		FIXTURE_TEST(links_are_followed_but_not_upwards),
		FIXTURE_TEST(odd_entries_are_told),
		FIXTURE_TEST(missing_top_is_an_error),
		FIXTURE_TEST(multiplying_links_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
