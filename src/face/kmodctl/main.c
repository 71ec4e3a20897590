// SPDX-License-Identifier: MIT
/*
 * kmodctl: what no other tool has (docs/MAP.md has the map of the tree). Also answers by argv[0] to sign-file and
 * mokutil.
 */
#include <string.h>

#include "face/kmodctl/commands.h"

int main(int argc, char **argv)
{
	struct env env = {
		.sys = { .root = ROOT_REAL, .kernel = &kernel_real, .keyring = &keyring_real },
		.out = stdout,
		.err = stderr,
	};
	const struct command kmodctl = { "kmodctl", cmd_kmodctl, "" };
	const struct command *c;
	const char *slash;

	if (argc < 1)
		return 1;
	env_complete_stdio(&env);
	slash = strrchr(argv[0], '/');
	c = command_find(kmodctl_tools, slash ? slash + 1 : argv[0]);
	return command_main(c ? c : &kmodctl, &env, argc, argv);
}
