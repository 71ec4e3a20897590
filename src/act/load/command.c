// SPDX-License-Identifier: MIT
#include "act/load/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "act/load/chain.h"
#include "base/cleanup.h"
#include "base/spawn.h"

/* The word of modprobe.d for it, and in its option --ignore-... */
static const char *kind_of(const struct plan_step *s)
{
	return s->action == PLAN_REMOVE_COMMAND ? "remove" : "install";
}

int command_check(struct sys *sys, const struct plan_step *s)
{
	_cleanup_buf_ struct buf path = BUF_INIT, place = BUF_INIT;
	const char *kind = kind_of(s);
	enum chain_state state = chain_check(&sys->root, kind, s->name, &path);

	if (state == CHAIN_FREE)
		return 0;
	if (s->file)
		buf_addf(&place, s->line ? " (%s:%u)" : " (%s)", s->file, s->line);
	if (state == CHAIN_LOOP)
		diag_report(
			&sys->diag, LOG_ERR, "load.command-loop", s->file, s->line,
			"%s command of %s%s is not run again: it is being run already and has led back to itself: %s; "
			"inside the command use `modprobe %s--ignore-%s %s`",
			kind, s->name, buf_str(&place), buf_str(&path), s->action == PLAN_REMOVE_COMMAND ? "-r " : "",
			kind, s->name);
	else
		diag_report(&sys->diag, LOG_ERR, "load.command-depth", s->file, s->line,
			    "%s command of %s%s is not run: %u commands that run modprobe have led to it: %s", kind,
			    s->name, buf_str(&place), CHAIN_DEPTH_MAX, buf_str(&path));
	return -ELOOP;
}

int command_run(const struct root *root, const char *expanded, const struct plan_step *s)
{
	_cleanup_buf_ struct buf chain = BUF_INIT;
	_cleanup_free_ char *variable = NULL;
	const char *env[3] = { NULL, NULL, NULL };
	int status;

	if (asprintf(&variable, "MODPROBE_MODULE=%s", s->name) < 0)
		return -ENOMEM;
	if (chain_variable(root, kind_of(s), s->name, &chain) < 0)
		return -ENOMEM;
	env[0] = variable;
	env[1] = buf_str(&chain);
	status = spawn_shell(expanded, env);
	if (status < 0)
		return status;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); /* as the shell counts it */
}

const char *command_signal(int status)
{
	static const char names[][sizeof("SIGVTALRM")] = {
		[SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT",     [SIGILL] = "SIGILL",
		[SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT", [SIGBUS] = "SIGBUS",       [SIGFPE] = "SIGFPE",
		[SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV",     [SIGUSR2] = "SIGUSR2",
		[SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM",     [SIGXCPU] = "SIGXCPU",
		[SIGXFSZ] = "SIGXFSZ", [SIGSYS] = "SIGSYS",   [SIGVTALRM] = "SIGVTALRM", [SIGPROF] = "SIGPROF",
	};
	int signal = status - 128;

	return signal > 0 && signal < (int)ELEMENTSOF(names) && *names[signal] ? names[signal] : NULL;
}
