// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/kernel/live.h"

struct heard {
	unsigned n;
	unsigned line;
	char code[32];
};

static void hear(void *data, const struct diag_msg *msg)
{
	struct heard *h = data;

	h->n++;
	h->line = msg->line;
	snprintf(h->code, sizeof(h->code), "%s", msg->code);
}

static struct live *parse_hearing(const char *text, size_t n, struct heard *h)
{
	struct diag diag = { hear, h, LOG_DEBUG };
	struct live *l;

	*h = (struct heard){ 0 };
	assert_int_equal(live_parse(span_of(text, n), "list", &diag, &l), 0);
	return l;
}

static struct live *parse(const char *text)
{
	struct live *l;

	assert_int_equal(live_parse(span_of_str(text), "list", NULL, &l), 0);
	return l;
}

static void fields_of_a_line(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("nf_nat 61440 2 a,b, Live 0xffffffffc0a00000 (OE)\n");
	const struct live_module *m = live_get(l, 0);

	assert_int_equal(live_count(l), 1);
	assert_string_equal(m->name, "nf_nat");
	assert_int_equal(m->size, 61440);
	assert_true(m->has_refcnt);
	assert_int_equal(m->refcnt, 2);
	assert_int_equal(m->n_users, 2);
	assert_string_equal(m->users[0], "a");
	assert_string_equal(m->users[1], "b");
	assert_int_equal(m->state, LIVE_LIVE);
	assert_false(m->permanent);
	assert_string_equal(m->taint, "OE");
	assert_int_equal(m->address, 0xffffffffc0a00000);
}

static void no_users_is_a_dash(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("m 1 0 - Live 0x0\n");

	assert_int_equal(live_get(l, 0)->n_users, 0);
	assert_int_equal(live_get(l, 0)->address, 0);
	assert_string_equal(live_get(l, 0)->taint, "");
}

static void permanent_is_not_a_user(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("m 1 1 a,[permanent], Live 0x0\nn 1 0 [permanent], Live 0x0\n");

	assert_true(live_get(l, 0)->permanent);
	assert_int_equal(live_get(l, 0)->n_users, 1);
	assert_true(live_get(l, 1)->permanent);
	assert_int_equal(live_get(l, 1)->n_users, 0);
}

static void kernel_that_cannot_unload(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("m 1 - - Live 0x0\n");

	assert_false(live_get(l, 0)->has_refcnt);
	assert_int_equal(live_get(l, 0)->refcnt, -1);
}

static void states_and_their_signs(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l =
		parse("a 1 1 - Loading 0x0 (OE+)\nb 1 -1 - Unloading 0x0 (-)\nc 1 0 - Loading 0x0 (+)\n");

	assert_int_equal(live_get(l, 0)->state, LIVE_COMING);
	assert_string_equal(live_get(l, 0)->taint, "OE");
	assert_int_equal(live_get(l, 1)->state, LIVE_GOING);
	assert_int_equal(live_get(l, 1)->refcnt, -1);
	assert_true(live_get(l, 1)->has_refcnt);
	assert_string_equal(live_get(l, 1)->taint, "");
	assert_string_equal(live_get(l, 2)->taint, "");
}

static void address_may_be_missing(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("a 1 0 - Live\nb 1 0 - Live (E)\n");

	assert_int_equal(live_count(l), 2);
	assert_string_equal(live_get(l, 1)->taint, "E");
}

static void last_line_without_newline_counts(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("a 1 0 - Live 0x0\nb 2 0 - Live 0x0");

	assert_int_equal(live_count(l), 2);
	assert_int_equal(live_get(l, 1)->size, 2);
}

static void bad_lines_are_told_and_left_out(void **state _unused_)
{
	static const char *const bad[] = {
		"name",
		"m x 0 - Live",
		"m 1 x - Live",
		"m 1 0 -",
		"m -1 0 - Live",
		"m 1 0 - Gone",
		"m 1 0 - Live 0xzz",
		"m 1 0 - Live 0x0 (E",
		"m 1 0 - Live 0x0 (E) more",
		"   ",
		"m 18446744073709551616 0 - Live",
	};

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_(live_free_p) struct live *l = NULL;
		struct heard h;
		char text[128];
		int n = snprintf(text, sizeof(text), "good 1 0 - Live 0x0\n%s\n", bad[i]);

		l = parse_hearing(text, (size_t)n, &h);
		assert_int_equal(live_count(l), 1);
		assert_int_equal(live_damaged(l), 1);
		assert_int_equal(h.n, 1);
		assert_int_equal(h.line, 2);
		assert_string_equal(h.code, "live.bad-line");
	}
}

static void nul_inside_a_line_is_bad(void **state _unused_)
{
	static const char text[] = "m 1 0 - Live 0x0\0 (E)\n";
	struct heard h;
	_cleanup_(live_free_p) struct live *l = parse_hearing(text, sizeof(text) - 1, &h);

	assert_int_equal(live_count(l), 0);
	assert_int_equal(h.n, 1);
}

static void first_of_equal_names_wins(void **state _unused_)
{
	static const char text[] = "a 1 0 - Live\na 2 0 - Live\nb 3 0 - Live\n";
	struct heard h;
	_cleanup_(live_free_p) struct live *l = parse_hearing(text, sizeof(text) - 1, &h);

	assert_int_equal(live_count(l), 2);
	assert_int_equal(live_find(l, "a")->size, 1);
	assert_int_equal(live_find(l, "b")->size, 3);
	assert_string_equal(h.code, "live.duplicate");
}

static void find_by_name(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("a 1 0 - Live\nb 2 0 - Live\n");

	assert_int_equal(live_find(l, "b")->size, 2);
	assert_null(live_find(l, "c"));
}

static void users_without_commas_at_the_end_stay_inside(void **state _unused_)
{
	_cleanup_(live_free_p) struct live *l = parse("a 1 1 x Live\nb 1 1 y Live\nc 1 2 ,,p,,q Live");

	assert_string_equal(live_get(l, 0)->users[0], "x");
	assert_string_equal(live_get(l, 1)->users[0], "y");
	assert_int_equal(live_get(l, 2)->n_users, 2);
	assert_string_equal(live_get(l, 2)->users[1], "q");
}

static void read_from_a_root(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	_cleanup_(live_free_p) struct live *l = NULL;

	assert_int_equal(live_read(&root, NULL, &l), -ENOENT);
	unit_puts(dir, "proc/modules", "a 1 0 - Live 0x0\n");
	assert_int_equal(live_read(&root, NULL, &l), 0);
	assert_int_equal(live_count(l), 1);
	unit_rmdir(dir);
}

/* Longer than one read: read twice, and the two agree. */
static void long_lists_are_read_whole(void **state _unused_)
{
	char *dir = unit_mkdtemp(), *text = calloc(1, 400000);
	struct root root = { .prefix = dir };
	_cleanup_(live_free_p) struct live *l = NULL;
	size_t n = 0;

	for (int i = 0; i < 5000; i++)
		n += (size_t)sprintf(text + n, "module_number_%d 16384 0 - Live 0x0000000000000000\n", i);
	unit_write(dir, "proc/modules", text, n);
	assert_int_equal(live_read(&root, NULL, &l), 0);
	assert_int_equal(live_count(l), 5000);
	assert_string_equal(live_get(l, 4999)->name, "module_number_4999");
	free(text);
	unit_rmdir(dir);
}

static void single_questions(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	enum live_state s;
	int64_t size;
	int count;

	unit_puts(dir, "sys/module/a/initstate", "live\n");
	unit_puts(dir, "sys/module/a/refcnt", "3\n");
	unit_puts(dir, "sys/module/a/coresize", "4096\n");
	unit_puts(dir, "sys/module/early/uevent", "");
	unit_puts(dir, "sys/module/odd/initstate", "sleeping\n");
	unit_puts(dir, "sys/module/odd/refcnt", "3x\n");
	assert_int_equal(live_state_of(&root, "a", &s), 0);
	assert_int_equal(s, LIVE_LIVE);
	assert_int_equal(live_state_of(&root, "early", &s), 0);
	assert_int_equal(s, LIVE_COMING);
	assert_int_equal(live_state_of(&root, "none", &s), 0);
	assert_int_equal(s, LIVE_ABSENT);
	assert_int_equal(live_state_of(&root, "odd", &s), -EINVAL);
	assert_true(live_is_live(&root, "a"));
	assert_false(live_is_live(&root, "early"));
	assert_false(live_is_live(&root, "none"));
	assert_false(live_is_live(&root, "odd"));
	assert_int_equal(live_refcnt_of(&root, "a", &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(live_refcnt_of(&root, "early", &count), -ENOENT);
	assert_int_equal(live_refcnt_of(&root, "odd", &count), -EINVAL);
	assert_int_equal(live_size_of(&root, "a", &size), 0);
	assert_int_equal(size, 4096);
	unit_rmdir(dir);
}

static void size_from_the_list_when_sysfs_has_none(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	int64_t size;

	unit_puts(dir, "sys/module/a/initstate", "live\n");
	unit_puts(dir, "proc/modules", "a 77 0 - Live 0x0\nb 78 0 - Live 0x0\n");
	assert_int_equal(live_size_of(&root, "a", &size), 0);
	assert_int_equal(size, 77);
	assert_int_equal(live_size_of(&root, "b", &size), -ENOENT);
	unit_rmdir(dir);
}

static void holders(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	_cleanup_strv_ struct strv names = { 0 };

	unit_puts(dir, "sys/module/a/holders/user", "");
	assert_int_equal(live_holders_of(&root, "a", &names), 0);
	assert_int_equal(names.n, 1);
	assert_string_equal(names.items[0], "user");
	assert_int_equal(live_holders_of(&root, "none", &names), -ENOENT);
	unit_rmdir(dir);
}

static void names_cannot_lead_elsewhere(void **state _unused_)
{
	static const char *const names[] = { "", ".", "..", "a/b", "../../etc" };
	_cleanup_strv_ struct strv holders = { 0 };
	struct root root = ROOT_REAL;
	enum live_state s;
	int count;

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		assert_int_equal(live_state_of(&root, names[i], &s), 0);
		assert_int_equal(s, LIVE_ABSENT);
		assert_int_equal(live_refcnt_of(&root, names[i], &count), -ENOENT);
		assert_int_equal(live_holders_of(&root, names[i], &holders), -ENOENT);
	}
}

static void compression_word(void **state _unused_)
{
	char *dir = unit_mkdtemp(), word[16];
	struct root root = { .prefix = dir };

	live_compression(&root, word, sizeof(word));
	assert_string_equal(word, "");
	unit_puts(dir, "sys/module/compression", "zstd\n");
	live_compression(&root, word, sizeof(word));
	assert_string_equal(word, "zstd");
	unit_rmdir(dir);
}

static void state_names(void **state _unused_)
{
	assert_string_equal(live_state_name(LIVE_GOING), "going");
	assert_null(live_state_name(LIVE_ABSENT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_of_a_line),
		cmocka_unit_test(no_users_is_a_dash),
		cmocka_unit_test(permanent_is_not_a_user),
		cmocka_unit_test(kernel_that_cannot_unload),
		cmocka_unit_test(states_and_their_signs),
		cmocka_unit_test(address_may_be_missing),
		cmocka_unit_test(last_line_without_newline_counts),
		cmocka_unit_test(bad_lines_are_told_and_left_out),
		cmocka_unit_test(nul_inside_a_line_is_bad),
		cmocka_unit_test(first_of_equal_names_wins),
		cmocka_unit_test(find_by_name),
		cmocka_unit_test(users_without_commas_at_the_end_stay_inside),
		cmocka_unit_test(read_from_a_root),
		cmocka_unit_test(long_lists_are_read_whole),
		cmocka_unit_test(single_questions),
		cmocka_unit_test(size_from_the_list_when_sysfs_has_none),
		cmocka_unit_test(holders),
		cmocka_unit_test(names_cannot_lead_elsewhere),
		cmocka_unit_test(compression_word),
		cmocka_unit_test(state_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
