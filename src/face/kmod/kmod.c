// SPDX-License-Identifier: MIT
/* kmod WORD: the words, the tools by their names, help. */
#include "face/common/cli.h"
#include "face/common/say.h"
#include "face/kmod/commands.h"

static void print_table(FILE *out, const struct command *table)
{
	for (; table->name; table++)
		fprintf(out, "  %-12s %s\n", table->name, table->summary);
}

static void kmod_help(FILE *out)
{
	fputs("kmod - Manage kernel modules: list, load, unload, etc\n"
	      "Usage:\n"
	      "\tkmod [options] command [command_options]\n\n"
	      "Options:\n"
	      "\t-V, --version     show version\n"
	      "\t-h, --help        show this help\n\n"
	      "Commands:\n",
	      out);
	print_table(out, kmod_words);
	fputs("\nkmod also handles gracefully if called from following symlinks:\n", out);
	print_table(out, kmod_tools);
}

int cmd_help(struct env *env, int argc _unused_, char **argv _unused_)
{
	kmod_help(env->out);
	return 0;
}

static int run(struct env *env, void *values _unused_, int argc, char **argv)
{
	const struct command *c = argc > 0 ? command_find(kmod_words, argv[0]) : NULL;

	if (!c && argc > 0)
		c = command_find(kmod_tools, argv[0]);
	if (c)
		return command_main(c, env, argc, argv);
	if (argc > 0)
		say(env->err, "invalid command '%s'\n", argv[0]);
	else
		fputs("missing command\n", env->err);
	kmod_help(env->out);
	return 1;
}

int cmd_kmod(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.options = cli_no_options, .stop_at_first = true, .help = kmod_help, .run = run
	};

	return cli_main(env, &cli, argc, argv, NULL);
}
