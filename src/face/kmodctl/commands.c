// SPDX-License-Identifier: MIT
#include "face/kmodctl/commands.h"

#include <string.h>

#include "base/nearest.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/kmodctl/help.h"
#include "face/kmodctl/status.h"

/* In the groups of help.c. */
const struct command kmodctl_verbs[] = {
	{ "status", cmd_status, "show on one screen how the machine and its modules are" },
	{ "list", cmd_list, "list the loaded modules, with columns, filters and as a tree" },
	{ "info", cmd_info, "show all about a module: purpose, state, origin, devices, needs" },
	{ "search", cmd_search, "find installed modules by words and devices" },
	{ "tree", cmd_tree, "draw what modules need, or who needs them" },
	{ "devices", cmd_devices, "list devices, what drives them, and what would" },
	{ "users", cmd_users, "show who keeps a module in use" },
	{ "report", cmd_report, "write all that is known into one page, or show a summary" },
	{ "why", cmd_why, "explain why a module does or does not load" },
	{ "trust", cmd_trust, "predict whether this kernel accepts a module, and why" },
	{ "config", cmd_config, "show what is configured for modules, and mistakes in it" },
	{ "params", cmd_params, "show and set the parameters of a module" },
	{ "boot", cmd_boot, "choose modules to load at every boot" },
	{ "reload", cmd_reload, "unload a module and load it again, with other parameters" },
	{ "key", cmd_key, "make, show and export signing keys" },
	{ "keys", cmd_keys, "show the keys of the kernel, of shim and of the firmware" },
	{ "sign", cmd_sign, "sign modules in place, or remove signatures" },
	{ "verify", cmd_verify, "check signatures against certificates, offline" },
	{ "mok", cmd_mok, "enroll and delete machine owner keys, follow up on requests" },
	{ 0 },
};

const struct command kmodctl_tools[] = {
	{ "kmodsign", cmd_sign_file, "sign one module as Ubuntu's kmodsign does" },
	{ "mokutil", cmd_mokutil, "manage shim's keys as mokutil(1) does" },
	{ "sign-file", cmd_sign_file, "sign one module as the kernel's script does" },
	{ 0 },
};

static void kmodctl_help(FILE *out)
{
	help_overview(kmodctl_verbs, out);
}

/* What newcomers and those who know other programs try first, and what does it here. */
static const struct {
	const char *word, *instead;
} others[] = {
	{ "add", "modprobe loads modules, kmodctl boot enable at every boot" },
	{ "alias", "kmodctl search, kmodctl config" },
	{ "blacklist", "kmodctl config shows what is; write a line of modprobe.d(5)" },
	{ "check", "kmodctl why, kmodctl verify, kmodctl config --lint" },
	{ "deny", "kmodctl config shows what is; write a line of modprobe.d(5)" },
	{ "depends", "kmodctl tree" },
	{ "depmod", "depmod is a command of its own" },
	{ "deps", "kmodctl tree" },
	{ "describe", "kmodctl info" },
	{ "disable", "kmodctl boot disable" },
	{ "dmesg", "kmodctl status shows what the kernel refused, kmodctl why what it says of a module" },
	{ "dump", "kmodctl report" },
	{ "enable", "kmodctl boot enable" },
	{ "enroll", "kmodctl mok import" },
	{ "explain", "kmodctl why" },
	{ "export", "kmodctl key export, kmodctl mok export" },
	{ "find", "kmodctl search" },
	{ "firmware", "kmodctl info, kmodctl search" },
	{ "generate", "kmodctl key generate" },
	{ "get", "kmodctl params" },
	{ "graph", "kmodctl tree --svg" },
	{ "grep", "kmodctl search" },
	{ "hardware", "kmodctl devices" },
	{ "import", "kmodctl mok import" },
	{ "insert", "modprobe, or insmod for a file" },
	{ "insmod", "insmod is a command of its own" },
	{ "install", "modprobe loads modules, kmodctl boot enable at every boot" },
	{ "keygen", "kmodctl key generate" },
	{ "lint", "kmodctl config --lint" },
	{ "load", "modprobe loads modules, kmodctl boot enable at every boot" },
	{ "log", "kmodctl status shows what the kernel refused, kmodctl why what it says of a module" },
	{ "ls", "kmodctl list" },
	{ "lsmod", "kmodctl list" },
	{ "lspci", "kmodctl devices" },
	{ "man", "kmodctl help" },
	{ "mask", "kmodctl config shows what is; write a line of modprobe.d(5)" },
	{ "modinfo", "modinfo is a command of its own" },
	{ "modprobe", "modprobe is a command of its own" },
	{ "modules", "kmodctl list, kmodctl search" },
	{ "mokutil", "mokutil is a command of its own; kmodctl mok" },
	{ "options", "kmodctl params" },
	{ "plot", "kmodctl boot plot, kmodctl tree --svg" },
	{ "remove", "modprobe -r" },
	{ "requires", "kmodctl tree" },
	{ "restart", "kmodctl reload" },
	{ "rm", "modprobe -r" },
	{ "rmmod", "modprobe -r, or rmmod" },
	{ "secureboot", "kmodctl trust, kmodctl mok status" },
	{ "set", "kmodctl params MODULE NAME=VALUE" },
	{ "show", "modinfo, kmodctl params, kmodctl config" },
	{ "start", "modprobe loads modules, kmodctl boot enable at every boot" },
	{ "stop", "modprobe -r" },
	{ "test", "kmodctl why, kmodctl verify, kmodctl config --lint" },
	{ "unload", "modprobe -r" },
	{ "unset", "kmodctl params --unset=NAME MODULE" },
	{ "version", "kmodctl --version" },
	{ "which", "modinfo -n" },
};

static const char *instead_of(const char *word)
{
	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		if (strcmp(others[i].word, word) == 0)
			return others[i].instead;
	return NULL;
}

int command_takes_none(struct env *env, const char *code, const char *word, const char *operand)
{
	report_error(env, code, "%s takes no operand: '%s'", word, operand);
	return STATUS_USAGE;
}

static void offer_verbs(struct nearest *search, const char *word)
{
	nearest_start(search, word, strlen(word));
	for (const struct command *c = kmodctl_verbs; c->name; c++)
		nearest_offer(search, c->name, strlen(c->name));
	nearest_offer(search, "help", strlen("help"));
}

/* words: argc of them, of which the first should be a verb. */
static int unknown_verb(struct env *env, int argc, char **words)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;
	const char *instead = instead_of(words[0]);
	struct nearest search;

	offer_verbs(&search, words[0]);
	if (instead)
		report_error(env, "cli.word", "there is no verb '%s': %s", words[0], instead);
	else if (!search.word && argc > 1 && command_find(kmodctl_verbs, words[1]))
		report_error(env, "cli.word", "unknown verb '%s': the verb comes first: kmodctl %s %s%s", words[0],
			     words[1], words[0], argc > 2 ? " ..." : "");
	else if (nearest_hint(&search, &hint) == 0)
		report_error(env, "cli.word", "unknown verb '%s'%s; kmodctl help lists them", words[0], buf_str(&hint));
	return STATUS_USAGE;
}

static int help(struct env *env, int argc, char **argv)
{
	const struct command *c = argc > 1 ? command_find(kmodctl_verbs, argv[1]) : NULL;

	if (c)
		return help_verb(env, c, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "help") != 0)
		return unknown_verb(env, 1, argv + 1);
	display_page(env);
	kmodctl_help(env->out);
	return STATUS_YES;
}

static int without_verb(struct env *env)
{
	char name[] = "status";
	int r = command_word(command_find(kmodctl_verbs, name), env, 1, (char *[]){ name, NULL });

	fputs("  kmodctl help lists what else there is.\n", env->out);
	return r;
}

static int run(struct env *env, void *values _unused_, int argc, char **argv)
{
	const struct command *c = argc > 0 ? command_find(kmodctl_verbs, argv[0]) : NULL;

	if (c)
		return command_word(c, env, argc, argv);
	if (cli_words_have_json(argc, argv))
		report_as_json(env);
	if (argc == 0)
		return without_verb(env);
	if (strcmp(argv[0], "help") == 0)
		return help(env, argc, argv);
	return unknown_verb(env, argc, argv);
}

static int parse(struct env *env, int argc, char **argv)
{
	static const struct cli cli = { .options = cli_no_options,
					.stop_at_first = true,
					.help = kmodctl_help,
					.run = run,
					.wrong_usage = STATUS_USAGE };

	return cli_main(env, &cli, argc, argv, NULL);
}

int cmd_kmodctl(struct env *env, int argc, char **argv)
{
	struct display display;
	int status, r;

	display_init(&display, env);
	status = parse(env, argc, argv);
	r = display_done(env);
	if (r < 0)
		report_error(env, "cli.output", "could not write the output: %s", strerror(-r));
	return r < 0 && status == 0 ? 1 : status;
}
