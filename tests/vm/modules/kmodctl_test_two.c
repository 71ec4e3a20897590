// SPDX-License-Identifier: MIT
/* Depends on two modules that do not need each other: kmodctl_test, and crc7 of the kernel. */
#include <linux/crc7.h>
#include <linux/module.h>

int kmodctl_test_value(void);

static int __init kmodctl_test_two_init(void)
{
	static const u8 bytes[] = { 1, 2, 3 };

	pr_info("kmodctl_test_two: value %d, crc %d\n", kmodctl_test_value(), crc7_be(0, bytes, sizeof(bytes)));
	return 0;
}

static void __exit kmodctl_test_two_exit(void)
{
}

module_init(kmodctl_test_two_init);
module_exit(kmodctl_test_two_exit);
MODULE_DESCRIPTION("kmodctl test module that uses two others");
MODULE_AUTHOR("kmodctl");
MODULE_LICENSE("Dual MIT/GPL");
