// SPDX-License-Identifier: MIT
/* The module that README signs, installs and loads. */
#include <linux/module.h>

static int __init mymodule_init(void)
{
	pr_info("mymodule: loaded\n");
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
