// SPDX-License-Identifier: MIT
#include "fixture.h"

/* Plans what `modprobe -D asked extra` plans, over all candidates. */
static void plan_asked(const struct fixture *f, const char *asked, const struct order_options *o, struct plan *p)
{
	_cleanup_candidates_ struct candidates c = { 0 };

	assert_int_equal(resolve(&f->world, asked, &c), 0);
	for (size_t i = 0; i < c.n; i++)
		assert_int_equal(order_load(&f->world, &c.items[i], o, p), 0);
}

struct example {
	const char *conf, *asked, *extra, *lines;
	bool ignore_commands, deny;
};

static void check(const struct example *e)
{
	const struct order_options o = {
		.extra = e->extra,
		.ignore_loaded = true,
		.ignore_commands = e->ignore_commands,
		.deny_by_alias = true,
		.deny = e->deny,
	};
	_cleanup_plan_ struct plan p = { 0 };
	_cleanup_free_ char *lines = NULL;
	struct fixture f;

	fixture_open(&f, e->conf, NULL);
	plan_asked(&f, e->asked, &o, &p);
	lines = fixture_lines(&p);
	if (strcmp(lines, e->lines) != 0)
		print_error("%s with:\n%s", e->asked, e->conf);
	assert_string_equal(lines, e->lines);
	fixture_close(&f);
}

#define LOOKUP                                                                                                       \
	"alias foo-alias foo-bar\noptions foo-bar a=1\noptions foo-bar b=2\noptions foo-alias c=3\noptions on z=1\n" \
	"install inst-mod /bin/echo inst $CMDLINE_OPTS\nblacklist zed\nalias off-alias off\n"

static void verified_examples(void **state _unused_)
{
	static const struct example table[] = {
		{ LOOKUP, "foo-alias", "x=1 y=\"a b\" bare", "insmod a/foo-bar.ko a=1 b=2 c=3 x=1 y=\"a b\" bare\n", 0,
		  0 },
		{ LOOKUP, "on", NULL, "insmod a/foo-bar.ko a=1 b=2 \ninsmod a/on.ko z=1 \n", 0, 0 },
		{ LOOKUP, "zed", NULL, "insmod a/foo-bar.ko a=1 b=2 \ninsmod b/zed.ko \n", 0, 0 },
		{ LOOKUP, "zed", NULL, "", 0, true },
		{ LOOKUP, "fb-one", NULL, "insmod a/foo-bar.ko a=1 b=2 \n", 0, 0 },
		{ LOOKUP, "inst-mod", "p=1", "install /bin/echo inst $CMDLINE_OPTS p=1\n", 0, 0 },
		{ LOOKUP, "inst-mod", NULL, "", true, 0 },
		{ LOOKUP, "off-alias", NULL, "", 0, 0 },
		/* only the commands of what was asked for are ignored */
		{ "softdep foo_bar pre: e\ninstall e /bin/x\n", "on", NULL,
		  "install /bin/x \ninsmod a/foo-bar.ko \ninsmod a/on.ko \n", true, 0 },
		{ LOOKUP, "net-pf-1", NULL, "builtin unix\n", 0, 0 },
		{ LOOKUP, "h", NULL, "insmod net/unix.ko \ninsmod h.ko \n", 0, 0 },
	};

	for (size_t i = 0; i < ELEMENTSOF(table); i++)
		check(&table[i]);
}

#define SOFT "softdep on pre: zed nosuchdep post: unix\ninstall on /bin/false\ninstall zed /bin/echo zed-inst\n"

static void verified_softdep_examples(void **state _unused_)
{
	check(&(struct example){ SOFT, "on", "a=b",
				 "insmod a/foo-bar.ko \ninsmod a/foo-bar.ko \ninstall /bin/echo zed-inst \n"
				 "insmod a/on.ko a=b\nbuiltin unix\n",
				 0, 0 });
	check(&(struct example){ SOFT, "on", NULL, "insmod a/foo-bar.ko \ninsmod a/on.ko \n", true, 0 });
}

/* Each was compared with kmod 30. */
static void softdeps_nest_and_loops_are_cut(void **state _unused_)
{
	static const struct example table[] = {
		{ "softdep c pre: e\nsoftdep e pre: c\n", "c", NULL,
		  "insmod a.ko \ninsmod b.ko \ninsmod e.ko \ninsmod c.ko \n", 0, 0 },
		{ "softdep c pre: d\nsoftdep a pre: e\n", "c", NULL,
		  "insmod e.ko \ninsmod a.ko \ninsmod b.ko \ninsmod a.ko \ninsmod d.ko \ninsmod c.ko \n", 0, 0 },
		{ "softdep a pre: c\n", "c", NULL, "insmod a.ko \ninsmod b.ko \ninsmod c.ko \n", 0, 0 },
		{ "softdep a pre: e\nsoftdep b pre: e post: f\nsoftdep c pre: e\nsoftdep e pre: f\n", "c", NULL,
		  "insmod f.ko \ninsmod e.ko \ninsmod a.ko \ninsmod b.ko \ninsmod c.ko \n", 0, 0 },
		{ "softdep e pre: gal g\nsoftdep g pre: f\n", "e", NULL,
		  "insmod f.ko \ninsmod g.ko \ninsmod g.ko \ninsmod e.ko \n", 0, 0 },
		{ "softdep c pre: b\n", "c", NULL,
		  "insmod a.ko \ninsmod b.ko \ninsmod a.ko \ninsmod b.ko \ninsmod c.ko \n", 0, 0 },
		{ "softdep c post: b\nsoftdep b post: c\n", "c", NULL,
		  "insmod a.ko \ninsmod b.ko \ninsmod c.ko \ninsmod a.ko \ninsmod b.ko \n", 0, 0 },
		{ "softdep c pre: c\n", "c", NULL, "insmod a.ko \ninsmod b.ko \ninsmod c.ko \n", 0, 0 },
		{ "softdep e pre: unix net-pf-1\ninstall unix x\n", "e", NULL, "install x \ninstall x \ninsmod e.ko \n",
		  0, 0 },
	};

	for (size_t i = 0; i < ELEMENTSOF(table); i++)
		check(&table[i]);
}

static void softdeps_that_lead_nowhere_leave_the_install_command(void **state _unused_)
{
	check(&(struct example){ "softdep e pre: nosuch\ninstall e x\n", "e", NULL, "install x \n", 0, 0 });
}

static void ignored_commands_only_concern_the_module_asked_for(void **state _unused_)
{
	check(&(struct example){ "softdep b pre: e\ninstall b x\ninstall a y\nsoftdep c pre: d\n", "c", NULL,
				 "install y \ninsmod e.ko \ninsmod b.ko \ninsmod c.ko \n", true, 0 });
}

static void blacklist_spares_dependencies_and_softdeps(void **state _unused_)
{
	check(&(struct example){ "blacklist b\nblacklist e\nsoftdep c pre: e\n", "c", NULL,
				 "insmod a.ko \ninsmod b.ko \ninsmod e.ko \ninsmod c.ko \n", 0, true });
}

static void given_options_reach_only_the_module_asked_for(void **state _unused_)
{
	check(&(struct example){ "softdep e pre: zz\nalias zz c\noptions zz o=1\noptions c p=2\n", "e", "y=1",
				 "insmod a.ko \ninsmod b.ko \ninsmod c.ko o=1 p=2 \ninsmod e.ko y=1\n", 0, 0 });
}

static void deny_all_filters_every_step(void **state _unused_)
{
	const struct order_options o = { .deny_all = true };
	_cleanup_plan_ struct plan p = { 0 };
	_cleanup_free_ char *lines = NULL;
	struct fixture f;

	fixture_open(&f, "blacklist b\nblacklist e\nsoftdep c pre: e\n", NULL);
	plan_asked(&f, "c", &o, &p);
	lines = fixture_lines(&p);
	assert_string_equal(lines, "insmod a.ko \ninsmod c.ko \n");
	plan_asked(&f, "b", &o, &p);
	assert_int_equal(p.requests[1].verdict, PLAN_DENIED);
	assert_int_equal(p.requests[1].n, 0);
	fixture_close(&f);
}

static void verdicts(void **state _unused_)
{
	static const struct fixture_live loaded[] = { { "a", LIVE_LIVE, 0, "" }, { "e", LIVE_COMING, 0, "" }, { 0 } };
	const struct order_options o = { .deny_by_alias = true };
	_cleanup_plan_ struct plan p = { 0 };
	struct fixture f;

	fixture_open(&f, "\nblacklist d\n", loaded);
	plan_asked(&f, "a", &o, &p);
	plan_asked(&f, "unix", &o, &p);
	plan_asked(&f, "al-x", &o, &p);
	plan_asked(&f, "e", &o, &p);
	assert_int_equal(p.n_requests, 5);
	assert_int_equal(p.requests[0].verdict, PLAN_LOADED);
	assert_int_equal(p.requests[1].verdict, PLAN_BUILTIN);
	assert_int_equal(p.requests[2].verdict, PLAN_GO);
	assert_int_equal(p.requests[3].verdict, PLAN_DENIED);
	assert_string_equal(p.requests[3].file, "/etc/modprobe.d/t.conf");
	assert_int_equal(p.requests[3].line, 2);
	assert_int_equal(p.requests[4].verdict, PLAN_GO);
	assert_int_equal(p.requests[2].first, 0);
	assert_int_equal(p.requests[2].n, 3);
	assert_int_equal(p.requests[4].first, 3);
	fixture_close(&f);
}

static void every_step_says_why_it_is_there(void **state _unused_)
{
	const struct order_options o = { 0 };
	_cleanup_plan_ struct plan p = { 0 };
	struct fixture f;

	fixture_open(&f, "softdep b pre: e post: f\ninstall a cmd\n", NULL);
	plan_asked(&f, "c", &o, &p);
	assert_int_equal(p.n, 5); /* a e b f c */
	assert_int_equal(p.steps[0].reason, PLAN_DEPENDENCY);
	assert_string_equal(p.steps[0].origin, "c");
	assert_string_equal(p.steps[0].file, "/etc/modprobe.d/t.conf");
	assert_int_equal(p.steps[0].line, 2);
	assert_true(p.steps[0].vital);
	assert_int_equal(p.steps[1].reason, PLAN_SOFTDEP_PRE);
	assert_string_equal(p.steps[1].origin, "b");
	assert_int_equal(p.steps[1].line, 1);
	assert_false(p.steps[1].vital);
	assert_int_equal(p.steps[3].reason, PLAN_SOFTDEP_POST);
	assert_int_equal(p.steps[4].reason, PLAN_REQUESTED);
	assert_null(p.steps[4].origin);
	assert_true(p.steps[4].vital);
	fixture_close(&f);
}

static void a_file_named_by_its_path_has_its_dependencies_by_name(void **state _unused_)
{
	const struct order_options o = { .ignore_loaded = true };
	_cleanup_candidates_ struct candidates c = { 0 };
	_cleanup_plan_ struct plan p = { 0 };
	_cleanup_free_ char *lines = NULL;
	struct fixture f;

	fixture_open(&f, "", NULL);
	assert_int_equal(resolve_path("/tmp/b.ko", &c), 0);
	assert_int_equal(resolve_path("/tmp/unix.ko", &c), 0);
	assert_int_equal(order_load(&f.world, &c.items[0], &o, &p), 0);
	assert_int_equal(order_load(&f.world, &c.items[1], &o, &p), 0);
	lines = fixture_lines(&p);
	assert_string_equal(lines, "insmod a.ko \ninsmod /tmp/b.ko \ninsmod /tmp/unix.ko \n");
	fixture_close(&f);
}

static void endless_softdep_chain_ends(void **state _unused_)
{
	const struct order_options o = { 0 };
	_cleanup_buf_ struct buf conf = BUF_INIT;
	_cleanup_plan_ struct plan p = { 0 };
	struct fixture f;

	for (int i = 0; i < 1000; i++)
		buf_addf(&conf, "install m%d x\nsoftdep m%d pre: m%d\n", i, i, i + 1);
	fixture_open(&f, buf_str(&conf), NULL);
	plan_asked(&f, "m0", &o, &p);
	assert_true(p.n >= 64 && p.n <= 256);
	assert_string_equal(p.steps[p.n - 1].name, "m0");
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verified_examples),
		cmocka_unit_test(verified_softdep_examples),
		cmocka_unit_test(softdeps_nest_and_loops_are_cut),
		cmocka_unit_test(softdeps_that_lead_nowhere_leave_the_install_command),
		cmocka_unit_test(ignored_commands_only_concern_the_module_asked_for),
		cmocka_unit_test(blacklist_spares_dependencies_and_softdeps),
		cmocka_unit_test(given_options_reach_only_the_module_asked_for),
		cmocka_unit_test(deny_all_filters_every_step),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(every_step_says_why_it_is_there),
		cmocka_unit_test(a_file_named_by_its_path_has_its_dependencies_by_name),
		cmocka_unit_test(endless_softdep_chain_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
