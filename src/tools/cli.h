/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One option table per command drives parsing, --help, and the option test. Parsing only fills the command's
 * value struct, through set(); it has no other effect, so that every option may be read before anything is done.
 */

#include <stdbool.h>

#include "tools/env.h"

enum cli_flags {
	CLI_HIDDEN = 1,      /* accepted, not in --help */
	CLI_OPTIONAL_ARG = 2,
};

struct cli_option {
	int id;               /* the letter of a short option, or a number from 256 on for long-only ones */
	const char *name;     /* long name, or NULL */
	const char *metavar;  /* NULL: takes no argument */
	const char *help;
	const char *instead;  /* deprecated: warn and name this long option; NULL otherwise */
	unsigned flags;
};

struct cli {
	const char *usage;                /* lines of "Usage:", each without the program name, separated by \n */
	const char *summary;              /* what it does */
	const struct cli_option *options; /* id 0 ends it */
	const char *epilog;               /* printed below the options, or NULL */
	bool stop_at_first;               /* options end at the first operand (POSIX); else GNU permutation */
	const char *(*version)(void);     /* NULL: kmod's --version text */
	/* 0, or -EINVAL after reporting. arg is NULL for flags. */
	int (*set)(struct env *env, void *values, int id, const char *arg);
};

enum cli_result { CLI_GO, CLI_DONE, CLI_BAD }; /* CLI_DONE: help or version was printed, exit 0. CLI_BAD: told, exit 1 */

/* -h/--help and -V/--version need no row of their own. On CLI_GO *ret_first is the index of the first operand in argv. */
enum cli_result cli_parse(struct env *env, const struct cli *cli, int argc, char **argv, void *values, int *ret_first);
void cli_help(struct env *env, const struct cli *cli, FILE *out);
