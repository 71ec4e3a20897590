// SPDX-License-Identifier: MIT
/* The module that README signs, installs and loads. */
#include <linux/module.h>
#include <linux/moduleparam.h>

static char *greeting = "hello";
module_param(greeting, charp, 0444);
MODULE_PARM_DESC(greeting, "what it says when it is loaded");

static int __init mymodule_init(void)
{
	pr_info("mymodule: %s\n", greeting);
	return 0;
}

static void __exit mymodule_exit(void)
{
}

module_init(mymodule_init);
module_exit(mymodule_exit);
MODULE_DESCRIPTION("kmodctl example module");
MODULE_AUTHOR("kmodctl");
MODULE_LICENSE("Dual MIT/GPL");
