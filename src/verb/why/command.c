// SPDX-License-Identifier: MIT
/*
 * What the command of an install line comes to, as far as its words show. A command that cannot be judged by its words
 * is taken for one that does something.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "verb/why/parts.h"
#include "verb/why/shell.h"

#define BLANKS " \t"
#define SEPARATORS ";&|\n"
/* Behind these the words of a command are not what is run. */
#define EXPANSIONS "$`(){}\\'\"*?["
#define SCRIPT_MAX 4096

/* The next simple command of a list; n 0: there are no more. A comment ends the list. */
static struct span next_command(const char **rest)
{
	const char *from = *rest + strspn(*rest, BLANKS SEPARATORS);
	const char *to = from;

	while (*to && !strchr(SEPARATORS, *to) && !(*to == '#' && (to == from || strchr(BLANKS, to[-1])))) {
		/* "2>&1" is no separator */
		to += to[0] == '>' && to[1] == '&' ? 2 : 1;
	}
	*rest = *to == '#' ? to + strlen(to) : to;
	return span_of(from, (size_t)(to - from));
}

static struct span next_word(struct span *command)
{
	struct span all = *command;
	size_t at = 0, from;

	while (at < all.n && strchr(BLANKS, all.p[at]))
		at++;
	for (from = at; at < all.n && !strchr(BLANKS, all.p[at]);)
		at++;
	*command = span_of(all.p + at, all.n - at);
	return span_of(all.p + from, at - from);
}

/* The last part of a path, or the word. */
static struct span base_name(struct span word)
{
	const uint8_t *slash = memrchr(word.p, '/', word.n);

	return slash ? span_of(slash + 1, (size_t)(word.p + word.n - slash) - 1) : word;
}

#ifdef KMODCTL_SMALL
/* To nowhere, or to where another one goes: ">/dev/null", "2>&1". Any other is something that is done. */
static bool is_idle_redirection(struct span word, struct span *command)
{
	size_t n = 0;
	struct span to;

	while (n < word.n && word.p[n] >= '0' && word.p[n] <= '9')
		n++;
	if (n == word.n || word.p[n] != '>')
		return false;
	to = span_of(word.p + n + 1, word.n - n - 1);
	if (to.n == 2 && to.p[0] == '&' && to.p[1] >= '0' && to.p[1] <= '9')
		return true;
	return span_is(to.n ? to : next_word(command), "/dev/null");
}

static bool has_expansions(struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (strchr(EXPANSIONS, text.p[i]))
			return true;
	return false;
}

static bool does_nothing(struct span command)
{
	struct span word = next_word(&command);
	bool idle;

	while (span_is(word, "exec") || span_is(word, "command"))
		word = next_word(&command);
	idle = span_is(word, ":") || span_is(word, "exit") || span_is(word, "/dev/null") ||
	       span_is(base_name(word), "true") || span_is(base_name(word), "false");
	while (idle && (word = next_word(&command)).n > 0)
		if (memchr(word.p, '<', word.n) || memchr(word.p, '>', word.n))
			idle = is_idle_redirection(word, &command);
	return idle;
}

/* In an initramfs nobody reads why a module was not asked for: what needs quotes is left out. */
bool why_command_does_nothing(const struct root *root _unused_, const char *commands)
{
	const char *rest = commands;
	struct span command;
	bool some = false;

	while ((command = next_command(&rest)).n > 0) {
		if (has_expansions(command) || !does_nothing(command))
			return false;
		some = true;
	}
	return some;
}
#else
static bool is_shell(struct span program)
{
	program = base_name(program);
	return span_is(program, "sh") || span_is(program, "bash") || span_is(program, "dash");
}

/* Line by line, to the end or to the first that ends it. */
static bool script_does_nothing(char *text)
{
	const char *line;
	bool some = false;

	while ((line = strsep(&text, "\n"))) {
		line += strspn(line, BLANKS "\r");
		if (!*line || *line == '#')
			continue;
		if (!shell_does_nothing(line))
			return false;
		some = true;
		/* In a pipe, or in the background, it ends no more than itself. */
		if (strncmp(line, "exit", 4) == 0 && !strpbrk(line, "|&"))
			break;
	}
	return some;
}

/* A shell script, with whatever arguments. */
static bool is_idle_script(const struct root *root, const char *commands)
{
	struct span all = span_of_str(commands), word = next_word(&all), interpreter;
	_cleanup_free_ char *path = NULL;
	_cleanup_buf_ struct buf text = BUF_INIT;
	char *body;

	if (!word.n || word.p[0] != '/' || strpbrk(commands, SEPARATORS EXPANSIONS "<>"))
		return false;
	path = span_dup(word);
	if (!path || file_read_regular(root, path, SCRIPT_MAX, &text) < 0 || text.n < 2 ||
	    memcmp(text.p, "#!", 2) != 0 || memchr(text.p, '\0', text.n) || buf_addc(&text, '\0') < 0)
		return false;
	body = text.p + 2;
	interpreter = span_of_str(strsep(&body, "\n"));
	return body && is_shell(next_word(&interpreter)) && script_does_nothing(body);
}

bool why_command_does_nothing(const struct root *root, const char *commands)
{
	return shell_does_nothing(commands) || is_idle_script(root, commands);
}
#endif

/* An option with which modprobe still loads, and runs install commands. */
static bool is_harmless(struct span option)
{
	static const char *const words[] = { "--verbose",    "--quiet",         "--all",
					     "--first-time", "--use-blacklist", "--syslog" };

	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		if (span_is(option, words[i]))
			return true;
	for (size_t i = 1; i < option.n; i++)
		if (!strchr("vqabs", option.p[i]))
			return false;
	return option.n > 1;
}

/* "modprobe ... NAME", which runs the install command again. The words behind modprobe are in command. */
static bool loads(struct span command, const char *name)
{
	bool found = false;
	struct span word;

	while ((word = next_word(&command)).n > 0) {
		if (word.p[0] == '-' && !is_harmless(word))
			return false;
		if (word.p[0] != '-' && modname_equal_n((const char *)word.p, word.n, name, strlen(name)))
			found = true;
	}
	return found;
}

/* What may stand in front of the word of a command. */
static bool is_in_front(struct span word)
{
	static const char *const words[] = { "exec",  "command", "if", "then", "else", "do",
					     "while", "until",   "!",  "{",    "(" };

	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		if (span_is(word, words[i]))
			return true;
	return memchr(word.p, '=', word.n);
}

bool why_command_loads_again(const char *commands, const char *name)
{
	const char *rest = commands;
	struct span command, word;

	while ((command = next_command(&rest)).n > 0) {
		do
			word = next_word(&command);
		while (word.n > 0 && is_in_front(word));
		if (span_is(base_name(word), "modprobe") && loads(command, name))
			return true;
	}
	return false;
}

/* ---- do they exist? ---- */

/* What the shell does itself, or what begins something else than a simple command. */
static bool is_of_shell(struct span word)
{
	static const char *const words[] = {
		".",      ":",     "[",      "alias",  "break", "case",  "cd",    "command", "continue", "echo",
		"eval",   "exec",  "exit",   "export", "false", "for",   "hash",  "if",      "kill",     "printf",
		"pwd",    "read",  "return", "set",    "shift", "test",  "times", "trap",    "true",     "type",
		"ulimit", "umask", "unset",  "until",  "wait",  "while", "!",
	};

	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		if (span_is(word, words[i]))
			return true;
	return memchr(word.p, '=', word.n) || memchr(word.p, '<', word.n) || memchr(word.p, '>', word.n);
}

static bool is_in(const struct root *root, const char *dir, const char *name)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path) || root_exists(root, path);
}

/* In the directories that are in every PATH; what is relative to some directory may exist. */
static bool program_exists(const struct root *root, const char *name)
{
	static const char *const dirs[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
					    "/usr/bin",        "/sbin",          "/bin" };

	if (strchr(name, '/'))
		return name[0] != '/' || root_exists(root, name);
	for (size_t i = 0; i < ELEMENTSOF(dirs); i++)
		if (is_in(root, dirs[i], name))
			return true;
	return false;
}

/* The list behind its last semicolon, whose status is that of all: a && b && c. */
static const char *last_chain(const char *commands)
{
	const char *chain = commands;

	for (const char *p = commands; *p && *p != '#'; p++)
		if ((*p == ';' || *p == '\n') && p[1 + strspn(p + 1, BLANKS SEPARATORS)])
			chain = p + 1;
	return chain;
}

bool why_command_is_missing(const struct root *root, const char *commands, char *ret, size_t cap)
{
	const char *rest = last_chain(commands);
	struct span command;

	/* A part of these need not be run, or its status need not count. */
	if (strpbrk(commands, "|`(){}\\'\""))
		return false;
	while ((command = next_command(&rest)).n > 0) {
		struct span word = next_word(&command);

		for (size_t i = 0; i < word.n; i++)
			if (strchr(EXPANSIONS, word.p[i]))
				return false;
		if (is_of_shell(word) || word.n >= cap)
			return false;
		memcpy(ret, word.p, word.n);
		ret[word.n] = '\0';
		if (word.n && !program_exists(root, ret))
			return true;
	}
	return false;
}
