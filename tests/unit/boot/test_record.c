// SPDX-License-Identifier: MIT
/* What modules-load keeps of its work: written by a load, read again, bounded, and never the reason for a failure. */
#include <errno.h>

#include "fixture.h"

#include "verb/boot/load.h"
#include "verb/boot/record.h"

#define FILE_NAME "run/kmodctl/modules-load.log"

struct seen {
	size_t n;
	struct boot_record last;
	char module[64], asked[128], modules[256];
};

static int see(void *data, const struct boot_record *record)
{
	struct seen *s = data;

	s->n++;
	s->last = *record;
	snprintf(s->module, sizeof(s->module), "%s", record->module);
	snprintf(s->asked, sizeof(s->asked), "%s", record->asked);
	strncat(s->modules, record->module, sizeof(s->modules) - strlen(s->modules) - 2);
	strcat(s->modules, " ");
	return 0;
}

static void load(struct fixture *f, const char *list)
{
	struct boot_load b;

	unit_puts(f->dir, "etc/modules-load.d/a.conf", list);
	assert_int_equal(boot_load_open(&f->sys, NULL, &b), 0);
	assert_int_equal(boot_load_plan(&b), 0);
	assert_int_equal(boot_load_run(&b, 1, NULL, NULL), 0);
	boot_load_done(&b);
}

static struct seen read_all(struct fixture *f, size_t want_damaged)
{
	struct seen s = { 0 };
	size_t damaged = 99;

	assert_int_equal(boot_record_each(&f->sys.root, see, &s, &damaged), 0);
	assert_int_equal(damaged, want_damaged);
	return s;
}

static void a_load_is_recorded_with_who_asked(void **state)
{
	struct fixture *f = *state;
	struct seen s;

	unit_puts(f->dir, "run/x", "");
	load(f, "# remark\nleaf\n");
	s = read_all(f, 0);
	assert_string_equal(s.modules, "core leaf ");
	assert_string_equal(s.asked, "/etc/modules-load.d/a.conf:2");
	assert_true(s.last.start > 0 && s.last.end >= s.last.start);
	assert_int_equal(s.last.error, 0);
	load(f, "other\n");
	s = read_all(f, 0);
	assert_string_equal(s.modules, "core leaf other ");
}

static void a_dependency_names_what_needs_it(void **state)
{
	struct fixture *f = *state;
	struct seen s;

	unit_puts(f->dir, "run/x", "");
	unit_puts(f->dir, "fake/errors", "finit core ENODEV\n");
	load(f, "leaf\n");
	s = read_all(f, 0);
	assert_string_equal(s.modules, "core ");
	assert_string_equal(s.asked, "/etc/modules-load.d/a.conf:1 for leaf");
	assert_int_equal(s.last.error, ENODEV);
}

static void what_is_loaded_already_is_not_recorded(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "run/x", "");
	unit_puts(f->dir, "sys/module/core/initstate", "live\n");
	load(f, "core\nunix\nnosuch\n");
	assert_file(f, "/" FILE_NAME, NULL);
}

static void without_run_nothing_is_made(void **state)
{
	struct fixture *f = *state;

	load(f, "core\n");
	assert_file(f, "/" FILE_NAME, NULL);
	assert_messages(f, "");
}

static void a_link_is_not_followed_and_the_load_succeeds(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "victim", "mine\n");
	unit_puts(f->dir, "run/kmodctl/x", "");
	unit_link(f->dir, FILE_NAME, "../../victim");
	load(f, "core\n");
	assert_file(f, "/victim", "mine\n");
	assert_file(f, "/fake/log", "finit core flags=0 options= = 0\n");
}

static void the_file_has_a_bound(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *full = calloc(1, BOOT_RECORD_MAX + 1);
	size_t damaged;
	struct seen s = { 0 };

	memset(full, 'x', BOOT_RECORD_MAX);
	unit_write(f->dir, FILE_NAME, full, BOOT_RECORD_MAX);
	load(f, "core\n");
	assert_int_equal(boot_record_each(&f->sys.root, see, &s, &damaged), 0);
	assert_int_equal(s.n, 0);
	assert_int_equal(damaged, 1);
	unit_write(f->dir, FILE_NAME, full, BOOT_RECORD_MAX + 1);
	assert_int_equal(boot_record_each(&f->sys.root, see, &s, &damaged), -EFBIG);
}

static void damaged_lines_are_counted(void **state)
{
	struct fixture *f = *state;
	struct seen s;

	unit_puts(f->dir, FILE_NAME,
		  "1\t2\t0\ta\tb\n\n1\t2\t0\ta\n2\t1\t0\ta\tb\n1\t2\t0\t\tb\n1\t2\t0\ta\tb\tc\n"
		  "-1\t2\t0\ta\tb\n3\t4\t5\tc\td\n1\t2\t0\tcut\to");
	s = read_all(f, 7);
	assert_string_equal(s.modules, "a c ");
	assert_int_equal(s.last.error, 5);
}

static void texts_cannot_become_fields_or_lines(void **state)
{
	const struct boot_record record = { 1, 2, 0, "a\tb\nc", "d\n3\t4\t0\te\tf" };
	_cleanup_buf_ struct buf line = BUF_INIT;
	struct fixture *f = *state;
	struct seen s;

	assert_int_equal(boot_record_add(&line, &record), 0);
	unit_write(f->dir, FILE_NAME, line.p, line.n);
	s = read_all(f, 0);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.module, "a\\x09b\\x0ac");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(a_load_is_recorded_with_who_asked),
		FIXTURE_TEST(a_dependency_names_what_needs_it),
		FIXTURE_TEST(what_is_loaded_already_is_not_recorded),
		FIXTURE_TEST(without_run_nothing_is_made),
		FIXTURE_TEST(a_link_is_not_followed_and_the_load_succeeds),
		FIXTURE_TEST(the_file_has_a_bound),
		FIXTURE_TEST(damaged_lines_are_counted),
		FIXTURE_TEST(texts_cannot_become_fields_or_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
