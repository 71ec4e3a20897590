// SPDX-License-Identifier: MIT
#include "messages.h"

#include "read/conf/search.h"

static struct search *load(struct fixture *f, const char *conf)
{
	const char *paths[] = { "/d.conf", NULL };
	struct search *s = NULL;

	unit_puts(f->dir, "d.conf", conf);
	assert_int_equal(search_load(&f->root, paths, "6.1.0-2", &f->diag, &s), 0);
	return s;
}

static void expect_updates_first(const struct search *s)
{
	assert_int_equal(search_rank(s, "updates/a.ko"), 1);
	assert_int_equal(search_rank(s, "updates/dkms/a.ko.xz"), 1);
	assert_int_equal(search_rank(s, "updatesx/a.ko"), 0);
	assert_int_equal(search_rank(s, "kernel/a.ko"), 0);
}

static void updates_come_first_without_configuration(void **state)
{
	struct search *s = load(*state, "exclude x\n");

	expect_updates_first(NULL);
	expect_updates_first(s);
	search_free(s);
}

static void earlier_words_rank_higher(void **state)
{
	struct search *s =
		load(*state, "search extra/deep built-in\nsearch\t extra external weak/\nexternal * /ext/\n");

	assert_int_equal(search_rank(s, "extra/deep/a.ko"), 5);
	assert_int_equal(search_rank(s, "kernel/a.ko"), 4);
	assert_int_equal(search_rank(s, "extra/a.ko"), 3);
	assert_int_equal(search_rank(s, "/ext/a.ko"), 2);
	assert_int_equal(search_rank(s, "weak/a.ko"), 1);
	search_free(s);
}

static void earlier_externals_rank_higher(void **state)
{
	struct search *s = load(*state, "search extra external external weak\n"
					"external * /one\nexternal * /two\nexternal * /three\noverride a * weak\n");

	assert_int_equal(search_rank(s, "extra/a.ko"), 6);
	assert_int_equal(search_rank(s, "/one/a.ko"), 5);
	assert_int_equal(search_rank(s, "/two/a.ko"), 4);
	assert_int_equal(search_rank(s, "/three/a.ko"), 3);
	assert_int_equal(search_rank(s, "weak/b.ko"), 1);
	assert_int_equal(search_rank(s, "kernel/a.ko"), 0);
	assert_true(search_rank(s, "weak/a.ko") > 6);
	search_free(s);
}

static void without_built_in_the_rest_is_last(void **state)
{
	struct search *s = load(*state, "search a b\n");

	assert_int_equal(search_rank(s, "b/x.ko"), 1);
	assert_int_equal(search_rank(s, "kernel/x.ko"), 0);
	search_free(s);
}

static void overrides_outrank_search(void **state)
{
	struct search *s = load(*state, "search a b\noverride m-n * b\noverride m-n * c\noverride other 5.10 a\n"
					"override broken ( a\noverride near ^6\\\\.1 b\n");

	assert_int_equal(search_rank(s, "c/m-n.ko.zst"), 5);
	assert_int_equal(search_rank(s, "b/m-n.ko"), 4);
	assert_int_equal(search_rank(s, "b/m_n.ko"), 1);
	assert_int_equal(search_rank(s, "b/m-n-x.ko"), 1);
	assert_int_equal(search_rank(s, "a/other.ko"), 2);
	assert_int_equal(search_rank(s, "a/broken.ko"), 2);
	assert_int_equal(search_rank(s, "b/near.ko"), 6);
	search_free(s);
}

static void externals_of_the_release(void **state)
{
	struct search *s = load(*state, "external 6.1 /one\nexternal 5\\\\.10 /two\nexternal * /three\n");

	assert_int_equal(search_n_external(s), 2);
	assert_string_equal(search_external(s, 0), "/one");
	assert_string_equal(search_external(s, 1), "/three");
	assert_null(search_external(s, 2));
	assert_int_equal(search_n_external(NULL), 0);
	search_free(s);
}

static void excluded_names(void **state)
{
	struct search *s = load(*state, "exclude x.ko dir\n");

	assert_true(search_excludes(s, "dir"));
	assert_true(search_excludes(s, "x.ko"));
	assert_false(search_excludes(s, "dirs"));
	assert_false(search_excludes(NULL, "dir"));
	search_free(s);
}

static void bad_lines(void **state)
{
	struct fixture *f = *state;
	struct search *s = load(f, "bogus x\nexternal *\noverride a *\ninclude x\nmake_map_files yes\n");

	assert_string_equal(buf_str(&f->messages), "/d.conf:1: ignoring bad line starting with 'bogus'\n"
						   "/d.conf:2: ignoring bad line starting with 'external'\n"
						   "/d.conf:3: ignoring bad line starting with 'override'\n"
						   "/d.conf:4: command include is accepted and has no effect\n"
						   "/d.conf:5: command make_map_files is accepted and has no effect\n");
	search_free(s);
}

/* conf-expression has the bounds. */
static void expensive_expressions_match_nothing(void **state)
{
	struct fixture *f = *state;
	struct buf expected = BUF_INIT;
	struct search *s;
	char conf[600] = "external ((6{255}){255}){255} /a\nexternal (6*)*\\\\1 /b\nexternal ";

	memset(conf + strlen(conf), '(', 300);
	strcat(conf, " /c\n");
	s = load(f, conf);
	assert_int_equal(search_n_external(s), 0);
	for (unsigned line = 1; line <= 3; line++)
		buf_addf(
			&expected,
			"/d.conf:%u: kernel version expression that refers to a group, has more than 100 groups inside "
			"each other, or is longer than 1000 with its counts written out matches nothing\n",
			line);
	assert_string_equal(buf_str(&f->messages), buf_str(&expected));
	buf_done(&expected);
	search_free(s);
}

/* Some of them would take the C library all time or memory. */
static void other_expressions_match(void **state)
{
	struct fixture *f = *state;
	struct search *s = load(f, "external ^([4-6]\\\\.)+[0-9]+(\\\\.[0-9]+)?(-rc[0-9]+)? /a\nexternal ^6?+++++ /b\n"
				   "external ^6[{+*?+*?+*?]*[.]\\\\+* /c\nexternal ^[]+*(?)[:digit:]][[.(.]()+*?.] /d\n"
				   "external (((\\\\b(()|))+)+)+6 /e\nexternal ^[0-9]{1,3}\\\\.1 /f\n");

	assert_string_equal(buf_str(&f->messages), "");
	assert_int_equal(search_n_external(s), 6);
	search_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(updates_come_first_without_configuration),
		FIXTURE_TEST(earlier_words_rank_higher),
		FIXTURE_TEST(earlier_externals_rank_higher),
		FIXTURE_TEST(without_built_in_the_rest_is_last),
		FIXTURE_TEST(overrides_outrank_search),
		FIXTURE_TEST(externals_of_the_release),
		FIXTURE_TEST(excluded_names),
		FIXTURE_TEST(bad_lines),
		FIXTURE_TEST(expensive_expressions_match_nothing),
		FIXTURE_TEST(other_expressions_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
