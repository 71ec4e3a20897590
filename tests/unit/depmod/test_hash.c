// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "act/depmod/hash.h"

/* Of the byte order that the machine has: kmod's depmod on s390x gives another order than on x86. */
static void hash_is_the_published_one(void **state _unused_)
{
	static const struct {
		const char *name;
		uint32_t little, big;
	} vectors[] = {
		{ "a", 0x115ea782, 0x115ea782 },      { "ab", 0x516b8b44, 0x2f50ad47 },
		{ "abc", 0xd2be198a, 0xc61b366a },    { "abcd", 0xdad8b8db, 0x5f471517 },
		{ "abcde", 0x51ed072e, 0x2750cfd7 },  { "snd_hda_intel", 0x6e4028a1, 0x18f43bea },
		{ "printk", 0x6a0863d1, 0xb9532192 }, { "xfs", 0x7ddb26d9, 0x41998247 },
	};
	const int is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	for (size_t i = 0; i < ELEMENTSOF(vectors); i++)
		assert_int_equal(superfast_hash(vectors[i].name, strlen(vectors[i].name)),
				 is_big ? vectors[i].big : vectors[i].little);
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
