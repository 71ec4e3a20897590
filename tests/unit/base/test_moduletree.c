// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>

#include "base/buf.h"
#include "base/moduletree.h"

#define TOP "/lib/modules/5.0.0"

static bool types_are_hidden;
static unsigned failing_listing; /* 1: the next one is the last that succeeds, and so on; 0: none fails */

/* libc's function for what the walk reads directories by: a file system that does not know the types of its entries. */
ssize_t getdents64(int fd, void *entries, size_t cap)
{
	char *p = entries;
	long n;

	if (failing_listing && --failing_listing == 0) {
		errno = EIO;
		return -1;
	}
	n = syscall(SYS_getdents64, fd, p, cap);
	for (long at = 0; types_are_hidden && at < n;) {
		struct dirent *e = (void *)(p + at);

		e->d_type = DT_UNKNOWN;
		at += e->d_reclen;
	}
	return n;
}

static void put(const char *dir, const char *name)
{
	char whole[1024];

	snprintf(whole, sizeof(whole), "%s/%s", &TOP[1], name);
	unit_puts(dir, whole, "");
}

static void put_link(const char *dir, const char *name, const char *target)
{
	char whole[1024];

	snprintf(whole, sizeof(whole), "%s/%s", &TOP[1], name);
	unit_link(dir, whole, target);
}

static bool skip_hidden(void *data _unused_, const char *name)
{
	return name[0] == '.';
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

static void assert_walk(const char *dir, struct moduletree_visitor v, const char *want)
{
	_cleanup_buf_ struct buf seen = BUF_INIT;
	const struct root root = { .prefix = dir };

	v.module = note;
	v.unusable = note_unusable;
	v.data = &seen;
	assert_int_equal(moduletree_walk(&root, TOP, &v, NULL), 0);
	assert_string_equal(buf_str(&seen), want);
}

static const struct moduletree_visitor of_release = { .flags = MODULETREE_RELEASE };
static const struct moduletree_visitor of_directory = { 0 };

static void entries_come_in_byte_order(void **state)
{
	const struct moduletree_visitor not_hidden = { .flags = MODULETREE_RELEASE, .skip = skip_hidden };

	put(*state, "b/z.ko");
	put(*state, "b/a.ko.xz");
	put(*state, "a-x.ko");
	put(*state, "a/m.ko.zst");
	put(*state, ".hidden/h.ko.gz");
	put(*state, "notes.txt");
	put(*state, ".ko");
	assert_walk(*state, of_release, ".hidden/h.ko.gz a/m.ko.zst a-x.ko b/a.ko.xz b/z.ko ");
	assert_walk(*state, of_directory, ".hidden/h.ko.gz a/m.ko.zst a-x.ko b/a.ko.xz b/z.ko ");
	assert_walk(*state, not_hidden, "a/m.ko.zst a-x.ko b/a.ko.xz b/z.ko ");
}

static void links_of_a_release_are_followed_but_not_upwards(void **state)
{
	put(*state, "a/m.ko");
	put_link(*state, "a/up", "..");
	put_link(*state, "again", "a");
	put_link(*state, "n.ko", "a/m.ko");
	assert_walk(*state, of_release, "a/m.ko again/m.ko n.ko ");
}

static void links_of_another_directory_are_not_followed(void **state)
{
	put(*state, "a/m.ko");
	put_link(*state, "again", "a");
	put_link(*state, "n.ko", "a/m.ko");
	put_link(*state, "nowhere.ko", "nowhere");
	assert_walk(*state, of_directory, "a/m.ko ");
}

static void unknown_types_are_looked_up_but_links_not_followed(void **state)
{
	put(*state, "k/a.ko");
	put_link(*state, "k/again", ".");
	put_link(*state, "k/more", ".");
	put_link(*state, "k/up", "..");
	put_link(*state, "k/b.ko", "a.ko");
	put_link(*state, "out", "../../../etc");
	unit_puts(*state, "etc/c.ko", "");
	types_are_hidden = true;
	assert_walk(*state, of_directory, "k/a.ko ");
	types_are_hidden = false;
}

static void sources_are_no_part_of_a_release(void **state)
{
	put(*state, "build/x.ko");
	put(*state, "a/source/y.ko");
	put(*state, "z.ko");
	assert_walk(*state, of_release, "z.ko ");
	assert_walk(*state, of_directory, "a/source/y.ko build/x.ko z.ko ");
}

static void odd_entries_are_reported(void **state)
{
	char path[1024];

	put(*state, "m.ko");
	put_link(*state, "d.ko", "nowhere");
	snprintf(path, sizeof(path), "%s%s/f.ko", (const char *)*state, TOP);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_walk(*state, of_release, "!d.ko:-2:0 !f.ko:0:10000 m.ko ");
	assert_walk(*state, of_directory, "!f.ko:0:10000 m.ko ");
}

static int note_unreadable(void *data, const char *path, int error)
{
	buf_addf(data, "?%s:%d ", path, error);
	return 0;
}

/* Listings: two of the top (the second one is empty), then the first of the directory. */
static void unreadable_directories_are_skipped_if_asked(void **state)
{
	const struct root root = { .prefix = *state };
	struct moduletree_visitor v = { .flags = MODULETREE_RELEASE, .unreadable = note_unreadable };
	char failed[PATH_MAX];

	put(*state, "a.ko");
	put(*state, "d/b.ko");
	put(*state, "e.ko");
	failing_listing = 3;
	assert_walk(*state, v, "a.ko ?d:-5 e.ko ");
	failing_listing = 4;
	assert_walk(*state, v, "a.ko ?d:-5 d/b.ko e.ko ");
	failing_listing = 2;
	v.module = note;
	assert_int_equal(moduletree_walk(&root, TOP, &v, failed), -EIO);
	assert_string_equal(failed, "");
}

static void missing_top_is_an_error(void **state)
{
	const struct root root = { .prefix = *state };
	const struct moduletree_visitor v = { .module = note };
	char failed[PATH_MAX] = "x";

	assert_int_equal(moduletree_walk(&root, "/none", &v, failed), -ENOENT);
	assert_string_equal(failed, "");
}

/* Two links per level to the level below: as many paths as 2 to the 20th. */
static void multiplying_links_end(void **state)
{
	const struct root root = { .prefix = *state };
	const struct moduletree_visitor v = { .flags = MODULETREE_RELEASE, .module = note };
	char name[64], target[64];

	put(*state, "l0/end.txt");
	for (int i = 1; i <= 20; i++) {
		snprintf(name, sizeof(name), "l%d/end.txt", i);
		put(*state, name);
		snprintf(target, sizeof(target), "../l%d", i - 1);
		snprintf(name, sizeof(name), "l%d/a", i);
		put_link(*state, name, target);
		snprintf(name, sizeof(name), "l%d/b", i);
		put_link(*state, name, target);
	}
	assert_int_equal(moduletree_walk(&root, TOP, &v, NULL), -ELOOP);
}

static void an_open_directory_is_walked_and_stays_open(void **state)
{
	_cleanup_buf_ struct buf seen = BUF_INIT;
	const struct moduletree_visitor v = { .module = note, .data = &seen };
	const struct root root = { .prefix = *state };
	_cleanup_close_ int fd = -1;

	put(*state, "a/m.ko");
	fd = root_open(&root, TOP, O_RDONLY | O_DIRECTORY);
	assert_true(fd >= 0);
	assert_int_equal(moduletree_walk_at(fd, &v, NULL), 0);
	assert_int_equal(moduletree_walk_at(fd, &v, NULL), 0);
	assert_string_equal(buf_str(&seen), "a/m.ko a/m.ko ");
}

static void lists_are_sorted_by_whole_paths(void **state)
{
	_cleanup_strv_ struct strv found = { 0 };
	const struct root root = { .prefix = *state };

	put(*state, "a/m.ko");
	put(*state, "a-x.ko");
	assert_int_equal(moduletree_list(&root, TOP "//", 0, &found, NULL), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.items[0], TOP "/a-x.ko");
	assert_string_equal(found.items[1], TOP "/a/m.ko");
}

static void files_of_a_name_are_found_through_links(void **state)
{
	_cleanup_strv_ struct strv found = { 0 };
	const struct root root = { .prefix = *state };

	put(*state, "kernel/a-b.ko");
	put(*state, "kernel/a-bc.ko");
	put(*state, "build/a_b.ko");
	unit_puts(*state, "opt/drivers/a_b.ko.xz", "");
	put_link(*state, "extra", "../../../opt/drivers");
	assert_int_equal(moduletree_find(&root, TOP, MODULETREE_RELEASE, "a_b", &found), 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.items[0], TOP "/extra/a_b.ko.xz");
	assert_string_equal(found.items[1], TOP "/kernel/a-b.ko");
}

static void links_below_an_anchor_lead_nowhere_outside(void **state)
{
	_cleanup_strv_ struct strv found = { 0 };
	struct root root = { .prefix = *state };

	unit_puts(*state, "host/a.ko", "");
	put(*state, "b/c.ko");
	put_link(*state, "in", "/5.0.0/b");
	put_link(*state, "in.ko", "b/c.ko");
	put_link(*state, "out", "../../../host");
	put_link(*state, "out.ko", "../../../host/a.ko");
	assert_int_equal(root_anchor_add(&root, "/lib/modules"), 0);
	assert_int_equal(moduletree_list(&root, TOP, MODULETREE_RELEASE, &found, NULL), 0);
	root_anchors_close(&root);
	assert_int_equal(found.n, 3);
	assert_string_equal(found.items[0], TOP "/b/c.ko");
	assert_string_equal(found.items[1], TOP "/in.ko");
	assert_string_equal(found.items[2], TOP "/in/c.ko");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(entries_come_in_byte_order),
		unit_test_in_dir(links_of_a_release_are_followed_but_not_upwards),
		unit_test_in_dir(links_of_another_directory_are_not_followed),
		unit_test_in_dir(unknown_types_are_looked_up_but_links_not_followed),
		unit_test_in_dir(sources_are_no_part_of_a_release),
		unit_test_in_dir(odd_entries_are_reported),
		unit_test_in_dir(unreadable_directories_are_skipped_if_asked),
		unit_test_in_dir(missing_top_is_an_error),
		unit_test_in_dir(multiplying_links_end),
		unit_test_in_dir(an_open_directory_is_walked_and_stays_open),
		unit_test_in_dir(lists_are_sorted_by_whole_paths),
		unit_test_in_dir(files_of_a_name_are_found_through_links),
		unit_test_in_dir(links_below_an_anchor_lead_nowhere_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
