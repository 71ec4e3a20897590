// SPDX-License-Identifier: MIT
/*
 * kmodctl: what no other tool has (docs/MAP.md has the map of the tree). Also answers by argv[0] to sign-file,
 * kmodsign and mokutil.
 */
#include "face/kmodctl/commands.h"
#include "verb/why/refusal.h"

int main(int argc, char **argv)
{
	struct env env = {
		.sys = { .root = ROOT_REAL, .kernel = &kernel_real, .keyring = &keyring_real },
		.out = stdout,
		.err = stderr,
		.confine = ENV_CONFINE,
		.explain = refusal_explain,
	};
	const struct command kmodctl = { "kmodctl", cmd_kmodctl, "" };

	return command_start(kmodctl_tools, &kmodctl, true, &env, argc, argv);
}
