// SPDX-License-Identifier: MIT
/*
 * runtool ROOT COMMAND [ARGUMENT...]: any command of kmod or kmodctl, with ROOT in place of / and the fake kernel of
 * fake_kernel.h. The exit status is the command's; 70 when the root
 * cannot be used, 77 when this build has no such command.
 */
#include <string.h>

#include "lib/fake_kernel.h"
#include "lib/fake_rings.h"
#include "face/kmod/commands.h"
#include "face/kmod/reasons.h"
#ifdef RUNTOOL_KMODCTL
#include "face/kmodctl/commands.h"
#endif

#define RUNTOOL_UNUSABLE 70
#define RUNTOOL_NO_COMMAND 77 /* what test runners take for "skipped" */

static const struct command kmod = { "kmod", cmd_kmod, "" };
#ifdef RUNTOOL_KMODCTL
static const struct command kmodctl = { "kmodctl", cmd_kmodctl, "" };
#endif

static const struct command *find(const char *name)
{
	const struct command *c = strcmp(name, kmod.name) == 0 ? &kmod : command_find(kmod_tools, name);

#ifdef RUNTOOL_KMODCTL
	if (!c)
		c = strcmp(name, kmodctl.name) == 0 ? &kmodctl : command_find(kmodctl_tools, name);
#endif
	return c;
}

int main(int argc, char **argv)
{
	const struct command *c = argc > 2 ? find(argv[2]) : NULL;
	struct fake_kernel fake;
	int r;

	if (!c) {
		fprintf(stderr, "runtool: %s: no such command\n", argc > 2 ? argv[2] : "");
		return RUNTOOL_NO_COMMAND;
	}
	r = fake_kernel_init(&fake, argv[1]);
	if (r < 0) {
		fprintf(stderr, "runtool: %s: %s\n", argv[1], strerror(-r));
		return RUNTOOL_UNUSABLE;
	}
	const struct keyring_access rings = fake_rings(&fake.root);
	struct env env = { .sys = { .root = fake.root, .kernel = &fake.kernel, .keyring = &rings },
			   .out = stdout,
			   .err = stderr,
			   .explain = REASONS_EXPLAIN };

	r = command_main(c, &env, argc - 2, argv + 2);
	fake_kernel_done(&fake);
	return r;
}
