// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "base/map.h"

static void put_get_replace(void **state)
{
	_cleanup_map_ struct map m = { 0 };
	int a, b;

	(void)state;
	assert_null(map_get(&m, "x"));
	assert_int_equal(map_put(&m, "x", &a), 1);
	assert_int_equal(map_put(&m, "x", &b), 0);
	assert_ptr_equal(map_get(&m, "x"), &b);
	assert_int_equal(m.n, 1);
	assert_false(map_has(&m, ""));
}

static void many_keys_survive_growth(void **state)
{
	_cleanup_map_ struct map m = { 0 };
	char keys[5000][8];

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
		assert_int_equal(map_put(&m, keys[i], keys[i]), 1);
	}
	for (size_t i = 0; i < 5000; i++)
		assert_ptr_equal(map_get(&m, keys[i]), keys[i]);
	assert_int_equal(m.n, 5000);
}

static void removal_keeps_the_others_reachable(void **state)
{
	_cleanup_map_ struct map m = { 0 };
	char keys[2000][8];

	(void)state;
	assert_null(map_remove(&m, "x"));
	for (size_t i = 0; i < 2000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
		map_put(&m, keys[i], keys[i]);
	}
	for (size_t i = 0; i < 2000; i += 3)
		assert_ptr_equal(map_remove(&m, keys[i]), keys[i]);
	for (size_t i = 0; i < 2000; i++)
		assert_ptr_equal(map_get(&m, keys[i]), i % 3 ? keys[i] : NULL);
	assert_null(map_remove(&m, keys[0]));
	assert_int_equal(m.n, 2000 - 667);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(put_get_replace),
		cmocka_unit_test(many_keys_survive_growth),
		cmocka_unit_test(removal_keeps_the_others_reachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
