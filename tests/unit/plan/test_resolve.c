// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <limits.h>

static const char conf[] = "alias foo-alias foo-bar\nalias fb* on\nalias fb-two e\nalias off-alias off\n"
			   "install inst-mod /bin/true\nremove rem-mod /bin/true\nalias dash[-x] e\n";

struct expectation {
	const char *asked;
	const char *modules; /* "name/alias ", "-" for no alias */
	enum resolve_source source;
};

static void check(const struct plan_world *w, const struct expectation *e)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(resolve(w, e->asked, &c), 0);
	for (size_t i = 0; i < c.n; i++) {
		buf_addf(&text, "%s/%s ", c.items[i].name, c.items[i].alias ? c.items[i].alias : "-");
		assert_int_equal(c.items[i].source, e->source);
	}
	assert_string_equal(buf_str(&text), e->modules);
}

static void each_source(void **state _unused_)
{
	static const struct expectation table[] = {
		{ "foo-alias", "foo_bar/foo_alias ", RESOLVE_CONFIG_ALIAS },
		{ "off-alias", "off/off_alias ", RESOLVE_CONFIG_ALIAS },
		{ "foo-bar", "foo_bar/- ", RESOLVE_NAME },
		{ "symbol:foo_fn", "foo_bar/symbol:foo_fn ", RESOLVE_SYMBOL },
		{ "inst-mod", "inst_mod/- ", RESOLVE_COMMAND },
		{ "rem_mod", "rem_mod/- ", RESOLVE_COMMAND },
		{ "al-x", "c/al_x d/al_x ", RESOLVE_ALIAS },
		{ "pci:v1", "e/pci:v1 ", RESOLVE_ALIAS },
		{ "unix", "unix/- ", RESOLVE_BUILTIN },
		{ "net-pf-1", "unix/net_pf_1 ", RESOLVE_BUILTIN_ALIAS },
		{ "nosuch", "", RESOLVE_NAME },
		{ "foo-bar.ko", "", RESOLVE_NAME },
		{ "symbol:nosuch", "", RESOLVE_SYMBOL },
	};
	struct fixture f;

	fixture_open(&f, conf, NULL);
	for (size_t i = 0; i < ELEMENTSOF(table); i++)
		check(&f.world, &table[i]);
	fixture_close(&f);
}

static void config_aliases_end_the_search_and_all_match(void **state _unused_)
{
	struct fixture f;

	fixture_open(&f, conf, NULL);
	check(&f.world, &(struct expectation){ "fb-two", "on/fb* e/fb_two ", RESOLVE_CONFIG_ALIAS });
	check(&f.world, &(struct expectation){ "fb-one", "on/fb* ", RESOLVE_CONFIG_ALIAS });
	fixture_close(&f);
}

static void config_alias_carries_its_line(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	struct fixture f;

	fixture_open(&f, conf, NULL);
	assert_int_equal(resolve(&f.world, "off-alias", &c), 0);
	assert_int_equal(c.items[0].entry->line, 4);
	fixture_close(&f);
}

static void unmatched_bracket_is_invalid(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	struct fixture f;

	fixture_open(&f, "", NULL);
	assert_int_equal(resolve(&f.world, "a[b", &c), -EINVAL);
	assert_int_equal(resolve(&f.world, "a]b", &c), -EINVAL);
	assert_int_equal(c.n, 0);
	fixture_close(&f);
}

static void by_name_asks_three_sources_only(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	struct fixture f;

	fixture_open(&f, conf, NULL);
	assert_int_equal(resolve_name(&f.world, "foo-alias", &c), 0);
	assert_int_equal(resolve_name(&f.world, "al-x", &c), 0);
	assert_int_equal(c.n, 0);
	assert_int_equal(resolve_name(&f.world, "foo-bar.ko.xz", &c), 0);
	assert_int_equal(resolve_name(&f.world, "unix", &c), 0);
	assert_int_equal(resolve_name(&f.world, "net-pf-1", &c), 0);
	assert_int_equal(c.n, 3);
	assert_string_equal(c.items[0].name, "foo_bar");
	assert_true(c.items[1].builtin && c.items[2].builtin);
	fixture_close(&f);
}

static void paths_keep_their_file(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };

	assert_int_equal(resolve_path("/tmp/my-mod.ko.zst", &c), 0);
	assert_string_equal(c.items[0].name, "my_mod");
	assert_string_equal(c.items[0].path, "/tmp/my-mod.ko.zst");
	assert_int_equal(resolve_path("/tmp/.ko", &c), -EINVAL);
}

static void what_is_found_twice_is_kept_once(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };

	assert_int_equal(resolve_literal("a", &c), 0);
	assert_int_equal(resolve_literal("b", &c), 0);
	assert_int_equal(resolve_literal("a", &c), 0);
	candidates_drop_repeated(&c);
	assert_int_equal(c.n, 2);
	assert_string_equal(c.items[0].name, "a");
	assert_string_equal(c.items[1].name, "b");
}

static void nothing_installed_and_no_policy(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	const struct plan_world w = { 0 };

	assert_int_equal(resolve(&w, "anything", &c), 0);
	assert_int_equal(c.n, 0);
}

/* As for kmod, a softdep of that length gives no message. */
static void a_name_that_is_too_long_finds_nothing(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	char name[PATH_MAX + 1];
	struct fixture f;

	memset(name, 'y', PATH_MAX);
	name[PATH_MAX] = '\0';
	fixture_open(&f, "alias y* e\n", NULL);
	assert_int_equal(resolve(&f.world, name, &c), 0);
	assert_int_equal(c.n, 0);
	fixture_close(&f);
}

static void an_alias_for_a_name_that_is_too_long_is_refused(void **state _unused_)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	_cleanup_free_ char *conf_of_it = NULL;
	char name[PATH_MAX + 1];
	struct fixture f;

	memset(name, 'y', PATH_MAX);
	name[PATH_MAX] = '\0';
	assert_true(asprintf(&conf_of_it, "alias al %s\n", name) > 0);
	fixture_open(&f, conf_of_it, NULL);
	assert_int_equal(resolve(&f.world, "al", &c), -ENAMETOOLONG);
	assert_int_equal(c.n, 0);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_source),
		cmocka_unit_test(a_name_that_is_too_long_finds_nothing),
		cmocka_unit_test(an_alias_for_a_name_that_is_too_long_is_refused),
		cmocka_unit_test(config_aliases_end_the_search_and_all_match),
		cmocka_unit_test(config_alias_carries_its_line),
		cmocka_unit_test(unmatched_bracket_is_invalid),
		cmocka_unit_test(by_name_asks_three_sources_only),
		cmocka_unit_test(paths_keep_their_file),
		cmocka_unit_test(what_is_found_twice_is_kept_once),
		cmocka_unit_test(nothing_installed_and_no_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
