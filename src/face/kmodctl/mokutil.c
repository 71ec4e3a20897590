// SPDX-License-Identifier: MIT
/*
 * mokutil: a drop-in for mokutil 0.7.2, by argv[0]. Options, output and exit statuses as measured there;
 * docs/compat.md lists what is different on purpose. This file: the command line.
 */
#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "face/common/cli.h"
#include "act/sign/secret.h"
#include "face/common/prompt.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/mokutil.h"
#include "read/efi/vars.h"

#define VERSION "0.7.2"

static const char *const true_false[] = { "true", "false", NULL };
static const char *const policies[] = {
	[MOKUTIL_LATEST] = "latest",     [MOKUTIL_AUTOMATIC] = "automatic", [MOKUTIL_DELETE] = "delete",
	[MOKUTIL_PREVIOUS] = "previous", [MOKUTIL_PREVIOUS + 1] = NULL,
};

static const struct verb verbs[] = {
	{ "list-enrolled", 'l', NULL, "List the enrolled keys", mokutil_list, WITH_LIST, MOKUTIL_ENROLLED, NULL },
	{ "list-new", 'N', NULL, "List the keys to be enrolled", mokutil_list_pending, WITH_LIST, MOK_ENROLL, NULL },
	{ "list-delete", 'D', NULL, "List the keys to be deleted", mokutil_list_pending, WITH_LIST, MOK_DELETE, NULL },
	{ "import", 'i', "<der file...>", "Import keys", mokutil_request_keys, WITH_LIST | ONCE, MOK_ENROLL, NULL },
	{ "delete", 'd', "<der file...>", "Delete specific keys", mokutil_request_keys, WITH_LIST | ONCE, MOK_DELETE,
	  NULL },
	{ "revoke-import", 0, NULL, "Revoke the import request", mokutil_revoke_request, WITH_LIST, MOK_ENROLL, NULL },
	{ "revoke-delete", 0, NULL, "Revoke the delete request", mokutil_revoke_request, WITH_LIST, MOK_DELETE, NULL },
	{ "export", 'x', NULL, "Export keys to files", mokutil_export_keys, WITH_LIST, 0, NULL },
	{ "password", 'p', NULL, "Set MOK password", mokutil_set_password, 0, 1, NULL },
	{ "clear-password", 'c', NULL, "Clear MOK password", mokutil_set_password, 0, 0, NULL },
	{ "disable-validation", 0, NULL, "Disable signature validation", mokutil_toggle, 0, 2 * MOK_VALIDATION, NULL },
	{ "enable-validation", 0, NULL, "Enable signature validation", mokutil_toggle, 0, 2 * MOK_VALIDATION + 1,
	  NULL },
	{ "sb-state", 0, NULL, "Show SecureBoot State", mokutil_sb_state, 0, 0, NULL },
	{ "test-key", 't', "<der file>", "Test if the key is enrolled or not", mokutil_test_key, WITH_LIST | ONCE, 0,
	  NULL },
	{ "reset", 0, NULL, "Reset MOK list", mokutil_reset, WITH_LIST, 0, NULL },
	{ "generate-hash", 'g', "password", "Generate the password hash", mokutil_generate_hash,
	  OPTIONAL_ARGUMENT | ONCE, 0, NULL },
	{ "ignore-db", 0, NULL, "Ignore DB for validation", mokutil_toggle, 0, 2 * MOK_USE_DB, NULL },
	{ "use-db", 0, NULL, "Use DB for validation", mokutil_toggle, 0, 2 * MOK_USE_DB + 1, NULL },
	{ "import-hash", 0, "<hash>", "Import a hash into MOK or MOKX", mokutil_request_hash, WITH_LIST | ONCE,
	  MOK_ENROLL, NULL },
	{ "delete-hash", 0, "<hash>", "Delete a hash in MOK or MOKX", mokutil_request_hash, WITH_LIST | ONCE,
	  MOK_DELETE, NULL },
	{ "set-verbosity", 0, "<true/false>", "Set the verbosity bit for shim", mokutil_set_flag, 0, 0, true_false },
	{ "set-fallback-verbosity", 0, "<true/false>", "Set the verbosity bit for fallback", mokutil_set_flag, 0, 1,
	  true_false },
	{ "set-fallback-noreboot", 0, "<true/false>", "Prevent fallback from automatically rebooting", mokutil_set_flag,
	  0, 2, true_false },
	{ "trust-mok", 0, NULL, "Trust MOK keys within the kernel keyring", mokutil_toggle, 0, 2 * MOK_TRUST + 1,
	  NULL },
	{ "untrust-mok", 0, NULL, "Do not trust MOK keys", mokutil_toggle, 0, 2 * MOK_TRUST, NULL },
	{ "set-sbat-policy", 0, "<latest/automatic>", "Apply Latest or Automatic SBAT revocations", mokutil_set_policy,
	  0, 0, policies },
	{ "set-ssp-policy", 0, "<latest/automatic/delete>", "Apply Latest, Automatic, or delete SkuSiPolicy",
	  mokutil_set_policy, 0, 1, policies },
	{ "pk", 0, NULL, "List the keys in PK", mokutil_list, 0, MOKUTIL_PK, NULL },
	{ "kek", 0, NULL, "List the keys in KEK", mokutil_list, 0, MOKUTIL_KEK, NULL },
	{ "db", 0, NULL, "List the keys in db", mokutil_list, 0, MOKUTIL_DB, NULL },
	{ "dbx", 0, NULL, "List the keys in dbx", mokutil_list, 0, MOKUTIL_DBX, NULL },
	{ "timeout", 0, "<-1,0..0x7fff>", "Set the timeout for MOK prompt", mokutil_set_timeout, 0, 0, NULL },
	{ "list-sbat-revocations", 0, NULL, "List the entries in SBAT", mokutil_list_sbat, 0, 0, NULL },
	{ "sbat", 0, NULL, NULL, mokutil_list_sbat, 0, 0, NULL },
};

enum extra {
	EXTRA_HELP,
	EXTRA_VERSION,
	EXTRA_HASH_FILE,
	EXTRA_ROOT_PW,
	EXTRA_MOK,
	EXTRA_MOKX,
	EXTRA_CA_CHECK,
	EXTRA_IGNORE_KEYRING,
	EXTRA_SHORT,
	EXTRA_ALL,
	EXTRAS,
};

static const struct {
	const char *name;
	int letter;
	const char *metavar, *help;
} extras[EXTRAS] = {
	[EXTRA_HELP] = { "help", 'h', NULL, "Show help" },
	[EXTRA_VERSION] = { "version", 'v', NULL, NULL },
	[EXTRA_HASH_FILE] = { "hash-file", 'f', "<hash file>", "Use the specific password hash" },
	[EXTRA_ROOT_PW] = { "root-pw", 'P', NULL, "Use the root password" },
	/* the default; --mokx overrides it wherever it stands */
	[EXTRA_MOK] = { "mok", 'm', NULL, "Manipulate the MOK list" },
	[EXTRA_MOKX] = { "mokx", 'X', NULL, "Manipulate the MOK blacklist" },
	[EXTRA_CA_CHECK] = { "ca-check", 0, NULL, "Check if CA of the key is enrolled/blocked" },
	[EXTRA_IGNORE_KEYRING] = { "ignore-keyring", 0, NULL, "Don't check if the key is the kernel keyring" },
	[EXTRA_SHORT] = { "short", 0, NULL, "When listing keys print them in a concise form" },
	[EXTRA_ALL] = { "all", 'a', NULL, "When listing keys print all databases" },
};

#define HELP_COLUMN 40 /* a multiple of a tab's 8 */

static void usage_row(FILE *out, const char *name, int letter, const char *metavar, bool optional, const char *help)
{
	_cleanup_buf_ struct buf row = BUF_INIT;

	buf_addf(&row, optional ? "  --%s[=%s]" : "  --%s", name, metavar);
	if (letter)
		buf_addf(&row, ", -%c", letter);
	if (metavar && !optional)
		buf_addf(&row, " %s", metavar);
	say(out, "%s", buf_str(&row));
	if (row.n >= HELP_COLUMN)
		fputc('\n', out);
	for (size_t at = row.n < HELP_COLUMN ? row.n : 0; at < HELP_COLUMN; at += 8)
		fputc('\t', out);
	say(out, "%s\n", help);
}

static void extras_rows(FILE *out, enum extra from, enum extra to)
{
	for (enum extra e = from; e < to; e++)
		if (extras[e].help)
			usage_row(out, extras[e].name, extras[e].letter, extras[e].metavar, false, extras[e].help);
}

/* The end of a wrong command line, too, with status 0: so does mokutil 0.7. */
static int usage(FILE *out)
{
	fputs("Usage:\n  mokutil OPTIONS [ARGS...]\n\nOptions:\n", out);
	extras_rows(out, EXTRA_HELP, EXTRA_HASH_FILE);
	for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
		if (verbs[i].help)
			usage_row(out, verbs[i].name, verbs[i].letter, verbs[i].metavar,
				  verbs[i].flags & OPTIONAL_ARGUMENT, verbs[i].help);
	fputs("\nSupplementary Options:\n", out);
	extras_rows(out, EXTRA_HASH_FILE, EXTRAS);
	return 0;
}

#define LONG_VERB 1000
#define LONG_EXTRA 2000

static void add_letter(char *shorts, int letter, const char *metavar, bool optional)
{
	size_t n = strlen(shorts);

	if (letter)
		snprintf(shorts + n, 4, "%c%s", letter, optional ? "::" : metavar ? ":" : "");
}

/* Each has a value of its own: getopt(3) takes a beginning that fits options of one value for the first of them. */
static void option_tables(char *shorts, struct option *longs)
{
	size_t n = 0;

	shorts[0] = '\0';
	for (size_t i = 0; i < ELEMENTSOF(verbs); i++) {
		bool optional = verbs[i].flags & OPTIONAL_ARGUMENT;

		longs[n++] = (struct option){ verbs[i].name, optional ? optional_argument : verbs[i].metavar != NULL,
					      NULL, LONG_VERB + (int)i };
		add_letter(shorts, verbs[i].letter, verbs[i].metavar, optional);
	}
	for (size_t i = 0; i < EXTRAS; i++) {
		longs[n++] = (struct option){ extras[i].name, extras[i].metavar != NULL, NULL, LONG_EXTRA + (int)i };
		add_letter(shorts, extras[i].letter, extras[i].metavar, false);
	}
	longs[n] = (struct option){ 0 };
}

/* The number that identifies the long form. */
static int long_of(int c)
{
	for (size_t i = 0; c < LONG_VERB && i < ELEMENTSOF(verbs); i++)
		if (verbs[i].letter == c)
			return LONG_VERB + (int)i;
	for (size_t i = 0; c < LONG_VERB && i < EXTRAS; i++)
		if (extras[i].letter == c)
			return LONG_EXTRA + (int)i;
	return c;
}

/* What the options say together. */
struct given {
	bool help, version;
	bool several;   /* verbs */
	unsigned lists; /* other than MokList */
	unsigned extras;
};

static int set_extra(struct mokutil *m, enum extra e, const char *arg, struct given *given)
{
	bool again = given->extras & 1u << e;

	given->extras |= 1u << e;
	given->help |= e == EXTRA_HELP;
	given->version |= e == EXTRA_VERSION;
	given->lists += e == EXTRA_MOKX;
	if (e == EXTRA_HASH_FILE)
		m->secret.hash_file = arg;
	m->secret.root_password |= e == EXTRA_ROOT_PW;
	m->list = e == EXTRA_MOKX ? MOK_BLOCKED : m->list;
	m->ca_check |= e == EXTRA_CA_CHECK;
	m->ignore_keyring |= e == EXTRA_IGNORE_KEYRING;
	m->brief |= e == EXTRA_SHORT;
	m->all |= e == EXTRA_ALL;
	return e == EXTRA_HASH_FILE && again ? -EINVAL : 0;
}

static bool is_firmware_list(const struct verb *v)
{
	return v->run == mokutil_list && v->value != MOKUTIL_ENROLLED;
}

static int find_word(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -EINVAL;
}

/* Takes a verb, which may be there already. --list-enrolled goes along with --pk and the like, which say what. */
static int set_verb(struct mokutil *m, const struct verb *v, const char *arg, struct given *given)
{
	const struct verb *before = m->verb;

	given->lists += is_firmware_list(v);
	if (v->words && (m->word = find_word(v->words, arg)) < 0)
		return -EINVAL;
	if (before == v && v->flags & ONCE && m->argument && arg)
		return -EINVAL;
	if (before && before != v && (before->run != mokutil_list || v->run != mokutil_list))
		given->several = true;
	if (!before || v->run != mokutil_list || is_firmware_list(v))
		m->verb = v;
	m->argument = arg;
	return 0;
}

/* One verb, and only what belongs to it. */
static bool is_sane(const struct mokutil *m, const struct given *given)
{
	if (!m->verb || given->several || (m->secret.hash_file && m->secret.root_password))
		return false;
	return !(given->extras & 1u << EXTRA_MOKX) || m->verb->flags & WITH_LIST;
}

/* -EINVAL: what is wrong is clear from the options alone. */
static int parse(struct mokutil *m, int argc, char **argv, struct given *given)
{
	struct option longs[ELEMENTSOF(verbs) + EXTRAS + 1];
	char shorts[2 * (ELEMENTSOF(verbs) + EXTRAS) + 8];
	int c, r = 0;

	option_tables(shorts, longs);
	optind = 0;
	opterr = 0;
	while (r == 0 && !given->version && (c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		c = long_of(c);
		if (c >= LONG_EXTRA) {
			r = set_extra(m, (enum extra)(c - LONG_EXTRA), optarg, given);
		} else if (c >= LONG_VERB) {
			r = set_verb(m, &verbs[c - LONG_VERB], optarg, given);
		} else {
			cli_complain(argc, argv, shorts, longs);
			r = -EINVAL;
		}
	}
	/* --mokx lists the blocked keys unless there is something else to do. */
	if (!m->verb && given->extras & 1u << EXTRA_MOKX)
		m->verb = &verbs[0];
	return given->lists > 1 ? -EINVAL : r;
}

/* The verb's argument and the operands, which are further files. */
static int collect_files(struct mokutil *m, int argc, char **argv)
{
	m->files = calloc((size_t)argc + 1, sizeof(*m->files));
	if (!m->files)
		return -ENOMEM;
	if (m->argument)
		m->files[m->n_files++] = (char *)(uintptr_t)m->argument;
	for (int i = optind; i < argc; i++)
		m->files[m->n_files++] = argv[i];
	return 0;
}

static int run(struct mokutil *m, int argc, char **argv, const struct given *given)
{
	int r;

	if (efi_presence(&m->env->sys.root) != EFI_PRESENT) {
		fputs("EFI variables are not supported on this system\n", m->env->err);
		return 1;
	}
	if (!is_sane(m, given))
		return usage(m->env->out);
	if (collect_files(m, argc, argv) < 0)
		return EXIT_FAILED;
	r = m->verb->run(m);
	free(m->files);
	return r;
}

int cmd_mokutil(struct env *env, int argc, char **argv)
{
	struct mokutil m = {
		.env = env,
		.list = MOK_KEYS,
		.secret = { .choose = prompt_choose, .answer = prompt_answer, .data = env },
	};
	struct given given = { 0 };
	int r;

	secret_protect();
	r = parse(&m, argc, argv, &given);
	if (given.version) {
		fputs(VERSION "\n", env->out);
		return 0;
	}
	if (r < 0 || given.help)
		return usage(env->out);
	return run(&m, argc, argv, &given);
}
