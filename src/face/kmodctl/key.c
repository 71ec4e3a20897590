// SPDX-License-Identifier: MIT
/* kmodctl key: the keys that modules are signed with. */
#include <string.h>

#include "act/sign/secret.h"
#include "base/nearest.h"
#include "face/common/cli.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/key.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"

static const struct command key_verbs[] = {
	{ "generate", cmd_key_generate, "make a private key and its certificate" },
	{ "show", cmd_key_show, "show a certificate or key, and whether it is usable for modules" },
	{ "export", cmd_key_export, "write a certificate for firmware: signature list, update of db" },
	{ 0 },
};

static int unknown_verb(struct env *env, const char *word)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;

	nearest_among(word, strlen(word), NEAREST_NAMES(key_verbs, ELEMENTSOF(key_verbs) - 1, name), &hint);
	report_error(env, "cli.word", "unknown verb '%s'%s", word, buf_str(&hint));
	return STATUS_USAGE;
}

static void key_help(FILE *out)
{
	fputs("Usage:\n\tkmodctl key VERB [options] ...\n\tkmodctl key VERB --help\n\nVerbs:\n", out);
	for (const struct command *c = key_verbs; c->name; c++)
		say(out, "  %-12s %s\n", c->name, c->summary);
}

static int run(struct env *env, void *values _unused_, int argc, char **argv)
{
	const struct command *c = argc > 0 ? command_find(key_verbs, argv[0]) : NULL;

	if (c)
		return command_word(c, env, argc, argv);
	if (cli_words_have_json(argc, argv))
		report_as_json(env);
	if (argc > 0)
		return unknown_verb(env, argv[0]);
	report_error(env, "cli.word", "missing verb");
	key_help(env->err);
	return STATUS_USAGE;
}

int cmd_key(struct env *env, int argc, char **argv)
{
	static const struct cli cli = { .options = cli_no_options,
					.stop_at_first = true,
					.help = key_help,
					.run = run,
					.wrong_usage = STATUS_USAGE };

	secret_protect();
	return cli_main(env, &cli, argc, argv, NULL);
}
