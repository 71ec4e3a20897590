// SPDX-License-Identifier: MIT
#include "face/common/command.h"

#include <errno.h>
#include <string.h>

#include "face/common/answer.h"
#include "face/common/report.h"

#define WORDS_MAX 64

const struct command *command_find(const struct command *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

int command_main(const struct command *c, struct env *env, int argc, char **argv)
{
	const char *tool = env->tool;
	const struct diag diag = env->sys.diag;
	struct report report;
	int status;

	env->tool = c->name;
	report_init(&report, env, LOG_WARNING);
	status = c->run(env, argc, argv);
	report_missing(env);
	answer_finish(env, status);
	if (fflush(env->out) != 0 || ferror(env->out)) {
		report_error(env, "cli.output", "could not write the output: %s", strerror(errno));
		clearerr(env->out); /* reported; an enclosing command need not report it again */
		status = 1;
	}
	report_done(&report);
	env->tool = tool;
	env->sys.diag = diag;
	return status;
}

int command_start(const struct command *tools, const struct command *own, bool own_is_default, struct env *env,
		  int argc, char **argv)
{
	const char *slash, *name;
	const struct command *c;

	if (argc < 1)
		return 1;
	env_complete_stdio(env);
	slash = strrchr(argv[0], '/');
	name = slash ? slash + 1 : argv[0];
	c = command_find(tools, name);
	if (!c && (own_is_default || strcmp(name, own->name) == 0))
		c = own;
	return c ? command_main(c, env, argc, argv) : 1;
}

int command_word(const struct command *c, struct env *env, int argc, char **argv)
{
	char name[WORDS_MAX];
	const struct command full = { name, c->run, c->summary };

	snprintf(name, sizeof(name), "%s %s", env->tool, c->name);
	argv[0] = name;
	return command_main(&full, env, argc, argv);
}

void command_confine(struct env *env, unsigned keep)
{
	unsigned means = env->confine ? env->confine(keep) : 0;

	if (!(means & CONFINED_FILES))
		report_debug(env, "cli.unconfined", "this kernel does not restrict files (Landlock)");
	if (!(means & CONFINED_CALLS))
		report_debug(env, "cli.unconfined", "this kernel does not restrict system calls (seccomp)");
}
