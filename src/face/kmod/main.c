// SPDX-License-Identifier: MIT
/*
 * kmod: the multi-call binary of the boot path.
 *
 * The whole tree, from here down:
 *
 *	main_kmod.c    argv[0] -> command            kmod_commands.c  the tables of commands
 *	cmd_*.c        one command each: options -> rooms -> output
 *	plan/          decides what to load or unload, in which order, and why   (opens nothing)
 *	load/          carries a plan out
 *	conf/          modprobe.d, depmod.d, modules-load.d, kernel command line -> policy
 *	index/         modules.*.bin -> catalog of what exists
 *	kernel/        /proc/modules, /sys/module, the system calls
 *	image/         one .ko file: unpack, ELF, modinfo, symbols, signature
 *	depmod/        a tree of .ko files -> modules.*
 *	base/          spans, buffers, files, messages: no policy
 *
 * The library's face is libkmod/, the other binary's is main_kmodctl.c. docs/MAP.md has the rules.
 */
#include <string.h>

#include "face/kmod/commands.h"

int main(int argc, char **argv)
{
	struct env env = {
		.sys = { .root = ROOT_REAL, .kernel = &kernel_real },
		.out = stdout,
		.err = stderr,
	};
	const struct command kmod = { "kmod", cmd_kmod, "" };
	const struct command *c;
	const char *slash;

	if (argc < 1)
		return 1;
	env_complete_stdio(&env);
	slash = strrchr(argv[0], '/');
	c = command_find(kmod_tools, slash ? slash + 1 : argv[0]);
	if (!c && strcmp(slash ? slash + 1 : argv[0], kmod.name) == 0)
		c = &kmod;
	/* Any other name ends silently, as with kmod. */
	return c ? command_main(c, &env, argc, argv) : 1;
}
