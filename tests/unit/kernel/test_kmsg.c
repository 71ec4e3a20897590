// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/kernel/kmsg.h"

static int parse(const char *raw, struct kmsg_record *r, char *text, size_t cap)
{
	struct span t;
	int ret = kmsg_parse(span_of_str(raw), r, &t);

	if (ret == 0)
		snprintf(text, cap, "%.*s", (int)t.n, (const char *)t.p);
	return ret;
}

static void prefix_and_text(void **state _unused_)
{
	struct kmsg_record r;
	char text[64];

	assert_int_equal(parse("6,339,5140900,-;labmod: loading\n", &r, text, sizeof(text)), 0);
	assert_int_equal(r.priority, 6);
	assert_int_equal(r.sequence, 339);
	assert_int_equal(r.usec, 5140900);
	assert_string_equal(text, "labmod: loading");
}

static void later_fields_and_properties_are_skipped(void **state _unused_)
{
	struct kmsg_record r;
	char text[64];

	assert_int_equal(parse("4,1,2,c,caller=T1;a;b\n SUBSYSTEM=pci\n DEVICE=+pci:0\n", &r, text, sizeof(text)), 0);
	assert_string_equal(text, "a;b");
}

static void text_may_be_empty_or_unended(void **state _unused_)
{
	struct kmsg_record r;
	char text[64];

	assert_int_equal(parse("4,1,2,-;", &r, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(parse("4,1,2,-;abc", &r, text, sizeof(text)), 0);
	assert_string_equal(text, "abc");
}

static void other_forms_are_refused(void **state _unused_)
{
	static const char *const bad[] = { "",
					   "x",
					   "6",
					   "6,1",
					   "6,1,2",
					   "6,1,2,",
					   "6,1,2,-",
					   ";text",
					   "6,,2,-;t",
					   "-1,1,2,-;t",
					   "6,1,2,-\n;text",
					   "99999999999,1,2,-;t",
					   "6,18446744073709551616,2,-;t" };
	struct kmsg_record r;
	char text[64];

	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(parse(bad[i], &r, text, sizeof(text)), -EINVAL);
}

static void no_device_is_no_harm(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	_cleanup_kmsg_list_ struct kmsg_list list = { 0 };
	_cleanup_kmsg_ struct kmsg k;

	assert_int_equal(kmsg_open(&root, &k), -ENOENT);
	assert_int_equal(kmsg_collect(&k, &list), 0);
	assert_int_equal(list.n, 0);
	assert_false(list.lost);
	unit_rmdir(dir);
}

/* A file stands for the device: the mark is its end, what is added later comes with one read. */
static void only_what_came_after_the_mark(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	_cleanup_kmsg_list_ struct kmsg_list list = { 0 };
	_cleanup_kmsg_ struct kmsg k;
	char path[4096];
	FILE *f;

	unit_puts(dir, "dev/kmsg", "6,1,1,-;before\n");
	assert_int_equal(kmsg_open(&root, &k), 0);
	snprintf(path, sizeof(path), "%s/dev/kmsg", dir);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs("3,2,9,-;after\n", f);
	fclose(f);
	assert_int_equal(kmsg_collect(&k, &list), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.items[0].text, "after");
	assert_int_equal(list.items[0].priority, 3);
	unit_rmdir(dir);
}

static void long_texts_are_cut(void **state _unused_)
{
	char *dir = unit_mkdtemp(), text[3000] = "3,2,9,-;";
	struct root root = { .prefix = dir };
	_cleanup_kmsg_list_ struct kmsg_list list = { 0 };
	_cleanup_kmsg_ struct kmsg k;
	char path[4096];
	FILE *f;

	unit_puts(dir, "dev/kmsg", "");
	assert_int_equal(kmsg_open(&root, &k), 0);
	memset(text + 8, 'x', sizeof(text) - 9);
	snprintf(path, sizeof(path), "%s/dev/kmsg", dir);
	f = fopen(path, "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(kmsg_collect(&k, &list), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(strlen(list.items[0].text), KMSG_TEXT_MAX);
	unit_rmdir(dir);
}

struct log {
	char text[256];
	size_t left; /* visits until it is ended */
};

static int visit(void *data, const struct kmsg_record *record)
{
	struct log *l = data;
	size_t n = strlen(l->text);

	snprintf(l->text + n, sizeof(l->text) - n, "%u:%s|", (unsigned)record->sequence, record->text);
	return --l->left ? 0 : -ECANCELED;
}

static void the_whole_log_is_read(void **state)
{
	const struct root root = { .prefix = *state };
	struct log l = { .left = 9 };
	bool from_boot = false;

	unit_puts(*state, "dev/kmsg", "6,0,1,-;first\n KEY=value\nbroken\n6,1,2,-;second\n6,2,3,-;third");
	assert_int_equal(kmsg_each(&root, visit, &l, &from_boot), 0);
	assert_string_equal(l.text, "0:first|1:second|2:third|");
	assert_true(from_boot);
	l = (struct log){ .left = 2 };
	assert_int_equal(kmsg_each(&root, visit, &l, &from_boot), -ECANCELED);
	assert_string_equal(l.text, "0:first|1:second|");
}

static void a_log_that_lost_its_beginning_is_not_from_boot(void **state)
{
	const struct root root = { .prefix = *state };
	struct log l = { .left = 9 };
	bool from_boot = true;

	unit_puts(*state, "dev/kmsg", "6,7,1,-;late\n");
	assert_int_equal(kmsg_each(&root, visit, &l, &from_boot), 0);
	assert_false(from_boot);
	from_boot = true;
	unit_puts(*state, "dev/kmsg", "");
	assert_int_equal(kmsg_each(&root, visit, &l, &from_boot), 0);
	assert_false(from_boot);
}

static void a_log_that_is_not_there(void **state)
{
	const struct root root = { .prefix = *state };
	bool from_boot = false;

	assert_int_equal(kmsg_each(&root, visit, NULL, &from_boot), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefix_and_text),
		cmocka_unit_test(later_fields_and_properties_are_skipped),
		cmocka_unit_test(text_may_be_empty_or_unended),
		cmocka_unit_test(other_forms_are_refused),
		cmocka_unit_test(no_device_is_no_harm),
		cmocka_unit_test(only_what_came_after_the_mark),
		cmocka_unit_test(long_texts_are_cut),
		unit_test_in_dir(the_whole_log_is_read),
		unit_test_in_dir(a_log_that_lost_its_beginning_is_not_from_boot),
		unit_test_in_dir(a_log_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
