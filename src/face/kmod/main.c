// SPDX-License-Identifier: MIT
/*
 * kmod: the multi-call binary of the boot path.
 *
 *	face/kmod/     commands.c: argv[0] -> command; one file or folder each: options -> rooms -> output
 *	face/common/   option tables, messages, answers in JSON
 *	verb/          why a load was refused (may be in a library: reasons.h), who uses a module, checks of parameters,
 *	               what a boot loads
 *	act/           load: carries a plan out; depmod: a tree of .ko files -> modules.*
 *	decide/plan/   what to load or unload, in which order, and why; opens nothing
 *	system/        the machine, opened
 *	read/          conf: modprobe.d and its kin; index: modules.*; kernel: /proc, /sys; image: one .ko file
 *	base/          spans, buffers, files, messages: no policy
 *
 * The other faces are kmodctl/ and libkmod/. docs/MAP.md has all rooms, and who may include whom.
 */
#include "face/kmod/commands.h"
#include "face/kmod/reasons.h"

int main(int argc, char **argv)
{
	struct env env = {
		.sys = { .root = ROOT_REAL, .kernel = &kernel_real },
		.out = stdout,
		.err = stderr,
		.confine = ENV_CONFINE,
		.explain = REASONS_EXPLAIN,
	};
	const struct command kmod = { "kmod", cmd_kmod, "" };

	return command_start(kmod_tools, &kmod, false, &env, argc, argv);
}
