// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "act/depmod/hash.h"

static void hash_is_the_published_one(void **state _unused_)
{
	static const struct {
		const char *name;
		uint32_t hash;
	} vectors[] = {
		{ "a", 0x115ea782 },      { "ab", 0x516b8b44 },    { "abc", 0xd2be198a },
		{ "abcd", 0xdad8b8db },   { "abcde", 0x51ed072e }, { "snd_hda_intel", 0x6e4028a1 },
		{ "printk", 0x6a0863d1 }, { "xfs", 0x7ddb26d9 },
	};

	for (size_t i = 0; i < ELEMENTSOF(vectors); i++)
		assert_int_equal(superfast_hash(vectors[i].name, strlen(vectors[i].name)), vectors[i].hash);
}

static void order_is_bucket_then_bytes(void **state _unused_)
{
	assert_true(hash_order_compare(1, "b", 2, "a") < 0);
	assert_true(hash_order_compare(2, "a", 1, "b") > 0);
	assert_true(hash_order_compare(1, "a", 1, "b") < 0);
	assert_int_equal(hash_order_compare(1, "a", 1, "a"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hash_is_the_published_one),
		cmocka_unit_test(order_is_bucket_then_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
