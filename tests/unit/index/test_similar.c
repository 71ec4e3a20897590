// SPDX-License-Identifier: MIT
#include "build.h"

#include "base/nearest.h"
#include "read/index/catalog.h"
#include "read/index/similar.h"

static void assert_names(const struct catalog *c, const char *written, const char *want)
{
	_cleanup_buf_ struct buf names = BUF_INIT;

	assert_int_equal(similar_names(c, written, &names), *want != 0);
	assert_string_equal(buf_str(&names), want);
}

static void distances(void **state _unused_)
{
	char longest[NEAREST_LEN_MAX + 2] = "";

	memset(longest, 'a', NEAREST_LEN_MAX + 1);
	assert_int_equal(nearest_distance("e1000ee", 7, "e1000e", 6), 1);
	assert_int_equal(nearest_distance("E1000E", 6, "e1000e", 6), 0);
	assert_int_equal(nearest_distance("e100e0", 6, "e1000e", 6), 1);
	assert_int_equal(nearest_distance("", 0, "abc", 3), 3);
	assert_int_equal(nearest_distance(longest, NEAREST_LEN_MAX, longest, NEAREST_LEN_MAX), 0);
	assert_int_equal(nearest_distance(longest, NEAREST_LEN_MAX + 1, "a", 1), SIZE_MAX);
}

static const char *nearest_of(const char *written)
{
	static const char *const words[] = { "verify", "list", "generate", "why", "keys", "key" };
	struct nearest search;

	nearest_start(&search, written, strlen(written));
	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		nearest_offer(&search, words[i], strlen(words[i]));
	return search.word;
}

static void the_nearest_of_words_that_are_offered(void **state _unused_)
{
	assert_string_equal(nearest_of("verfy"), "verify");
	assert_string_equal(nearest_of("lsit"), "list");
	assert_string_equal(nearest_of("gen"), "generate");
	assert_string_equal(nearest_of("KEYS"), "keys");
	assert_null(nearest_of("ge"));
	assert_null(nearest_of("nothing"));
	assert_null(nearest_of(""));
}

static void the_nearest_names_are_found(void **state _unused_)
{
	_cleanup_buf_ struct buf dep =
		BUILD({ "e1000", "a:", 1 }, { "e1000e", "b:", 2 }, { "igb", "c:", 3 }, { "snd_hda_intel", "d:", 4 });
	_cleanup_buf_ struct buf builtin = BUILD({ "ext4", "ext4.ko", 1 });
	char *dir = unit_mkdtemp(), name[32];
	const struct root root = { .prefix = dir };
	struct catalog *c;

	unit_write(dir, "lib/modules/6.1/modules.dep.bin", dep.p, dep.n);
	unit_write(dir, "lib/modules/6.1/modules.builtin.bin", builtin.p, builtin.n);
	assert_int_equal(catalog_open(&root, "/lib/modules/6.1", NULL, &c), 0);
	assert_names(c, "e1000ee", "'e1000e'");
	assert_names(c, "e100", "'e1000'");
	assert_names(c, "e1000f", "'e1000' or 'e1000e'");
	assert_names(c, "snd-hda-intle", "'snd_hda_intel'");
	assert_names(c, "ext44", "'ext4'");
	assert_names(c, "IGB", "'igb'");
	assert_names(c, "e1000e", "");
	assert_names(c, "x", "");
	assert_names(c, "nothing", "");
	assert_names(c, "", "");
	assert_names(NULL, "igb", "");
	assert_int_equal(similar_in_case(c, "E1000E", name, sizeof(name)), 1);
	assert_string_equal(name, "e1000e");
	assert_int_equal(similar_in_case(c, "e1000x", name, sizeof(name)), 0);
	catalog_close(c);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(the_nearest_of_words_that_are_offered),
		cmocka_unit_test(the_nearest_names_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
