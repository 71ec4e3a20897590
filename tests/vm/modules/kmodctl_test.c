// SPDX-License-Identifier: MIT
/* An out-of-tree module: every kind of parameter, a start that takes time or fails when asked to, a symbol. */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

static int value = 5;
module_param(value, int, 0644);
MODULE_PARM_DESC(value, "a number");

static int numbers[3];
static int numbers_given;
module_param_array(numbers, int, &numbers_given, 0444);
MODULE_PARM_DESC(numbers, "up to three numbers");

static char *text = "none";
module_param(text, charp, 0444);
MODULE_PARM_DESC(text, "a text");

static bool flag;
module_param(flag, bool, 0644);
MODULE_PARM_DESC(flag, "a switch");

static unsigned int delay_ms;
module_param(delay_ms, uint, 0444);
MODULE_PARM_DESC(delay_ms, "time that loading takes");

static int fail;
module_param(fail, int, 0444);
MODULE_PARM_DESC(fail, "errno to fail with");

int kmodctl_test_value(void)
{
	return value;
}
EXPORT_SYMBOL_GPL(kmodctl_test_value);

static int __init kmodctl_test_init(void)
{
	msleep(delay_ms);
	return -fail;
}

static void __exit kmodctl_test_exit(void)
{
}

module_init(kmodctl_test_init);
module_exit(kmodctl_test_exit);
MODULE_DESCRIPTION("kmodctl test module");
MODULE_AUTHOR("kmodctl");
MODULE_LICENSE("Dual MIT/GPL");
MODULE_VERSION("1.0");
MODULE_ALIAS("kmodctl:test-*");
