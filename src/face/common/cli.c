// SPDX-License-Identifier: MIT
#include "face/common/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/num.h"
#include "base/printable.h"
#include "base/vec.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "read/image/built.h"

/* The kmod release whose options and output the tools have; scripts compare it as a feature level. */
#define CLI_KMOD_LEVEL "34"

#define JOBS_MAX 1024

/* The tools of an initramfs are kmod's. */
#ifdef KMODCTL_SMALL
#define HAVE_DISPLAY(env) ((void)(env), false)
#else
#define HAVE_DISPLAY(env) ((env)->display != NULL)
#endif

/* The two lines of kmod's --version and a third one with this project's own version. */
static void show_version(FILE *out)
{
	fprintf(out, "kmod version %s\n" CODEC_FEATURES " +OPENSSL -MBEDTLS\nkmodctl version %s\n", CLI_KMOD_LEVEL,
		KMODCTL_VERSION);
}

static size_t count_options(const struct cli *cli)
{
	size_t n = 0;

	while (cli->options[n].id)
		n++;
	return n;
}

/* getopt's short string. A deprecated or extra row that shares an id with another one gets no letter of its own. */
static int short_string(const struct cli *cli, struct buf *into)
{
	if (cli->stop_at_first)
		buf_addc(into, '+');
	buf_adds(into, "hV");
	for (const struct cli_option *o = cli->options; o->id; o++) {
		if (o->id >= CLI_LONG || strchr(buf_str(into), o->id))
			continue;
		buf_addc(into, (char)o->id);
		if (o->metavar)
			buf_addc(into, ':');
	}
	return buf_error(into);
}

/* The first row that means the same: getopt takes an abbreviation of several names when they have one value. */
static size_t first_synonym(const struct cli_option *options, size_t row)
{
	size_t i = 0;

	while (options[i].id != options[row].id || options[i].instead != options[row].instead)
		i++;
	return i;
}

/*
 * getopt's long table: values are row numbers, so that a deprecated name can be distinguished from the others of its
 * id.
 */
static struct option *long_table(const struct env *env, const struct cli *cli)
{
	size_t n = count_options(cli), k = 0;
	struct option *table = calloc(n + 5, sizeof(*table));

	if (!table)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		const struct cli_option *o = &cli->options[i];

		if (!o->name)
			continue;
		table[k++] = (struct option){ o->name, o->metavar ? required_argument : no_argument, NULL,
					      (int)first_synonym(cli->options, i) + CLI_LONG };
	}
	table[k++] = (struct option){ "help", no_argument, NULL, CLI_HELP };
	table[k++] = (struct option){ "version", no_argument, NULL, CLI_VERSION };
	if (HAVE_DISPLAY(env)) {
		table[k++] = (struct option){ "color", required_argument, NULL, DISPLAY_COLOR };
		table[k] = (struct option){ "no-pager", no_argument, NULL, DISPLAY_NO_PAGER };
	}
	return table;
}

/* What getopt returned, as the option's id; warns of a deprecated name. */
static int option_id(struct env *env, const struct cli *cli, int c)
{
	const struct cli_option *o;

	if (c < CLI_LONG)
		return c;
	o = &cli->options[c - CLI_LONG];
	if (o->instead)
		report_warning(env, "cli.deprecated", "--%s is deprecated and scheduled for removal; use --%s", o->name,
			       o->instead);
	return o->id;
}

static void show_help(struct env *env, const struct cli *cli)
{
	if (HAVE_DISPLAY(env))
		env->display->page(env);
	if (cli->help)
		cli->help(env->out);
	else
		cli_help(cli, env->tool, env->out);
}

/* The part of an option that is common to all commands. True: nothing else is to be done for it. */
static bool set_common(struct env *env, const struct cli *cli, int id)
{
	const struct cli_option *o = cli->options;

	while (o->id && o->id != id)
		o++;
	if (o->name && strcmp(o->name, "json") == 0)
		report_as_json(env);
	if (o->flags & (CLI_CODES | CLI_DETAILS))
		report_show_codes(env);
	return o->flags & CLI_CODES;
}

void cli_complain(int argc, char **argv, const char *shorts, const struct option *longs)
{
	_cleanup_strv_ struct strv shown = { 0 };
	int r = 0;

	for (int i = 0; i < argc && r == 0; i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		r = printable_add(&text, argv[i], strlen(argv[i]));
		r = r < 0 ? r : strv_add(&shown, buf_str(&text));
	}
	optind = 0;
	opterr = 1;
	while (r == 0 && (r = getopt_long(argc, shown.items, shorts, longs, NULL)) != -1 && r != '?')
		r = 0;
}

/* One command line, and what getopt is told about it. */
struct parse {
	struct env *env;
	const struct cli *cli;
	int argc;
	char **argv;
	const char *shorts;
	const struct option *longs;
};

static int next_option(const struct parse *p)
{
	return getopt_long(p->argc, p->argv, p->shorts, p->longs, NULL);
}

bool cli_words_have_json(int argc, char **argv)
{
	while (argc > 0 && strcmp(argv[argc - 1], "--json") != 0)
		argc--;
	return argc > 0;
}

#ifdef KMODCTL_SMALL
static enum cli_result refuse(const struct parse *p, bool by_getopt)
{
	if (by_getopt)
		cli_complain(p->argc, p->argv, p->shorts, p->longs);
	return CLI_BAD;
}
#else
/* --json counts wherever it stands: then the answer is what is wrong with the options. */
static void answer_refusal(const struct parse *p, bool by_getopt)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	/* getopt changes their order, in which cli_complain() has to see them. */
	_cleanup_free_ char **words = reallocarray(NULL, (size_t)p->argc + 1, sizeof(*words));
	int c;

	/* A letter may be one of several in an argument. */
	if (optopt > ' ' && optopt < CLI_LONG)
		buf_addf(&text, "-%c", optopt);
	else
		printable_add(&text, p->argv[optind - 1], strlen(p->argv[optind - 1]));
	buf_adds(&text, ": no such option, or its argument is missing or not wanted; see --help");
	if (words)
		memcpy(words, p->argv, ((size_t)p->argc + 1) * sizeof(*words));
	while (words && (c = getopt_long(p->argc, words, p->shorts, p->longs, NULL)) != -1)
		if (c != '?')
			set_common(p->env, p->cli, c < CLI_LONG ? c : p->cli->options[c - CLI_LONG].id);
	/* Before the verb it is no option, but it is clear what is wanted. */
	if (p->cli->wrong_usage && cli_words_have_json(p->argc, p->argv))
		report_as_json(p->env);
	if (by_getopt && buf_error(&text) == 0)
		report_usage(p->env, buf_str(&text));
}

/* Is it a long option, or the beginning of one? getopt(3) says what is wrong with those. */
static bool is_long(const struct option *longs, const char *name, size_t len)
{
	while (longs->name && strncmp(longs->name, name, len) != 0)
		longs++;
	return longs->name != NULL;
}

/* "-json" is taken for letters. NULL: nothing of that kind. */
static const char *one_dash_missing(const struct parse *p, int letter)
{
	for (int i = 1; i < p->argc && strcmp(p->argv[i], "--") != 0; i++) {
		const char *word = p->argv[i];

		if (word[0] == '-' && word[1] != '-' && strlen(word) > 3 && strchr(word, letter) &&
		    is_long(p->longs, word + 1, strcspn(word + 1, "=")))
			return word + 1;
	}
	return NULL;
}

static void offer_longs(const struct option *longs, const char *name, struct nearest *ret)
{
	nearest_start(ret, name, strcspn(name, "="));
	for (; longs->name; longs++)
		nearest_offer(ret, longs->name, strlen(longs->name));
}

/*
 * Adds an option that does not exist, and the one that was probably meant, in the words of the verbs. Nothing: it
 * exists, or begins several.
 */
static void add_unknown(const struct parse *p, struct buf *into)
{
	const char *word = p->argv[optind - 1];
	_cleanup_buf_ struct buf meant = BUF_INIT;
	struct nearest search = { 0 };

	if (optopt == 0 && strncmp(word, "--", 2) == 0) {
		if (is_long(p->longs, word + 2, strcspn(word + 2, "=")))
			return;
		buf_addf(into, "unknown option '%.*s'", (int)strcspn(word, "="), word);
		offer_longs(p->longs, word + 2, &search);
	} else if (optopt > ' ' && optopt < CLI_LONG && !strchr(p->shorts, optopt)) {
		word = one_dash_missing(p, optopt);
		buf_addf(into, "unknown option '-%c'", optopt);
		if (word)
			offer_longs(p->longs, word, &search);
	}
	if (!search.word) {
		if (into->n && p->cli->stop_at_first)
			buf_adds(into, "; a verb's options stand behind it");
		return;
	}
	buf_addf(&meant, "--%.*s", (int)search.len, search.word);
	search.word = buf_str(&meant);
	search.len = meant.n;
	nearest_hint(&search, into);
}

static enum cli_result refuse(const struct parse *p, bool by_getopt)
{
	_cleanup_buf_ struct buf unknown = BUF_INIT;

	if (by_getopt && HAVE_DISPLAY(p->env))
		add_unknown(p, &unknown);
	answer_refusal(p, by_getopt && !unknown.n);
	if (unknown.n)
		report_error(p->env, "cli.option", "%s; see --help", buf_str(&unknown));
	else if (by_getopt)
		cli_complain(p->argc, p->argv, p->shorts, p->longs);
	return CLI_BAD;
}
#endif

static enum cli_result parse_all(const struct parse *p, void *values)
{
	int c;

	optind = 0; /* a fresh scan, in glibc and musl alike */
	opterr = 0;
	while ((c = next_option(p)) != -1) {
		if (c == '?')
			return refuse(p, true);
		c = option_id(p->env, p->cli, c);
		if (c == CLI_HELP) {
			show_help(p->env, p->cli);
			return CLI_DONE;
		}
		if (c == CLI_VERSION) {
			show_version(p->env->out);
			return CLI_DONE;
		}
		if (HAVE_DISPLAY(p->env) && (c == DISPLAY_COLOR || c == DISPLAY_NO_PAGER)) {
			if (p->env->display->set(p->env, c, optarg) < 0)
				return refuse(p, false);
			continue;
		}
		if (!set_common(p->env, p->cli, c) && p->cli->set(p->env, values, c, optarg) < 0)
			return refuse(p, false);
	}
	return CLI_GO;
}

enum cli_result cli_parse(struct env *env, const struct cli *cli, int argc, char **argv, void *values, int *ret_first)
{
	_cleanup_buf_ struct buf shorts = BUF_INIT;
	_cleanup_free_ struct option *longs = long_table(env, cli);
	enum cli_result r;

	if (!longs || short_string(cli, &shorts) < 0) {
		report_error(env, "cli.memory", "out of memory");
		return CLI_BAD;
	}
	r = parse_all(&(const struct parse){ env, cli, argc, argv, buf_str(&shorts), longs }, values);
	if (r == CLI_GO)
		*ret_first = optind;
	return r;
}

/* Of kmodctl's verbs none takes an empty word: where one is, a script's variable was not set. 1: reported. */
static int has_empty(struct env *env, char *const *operands)
{
	while (*operands && **operands)
		operands++;
	return *operands ? report_error(env, "cli.empty", "an argument is empty") : 0;
}

int cli_main(struct env *env, const struct cli *cli, int argc, char **argv, void *values)
{
	int first;

	switch (cli_parse(env, cli, argc, argv, values, &first)) {
	case CLI_DONE:
		return 0;
	case CLI_BAD:
		return cli->wrong_usage ? cli->wrong_usage : 1;
	case CLI_GO:
		break;
	}
	if (cli->wrong_usage && !cli->stop_at_first && has_empty(env, argv + first))
		return cli->wrong_usage;
	return cli->run(env, values, argc - first, argv + first);
}

const struct cli_option cli_no_options[] = { { 0 } };

const struct cli_option cli_json_option[] = {
	{ CLI_LONG, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

int cli_set_json(struct env *env _unused_, void *values, int id _unused_, const char *arg _unused_)
{
	*(bool *)values = true;
	return 0;
}

int cli_set_jobs(struct env *env, const char *arg, unsigned *ret)
{
	uint32_t n;

	if (parse_u32(arg, 10, &n) < 0 || n == 0 || n > JOBS_MAX) {
		report_error(env, "cli.jobs", "--jobs takes a number from 1 to %d, not '%s'", JOBS_MAX, arg);
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

/* Columns of --help, of 80: a tab, the option, a blank, and what it does. */
#define HELP_LEFT 28
#define HELP_TEXT 43

/* What it does, in as many lines as it needs. */
static void help_text(FILE *out, const char *text, size_t width)
{
	for (;;) {
		size_t n = strlen(text);
		const char *blank = n > width ? memrchr(text, ' ', width + 1) : NULL;

		if (blank)
			n = (size_t)(blank - text);
		fprintf(out, " %.*s\n", (int)n, text);
		if (!text[n])
			return;
		text += n + 1;
		fprintf(out, "\t%-*s", HELP_LEFT, "");
	}
}

static void help_row(const struct cli *cli, FILE *out, const struct cli_option *o)
{
	_cleanup_buf_ struct buf left = BUF_INIT;

	if (o->id < CLI_LONG)
		buf_addf(&left, "-%c%s", o->id, o->name ? ", " : "");
	else
		buf_adds(&left, "    ");
	if (o->name)
		buf_addf(&left, "--%s", o->name);
	if (o->metavar)
		buf_addf(&left, "%c%s", o->name ? '=' : ' ', o->metavar);
	/* A wide left column gets a line of its own. */
	fprintf(out, "\t%-*s", HELP_LEFT, buf_str(&left));
	if (left.n > HELP_LEFT)
		fprintf(out, "\n\t%-*s", HELP_LEFT, "");
	help_text(out, o->help, cli->long_lines ? SIZE_MAX : HELP_TEXT);
}

void cli_help(const struct cli *cli, const char *program, FILE *out)
{
	static const struct cli_option common[] = {
		{ CLI_VERSION, "version", NULL, "show version", NULL, 0 },
		{ CLI_HELP, "help", NULL, "show this help", NULL, 0 },
	};

	fputs("Usage:\n", out);
	for (const char *const *u = cli->usage; *u; u++)
		fprintf(out, "\t%s%s%s\n", program, **u ? " " : "", *u);
	if (cli->summary)
		fprintf(out, "\n%s\n", cli->summary);
	fputs("\nOptions:\n", out);
	for (const struct cli_option *o = cli->options; o->id; o++)
		if (!(o->flags & CLI_HIDDEN) && !o->instead)
			help_row(cli, out, o);
	for (size_t i = 0; i < ELEMENTSOF(common); i++)
		help_row(cli, out, &common[i]);
	if (cli->epilog)
		fprintf(out, "\n%s\n", cli->epilog);
}
