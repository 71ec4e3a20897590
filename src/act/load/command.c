// SPDX-License-Identifier: MIT
#include "act/load/command.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/spawn.h"

int command_run(const char *expanded, const char *name)
{
	_cleanup_free_ char *variable = NULL;
	const char *env[2] = { NULL, NULL };
	int status;

	if (asprintf(&variable, "MODPROBE_MODULE=%s", name) < 0)
		return -ENOMEM;
	env[0] = variable;
	status = spawn_shell(expanded, env);
	if (status < 0)
		return status;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); /* as the shell counts it */
}
