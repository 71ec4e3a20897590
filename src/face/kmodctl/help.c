// SPDX-License-Identifier: MIT
#include "face/kmodctl/help.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/program.h"
#include "base/signals.h"
#include "base/spawn.h"
#include "face/common/pager.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/status.h"

/* The verbs stand in groups; a group begins with this one. */
static const struct {
	const char *verb, *title;
} groups[] = {
	{ "status", "Look" },
	{ "why", "Explain" },
	{ "config", "Configure" },
	{ "key", "Keys and signatures" },
};

static void print_verbs(const struct command *verbs, FILE *out)
{
	fputs("\nVerbs:\n", out);
	for (const struct command *c = verbs; c->name; c++) {
		for (size_t i = 0; i < ELEMENTSOF(groups); i++)
			if (strcmp(groups[i].verb, c->name) == 0)
				say(out, " %s\n", groups[i].title);
		say(out, "  %-12s %s\n", c->name, c->summary);
	}
}

void help_overview(const struct command *verbs, FILE *out)
{
	fputs("kmodctl - explain, sign, verify and configure kernel modules\n"
	      "Usage:\n"
	      "\tkmodctl VERB [options] ...\n"
	      "\tkmodctl help VERB        the manual page\n"
	      "\tkmodctl VERB --help      options\n"
	      "\tkmodctl                  alone: kmodctl status\n",
	      out);
	print_verbs(verbs, out);
	fputs("\nExamples:\n"
	      "\tkmodctl why e1000e                   does it load, and why not?\n"
	      "\tkmodctl list --tree                  what is loaded, by who uses whom\n"
	      "\tkmodctl params e1000e copybreak=128   set a parameter of a loaded module\n"
	      "\tkmodctl sign --key K --cert C x.ko   sign a module with your key\n"
	      "\tkmodctl mok import mykey.der         let this machine trust that key\n",
	      out);
	fputs("\nOptions:\n"
	      "\t    --color=WHEN             auto (on a terminal), always or never\n"
	      "\t    --no-pager               show long text without a pager\n"
	      "\t-V, --version                show version\n"
	      "\t-h, --help                   show this help\n",
	      out);
	fputs("\n" STATUS_HELP("yes, or done", "no, or not done",
			       STATUS_ROW(3, "could not be found out")
				       STATUS_ROW(4, "and higher: what the verb's own --help says")) "\n",
	      out);
}

/* Does man(1) know the page? It says where it is, which nobody wants to read. */
static bool has_page(const char *page)
{
	const char *const argv[] = { "man", "-w", page, NULL };
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC), err = -1;
	int status;

	if (null < 0)
		return false;
	/* What it does not know is an error for man, and none here. */
	err = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (err >= 0)
		dup2(null, STDERR_FILENO);
	status = spawn_argv(argv, null, null);
	if (err >= 0)
		dup2(err, STDERR_FILENO);
	return status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void become_man(struct env *env, const char *verb)
{
	_cleanup_buf_ struct buf page = BUF_INIT;

	/* Another pager than less would start a shell. */
	if (pager_is_for_another_user() &&
	    (!program_is_installed(&env->sys.root, "less") || setenv("MANPAGER", "less", 1) < 0))
		return;
	if (!program_is_installed(&env->sys.root, "man") || buf_addf(&page, "kmodctl-%s", verb) < 0 ||
	    !has_page(buf_str(&page)) || fflush(env->out) != 0)
		return;
	signals_let_through();
	pager_secure();
	execlp("man", "man", buf_str(&page), (char *)NULL);
}

int help_verb(struct env *env, const struct command *verb, int argc, char **argv)
{
	char option[] = "--help";
	_cleanup_free_ char **words = calloc((size_t)argc + 2, sizeof(*words));

	if (!words) {
		report_error(env, "cli.memory", "out of memory");
		return STATUS_NO;
	}
	become_man(env, verb->name);
	memcpy(words, argv, (size_t)argc * sizeof(*words));
	words[argc] = option;
	return command_word(verb, env, argc + 1, words);
}
