// SPDX-License-Identifier: MIT
#include "unit.h"

#include "verb/why/why.h"

struct case_of_absence {
	const char *file; /* below the root, made when not NULL */
	const char *asked;
	enum why_code code;
};

static void assert_reason(const char *dir, const char *asked, enum why_code code)
{
	struct sys sys = { .root = { .prefix = dir } };
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	_cleanup_why_ struct why w = { 0 };
	struct plan_world world = { 0 };
	const struct why_query q = { .sys = &sys, .world = &world, .release = "6.1" };

	assert_int_equal(catalog_open(&sys.root, "/lib/modules/6.1", NULL, &catalog), 0);
	world.catalog = catalog;
	assert_int_equal(why_not_found(&q, asked, &w), 0);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.n_obstacles, 1);
	assert_int_equal(w.items[0].code, code);
}

/* Each adds to what the ones before left. */
static void reasons_for_finding_nothing(void **state _unused_)
{
	static const struct case_of_absence table[] = {
		{ NULL, "m", WHY_NO_MODULES },
		{ "lib/modules/6.2/x", "m", WHY_NO_RELEASE },
		{ "lib/modules/6.1/kernel/m.ko", "m", WHY_NO_INDEX },
		{ "sys/module/m/parameters/p", "m", WHY_IN_KERNEL },
	};
	char *dir = unit_mkdtemp();

	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		if (table[i].file)
			unit_puts(dir, table[i].file, "");
		assert_reason(dir, table[i].asked, table[i].code);
	}
	unit_rmdir(dir);
}

static void findings_keep_their_place(void **state _unused_)
{
	const struct policy_entry at = { .file = "/etc/modprobe.d/a.conf", .line = 7 };
	_cleanup_why_ struct why w = { 0 };

	assert_int_equal(why_add(&w, WHY_NOTE, WHY_BLACKLISTED, &at, "%s of %d", "one", 2), 0);
	assert_int_equal(why_add(&w, WHY_OBSTACLE, WHY_NO_FILE, NULL, "none"), 0);
	assert_string_equal(w.items[0].text, "one of 2");
	assert_string_equal(w.items[0].file, "/etc/modprobe.d/a.conf");
	assert_int_equal(w.items[0].line, 7);
	assert_null(w.items[1].file);
	assert_int_equal(w.n_obstacles, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_for_finding_nothing),
		cmocka_unit_test(findings_keep_their_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
