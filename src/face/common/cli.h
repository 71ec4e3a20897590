/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One option table per command drives parsing, --help, and the option test. Parsing only fills the command's
 * value struct, through set(); it has no other effect, so that every option may be read before anything is done.
 */

#include <stdbool.h>

#include "face/common/env.h"

struct option; /* of getopt.h */

enum cli_flags {
	CLI_HIDDEN = 1,  /* accepted, not in --help */
	CLI_CODES = 2,   /* messages show their codes; set() is not called */
	CLI_DETAILS = 4, /* messages show their codes, and set() is called */
};

struct cli_option {
	int id;              /* the letter of a short option, or a number from CLI_LONG on for long-only ones */
	const char *name;    /* long name, or NULL */
	const char *metavar; /* NULL: takes no argument */
	const char *help;
	const char *instead; /* deprecated: a warning names this long option; NULL otherwise */
	unsigned flags;
};

#define CLI_LONG 256
/* Ids of the two options every command has. */
#define CLI_HELP 'h'
#define CLI_VERSION 'V'

struct cli {
	const char *const *usage;         /* lines below "Usage:", without the program name; NULL ends them */
	const char *summary;              /* what it does, one or more lines; NULL: nothing */
	const struct cli_option *options; /* id 0 ends it; several rows may share an id (long synonyms) */
	const char *epilog;               /* printed below the options, or NULL */
	bool long_lines;                  /* --help is not wrapped to 80 columns: kmod's is not */
	int wrong_usage;                  /* exit status of wrong options; 0 stands for 1 */
	bool stop_at_first;               /* options end at the first operand (POSIX); else GNU permutation */
	void (*help)(FILE *out);          /* replaces the generated --help; NULL: generated */
	/* 0, or -EINVAL after reporting. arg is NULL for flags. NULL when there are no options. */
	int (*set)(struct env *env, void *values, int id, const char *arg);
	/* What cli_main() does with the operands. Returns the exit status. */
	int (*run)(struct env *env, void *values, int argc, char **argv);
};

/* The row of --verbose for commands without another use of it. */
#define CLI_VERBOSE                                                                    \
	{                                                                              \
		'v', "verbose", NULL, "show the code of each message", NULL, CLI_CODES \
	}

/*
 * For commands that have no options of their own, and for those that have --json (and -v) only: values is then a
 * bool.
 */
extern const struct cli_option cli_no_options[], cli_json_option[];
int cli_set_json(struct env *env, void *values, int id, const char *arg);

/* The number that --jobs gives, from 1 to 1024, to a set(). 0, or -EINVAL after reporting. */
int cli_set_jobs(struct env *env, const char *arg, unsigned *ret);

enum cli_result {
	CLI_GO,   /* *ret_first is the index of the first operand in argv, which may have been permuted */
	CLI_DONE, /* help or version was printed: exit 0 */
	CLI_BAD,  /* already reported: exit 1 */
};

/*
 * -h/--help and -V/--version need no row. Errors are getopt_long(3)'s own messages, and long options may be
 * abbreviated, as with kmod's tools. argv[0] is what those messages begin with.
 */
enum cli_result cli_parse(struct env *env, const struct cli *cli, int argc, char **argv, void *values, int *ret_first);
/* A whole command: parses, and runs it unless help or a wrong option ends it. Returns the exit status. */
int cli_main(struct env *env, const struct cli *cli, int argc, char **argv, void *values);
/*
 * What getopt_long(3) was kept from saying (opterr 0) when it returned '?': it writes the argument that it complains of
 * as it is, so it is shown a printable copy of the arguments, up to the same complaint.
 */
void cli_complain(int argc, char **argv, const char *shorts, const struct option *longs);
/* Is --json among words that no option table is for, because the verb is wrong? */
bool cli_words_have_json(int argc, char **argv);
void cli_help(const struct cli *cli, const char *program, FILE *out);
