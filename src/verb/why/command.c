// SPDX-License-Identifier: MIT
/*
 * What the command of an install line comes to, as far as its words show: a shell is not imitated. A command that
 * cannot be judged by its words is taken for one that does something.
 */
#include <string.h>

#include "base/modname.h"
#include "verb/why/parts.h"

#define BLANKS " \t"
#define SEPARATORS ";&|\n"
/* Behind these the words of a command are not what is run. */
#define EXPANSIONS "$`(){}\\'\"*?["

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

static bool is(struct span word, const char *text)
{
	return word.n == strlen(text) && memcmp(word.p, text, word.n) == 0;
}

/* The last part of a path, or the word. */
static struct span base_name(struct span word)
{
	const uint8_t *slash = memrchr(word.p, '/', word.n);

	return slash ? span_of(slash + 1, (size_t)(word.p + word.n - slash) - 1) : word;
}

static bool does_nothing(struct span command)
{
	struct span word = next_word(&command);

	while (is(word, "exec") || is(word, "command"))
		word = next_word(&command);
	return is(word, ":") || is(word, "exit") || is(word, "/dev/null") || is(base_name(word), "true") ||
	       is(base_name(word), "false");
}

bool why_command_does_nothing(const char *commands)
{
	const char *rest = commands;
	struct span command;
	bool some = false;

	while ((command = next_command(&rest)).n > 0) {
		for (size_t i = 0; i < command.n; i++)
			if (strchr(EXPANSIONS, command.p[i]))
				return false;
		if (!does_nothing(command))
			return false;
		some = true;
	}
	return some;
}

/* "modprobe ... NAME" without -i. The words behind modprobe are in command. */
static bool loads(struct span command, const char *name)
{
	bool ignores = false, found = false;
	struct span word;

	while ((word = next_word(&command)).n > 0) {
		if (is(word, "--ignore-install") ||
		    (word.n > 1 && word.p[0] == '-' && word.p[1] != '-' && memchr(word.p, 'i', word.n)))
			ignores = true;
		else if (word.p[0] != '-' && modname_equal_n((const char *)word.p, word.n, name, strlen(name)))
			found = true;
	}
	return found && !ignores;
}

bool why_command_loads_again(const char *commands, const char *name)
{
	const char *rest = commands;
	struct span command, word;

	while ((command = next_command(&rest)).n > 0)
		while ((word = next_word(&command)).n > 0)
			if (is(base_name(word), "modprobe") && loads(command, name))
				return true;
	return false;
}
