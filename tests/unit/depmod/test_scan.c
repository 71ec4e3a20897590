// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <limits.h>

#include "act/depmod/scan.h"

struct scanned {
	struct arena arena;
	struct search *search;
	struct scan scan;
};

static const char *const no_config[] = { "/none", NULL };
static const char *const config[] = { "/depmod.conf", NULL };

static int scan_all(struct fixture *f, struct scanned *s, const char *const *paths)
{
	*s = (struct scanned){ .scan = { .root = f->root, .dir = MODULES, .diag = &f->diag } };
	s->scan.arena = &s->arena;
	assert_int_equal(search_load(&f->root, paths, "5.0.0", &f->diag, &s->search), 0);
	s->scan.search = s->search;
	return scan_tree(&s->scan);
}

static void scanned_done(struct scanned *s)
{
	scan_done(&s->scan);
	search_free(s->search);
	arena_done(&s->arena);
}

static void names_are_normalised_and_paths_kept(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	fixture_text(f, "kernel/snd-timer.ko.xz", "");
	assert_int_equal(scan_all(f, &s, no_config), 0);
	assert_int_equal(s.scan.n, 1);
	assert_string_equal(s.scan.modules[0].name, "snd_timer");
	assert_string_equal(s.scan.modules[0].path, "kernel/snd-timer.ko.xz");
	assert_false(s.scan.hidden);
	scanned_done(&s);
}

static void file_names_with_control_characters_are_left_out(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	fixture_text(f, "kernel/a\nb.ko", "");
	fixture_text(f, "k\033/c.ko", "");
	fixture_text(f, "kernel/d.ko", "");
	assert_int_equal(scan_all(f, &s, no_config), 0);
	assert_int_equal(s.scan.n, 1);
	assert_string_equal(s.scan.modules[0].name, "d");
	assert_true(s.scan.incomplete);
	assert_message(f, "depmod.control: " MODULES "/kernel/a?b.ko: left out: its name has control characters");
	assert_int_equal(scan_file(&s.scan, MODULES "/kernel/a\nb.ko"), -EINVAL);
	assert_int_equal(s.scan.n, 1);
	scanned_done(&s);
}

static void updates_win(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	fixture_text(f, "kernel/a.ko", "");
	fixture_text(f, "updates/a.ko", "");
	assert_int_equal(scan_all(f, &s, no_config), 0);
	assert_int_equal(s.scan.n, 1);
	assert_string_equal(s.scan.modules[0].path, "updates/a.ko");
	assert_true(s.scan.hidden);
	assert_message(f, "depmod.superseded");
	scanned_done(&s);
}

static void of_equal_files_the_first_by_name_counts(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	fixture_text(f, "kernel/z/a.ko", "");
	fixture_text(f, "kernel/b/a.ko.xz", "");
	assert_int_equal(scan_all(f, &s, no_config), 0);
	assert_string_equal(s.scan.modules[0].path, "kernel/b/a.ko.xz");
	assert_message(f, "module a found twice: using kernel/b/a.ko.xz, ignoring kernel/z/a.ko");
	scanned_done(&s);
}

static void override_beats_search(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	unit_puts(f->dir, "depmod.conf", "search updates built-in\noverride a * kernel\n");
	fixture_text(f, "kernel/a.ko", "");
	fixture_text(f, "updates/a.ko", "");
	assert_int_equal(scan_all(f, &s, config), 0);
	assert_string_equal(s.scan.modules[0].path, "kernel/a.ko");
	scanned_done(&s);
}

static void external_and_exclude(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	unit_puts(f->dir, "depmod.conf", "external * /ext\nexternal 9 /no\nexternal * /missing\nexclude skip\n");
	fixture_text(f, "skip/a.ko", "");
	unit_puts(f->dir, "ext/e.ko", "");
	unit_puts(f->dir, "no/n.ko", "");
	assert_int_equal(scan_all(f, &s, config), 0);
	assert_int_equal(s.scan.n, 1);
	assert_string_equal(s.scan.modules[0].path, "/ext/e.ko");
	assert_true(s.scan.hidden);
	assert_message(f, "could not open directory /missing: No such file or directory");
	scanned_done(&s);
}

static void missing_directory_is_an_error(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	assert_int_equal(scan_all(f, &s, no_config), -ENOENT);
	assert_message(f, "could not open directory " MODULES ": No such file or directory");
	scanned_done(&s);
}

static void dangling_module_makes_it_incomplete(void **state)
{
	struct fixture *f = *state;
	struct scanned s;

	fixture_text(f, "a.ko", "");
	assert_int_equal(symlink("nowhere", fixture_path(f, "notes")), 0);
	assert_int_equal(scan_all(f, &s, no_config), 0);
	assert_false(s.scan.incomplete);
	scanned_done(&s);
	assert_int_equal(symlink("nowhere", fixture_path(f, "b.ko")), 0);
	assert_int_equal(scan_all(f, &s, no_config), 0);
	assert_true(s.scan.incomplete);
	assert_message(f, "could not stat " MODULES "/b.ko");
	scanned_done(&s);
}

static void named_files(void **state)
{
	struct fixture *f = *state;
	struct scanned s = { .scan = { .root = f->root, .dir = MODULES, .diag = &f->diag } };
	char buf[PATH_MAX];

	s.scan.arena = &s.arena;
	fixture_text(f, "kernel/a.ko", "");
	unit_puts(f->dir, "else/b.ko", "");
	assert_int_equal(scan_file(&s.scan, MODULES "/kernel/a.ko"), 0);
	assert_int_equal(scan_file(&s.scan, "/else/b.ko"), 0);
	assert_string_equal(s.scan.modules[0].path, "kernel/a.ko");
	assert_string_equal(s.scan.modules[1].path, "/else/b.ko");
	assert_string_equal(scan_module_file(MODULES, &s.scan.modules[0], buf), MODULES "/kernel/a.ko");
	assert_string_equal(scan_module_file(MODULES, &s.scan.modules[1], buf), "/else/b.ko");
	assert_int_equal(scan_file(&s.scan, "/else/b.ko"), -EEXIST);
	assert_message(f, "could not add module /else/b.ko: File exists");
	assert_int_equal(scan_file(&s.scan, "/else/c.ko"), -ENOENT);
	assert_message(f, "could not create module /else/c.ko: No such file or directory");
	scanned_done(&s);
}

static void newer_file_is_seen(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	fixture_text(f, "kernel/a.ko", "");
	fixture_text(f, "kernel/notes", "");
	assert_int_equal(stat(fixture_path(f, "kernel/a.ko"), &st), 0);
	assert_int_equal(scan_is_newer(&f->root, MODULES, st.st_mtim), 0);
	st.st_mtim.tv_sec--;
	assert_int_equal(scan_is_newer(&f->root, MODULES, st.st_mtim), 1);
	assert_int_equal(scan_is_newer(&f->root, "/none", st.st_mtim), -ENOENT);
}

/* The file that it leads to is another's: neither its time nor whether it exists is any of our business. */
static void a_link_out_of_an_anchored_tree_is_not_followed(void **state)
{
	struct fixture *f = *state;
	char host[2048];

	unit_puts(f->dir, "host.ko", "");
	snprintf(host, sizeof(host), "%s/host.ko", f->dir);
	fixture_text(f, "kernel/notes", "");
	assert_int_equal(symlink(host, fixture_path(f, "kernel/l.ko")), 0);
	assert_int_equal(scan_is_newer(&f->root, MODULES, (struct timespec){ 0 }), 1);
	assert_int_equal(root_anchor_add(&f->root, MODULES), 0);
	assert_int_equal(scan_is_newer(&f->root, MODULES, (struct timespec){ 0 }), 0);
	root_anchors_close(&f->root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(names_are_normalised_and_paths_kept),
		FIXTURE_TEST(file_names_with_control_characters_are_left_out),
		FIXTURE_TEST(updates_win),
		FIXTURE_TEST(of_equal_files_the_first_by_name_counts),
		FIXTURE_TEST(override_beats_search),
		FIXTURE_TEST(external_and_exclude),
		FIXTURE_TEST(missing_directory_is_an_error),
		FIXTURE_TEST(dangling_module_makes_it_incomplete),
		FIXTURE_TEST(named_files),
		FIXTURE_TEST(newer_file_is_seen),
		FIXTURE_TEST(a_link_out_of_an_anchored_tree_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
