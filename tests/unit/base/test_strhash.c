// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/strhash.h"

/* What a fixed key would make of them, and a process with another key must not. */
static void the_key_is_of_this_process(void **state)
{
	static const uint64_t zero[2];

	(void)state;
	assert_int_not_equal(strhash("init_module"), strhash_keyed(zero, "init_module", 11));
	assert_int_equal(strhash("init_module"), strhash_n("init_module, and more", 11));
}

/* CPython's hash() of bytes is SipHash-1-3 since 3.11; with PYTHONHASHSEED=0 its key is zero. */
static void known_values(void **state)
{
	static const uint64_t zero[2];
	static const struct {
		const char *text;
		uint64_t hash;
	} known[] = {
		{ "a", UINT64_C(0x407448d2b89b1813) },
		{ "abcdefg", UINT64_C(0x6db12aae9070f506) },
		{ "abcdefgh", UINT64_C(0x3f7b849c0b8e35ea) },
		{ "abcdefghi", UINT64_C(0xf89b34a3d11eb6e5) },
		{ "init_module", UINT64_C(0x3513d9f0016b0575) },
		{ "a_rather_long_symbol_name_of_a_module", UINT64_C(0xff2febb8eda0ad19) },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(known); i++)
		assert_int_equal(strhash_keyed(zero, known[i].text, strlen(known[i].text)), known[i].hash);
}

/* Pairs of words whose difference cancels out in a hash that only multiplies and folds, whatever its seed. */
static void differences_do_not_cancel_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		uint64_t a[2] = { i, ~(uint64_t)i },
			 b[2] = { a[0] ^ UINT64_C(1) << 63, a[1] ^ (UINT64_C(1) << 63 | UINT64_C(1) << 31) };

		assert_int_not_equal(strhash_n((const char *)a, 16), strhash_n((const char *)b, 16));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_is_of_this_process),
		cmocka_unit_test(known_values),
		cmocka_unit_test(differences_do_not_cancel_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
