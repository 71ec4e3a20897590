// SPDX-License-Identifier: MIT
/* Uses the symbol of kmodctl_test and so depends on it. */
#include <linux/module.h>
#include <linux/moduleparam.h>

static int level = 1;
module_param(level, int, 0444);
MODULE_PARM_DESC(level, "a number that nothing depends on");

int kmodctl_test_value(void);

static int __init kmodctl_test_user_init(void)
{
	pr_info("kmodctl_test_user: value %d\n", kmodctl_test_value());
	return 0;
}

static void __exit kmodctl_test_user_exit(void)
{
}

module_init(kmodctl_test_user_init);
module_exit(kmodctl_test_user_exit);
MODULE_DESCRIPTION("kmodctl test module that uses another");
MODULE_AUTHOR("kmodctl");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_SOFTDEP("pre: crc-itu-t");
