// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/modname.h"

static void module_rule(void **state)
{
	char name[MODNAME_MAX], longest[MODNAME_MAX + 1];

	(void)state;
	assert_int_equal(modname_normalize("snd-timer.ko.xz", name), 0);
	assert_string_equal(name, "snd_timer");
	assert_int_equal(modname_normalize(".ko", name), -EINVAL);
	memset(longest, 'a', MODNAME_MAX);
	longest[MODNAME_MAX] = '\0';
	assert_int_equal(modname_normalize(longest, name), -ENAMETOOLONG);
	assert_string_equal(name, "snd_timer");
	assert_int_equal(modname_from_path("/a-b/c-d.ko", name), 0);
	assert_string_equal(name, "c_d");
}

static void alias_rule(void **state)
{
	char out[64];

	(void)state;
	assert_int_equal(alias_normalize("a-b[c-d]e-f.ko", out, sizeof(out)), 0);
	assert_string_equal(out, "a_b[c-d]e_f.ko");
	assert_int_equal(alias_normalize("a[b[c-d]-", out, sizeof(out)), 0);
	assert_string_equal(out, "a[b[c-d]_");
	assert_int_equal(alias_normalize("a]b", out, sizeof(out)), -EINVAL);
	assert_int_equal(alias_normalize("a[b", out, sizeof(out)), -EINVAL);
	assert_int_equal(alias_normalize("abcd", out, 4), -ENAMETOOLONG);
}

static void alias_rule_in_place(void **state)
{
	char s[] = "x-[a-z]-y";

	(void)state;
	assert_int_equal(alias_normalize(s, s, sizeof(s)), 0);
	assert_string_equal(s, "x_[a-z]_y");
}

static void extensions(void **state)
{
	(void)state;
	assert_int_equal(modname_extension("a.ko"), 3);
	assert_int_equal(modname_extension("a.ko.zst"), 7);
	assert_int_equal(modname_extension(".ko"), 0);
	assert_int_equal(modname_extension("a.ko.bz2"), 0);
}

static void names_written_as_files(void **state)
{
	static const struct {
		const char *written, *name; /* NULL: it is no file */
	} all[] = {
		{ "snd-timer.ko", "snd_timer" },
		{ "./snd-timer", "snd_timer" },
		{ "/lib/modules/6.1.0/kernel/a.ko.xz", "a" },
		{ "a.ko/", "a" },
		{ "a//", "a" },
		{ "/sys/module/a", "a" },
		{ "/sys/module/a/", "a" },
		{ "/sys/module/a/parameters/debug", "a" },
		{ "/", NULL },
		{ "a", NULL },
		{ "a.b", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char name[MODNAME_MAX] = "";

		assert_int_equal(modname_of_file(all[i].written, name), all[i].name != NULL);
		assert_string_equal(name, all[i].name ? all[i].name : "");
	}
}

static void parameter_names_fold(void **state)
{
	(void)state;
	assert_true(modname_equal("a-b", "a_b"));
	assert_false(modname_equal("a-b", "a_bc"));
	assert_false(modname_equal("a.b", "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(module_rule),
		cmocka_unit_test(alias_rule),
		cmocka_unit_test(alias_rule_in_place),
		cmocka_unit_test(extensions),
		cmocka_unit_test(names_written_as_files),
		cmocka_unit_test(parameter_names_fold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
