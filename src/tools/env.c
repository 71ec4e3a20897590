// SPDX-License-Identifier: MIT
#include "tools/env.h"

#include <errno.h>
#include <string.h>

#include "tools/report.h"

const struct command *command_find(const struct command *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

int command_main(const struct command *c, struct env *env, int argc, char **argv)
{
	struct report report;
	int status;

	env->tool = c->name;
	report_init(&report, env, LOG_WARNING);
	status = c->run(env, argc, argv);
	if (fflush(env->out) != 0 || ferror(env->out)) {
		report_error(env, "cli.output", "could not write the output: %s", strerror(errno));
		return 1;
	}
	return status;
}
