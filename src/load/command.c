// SPDX-License-Identifier: MIT
#include "load/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/spawn.h"

#define PLACEHOLDER "$CMDLINE_OPTS"

int command_expand(const char *command, const char *options, struct buf *into)
{
	const char *at;

	for (; (at = strstr(command, PLACEHOLDER)); command = at + strlen(PLACEHOLDER)) {
		buf_add(into, command, (size_t)(at - command));
		buf_adds(into, options ? options : "");
	}
	return buf_adds(into, command);
}

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
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}
