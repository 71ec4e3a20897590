// SPDX-License-Identifier: MIT
/*
 * mokutil: a drop-in for Debian's mokutil 0.6, by argv[0]. Options, output and exit statuses as measured there;
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

static int show_usage(struct mokutil *m)
{
	return mokutil_usage(m);
}

static int show_version(struct mokutil *m)
{
	fputs("0.6.0\n", m->env->out);
	return EXIT_USAGE;
}

static const struct verb verbs[] = {
	{ "help", 'h', NULL, "Show help", show_usage, 0, 0 },
	{ "list-enrolled", 'l', NULL, "List the enrolled keys", mokutil_list_enrolled, WITH_LIST, 0 },
	{ "list-new", 'N', NULL, "List the keys to be enrolled", mokutil_list_pending, WITH_LIST, MOK_ENROLL },
	{ "list-delete", 'D', NULL, "List the keys to be deleted", mokutil_list_pending, WITH_LIST, MOK_DELETE },
	{ "import", 'i', "<der file...>", "Import keys", mokutil_request_keys, WITH_LIST | WITH_PASSWORD | WITH_KEYS,
	  MOK_ENROLL },
	{ "delete", 'd', "<der file...>", "Delete specific keys", mokutil_request_keys, WITH_LIST | WITH_PASSWORD,
	  MOK_DELETE },
	{ "revoke-import", 0, NULL, "Revoke the import request", mokutil_revoke_request, WITH_LIST, MOK_ENROLL },
	{ "revoke-delete", 0, NULL, "Revoke the delete request", mokutil_revoke_request, WITH_LIST, MOK_DELETE },
	{ "export", 'x', NULL, "Export keys to files", mokutil_export_keys, WITH_LIST, 0 },
	{ "password", 'p', NULL, "Set MOK password", mokutil_set_password, WITH_PASSWORD, 1 },
	{ "clear-password", 'c', NULL, "Clear MOK password", mokutil_set_password, 0, 0 },
	{ "disable-validation", 0, NULL, "Disable signature validation", mokutil_toggle, 0, 2 * MOK_VALIDATION },
	{ "enable-validation", 0, NULL, "Enable signature validation", mokutil_toggle, 0, 2 * MOK_VALIDATION + 1 },
	{ "sb-state", 0, NULL, "Show SecureBoot State", mokutil_sb_state, 0, 0 },
	{ "test-key", 't', "<der file>", "Test if the key is enrolled or not", mokutil_test_key, WITH_LIST | WITH_KEYS,
	  0 },
	{ "reset", 0, NULL, "Reset MOK list", mokutil_reset, WITH_LIST | WITH_PASSWORD, 0 },
	{ "generate-hash", 'g', "password", "Generate the password hash", mokutil_generate_hash, OPTIONAL_ARGUMENT, 0 },
	{ "ignore-db", 0, NULL, "Ignore DB for validation", mokutil_toggle, 0, 2 * MOK_USE_DB },
	{ "use-db", 0, NULL, "Use DB for validation", mokutil_toggle, 0, 2 * MOK_USE_DB + 1 },
	{ "import-hash", 0, "<hash>", "Import a hash into MOK or MOKX", mokutil_request_hash, WITH_LIST | WITH_PASSWORD,
	  MOK_ENROLL },
	{ "delete-hash", 0, "<hash>", "Delete a hash in MOK or MOKX", mokutil_request_hash, WITH_LIST | WITH_PASSWORD,
	  MOK_DELETE },
	{ "set-verbosity", 0, "<true/false>", "Set the verbosity bit for shim", mokutil_set_flag, 0, 0 },
	{ "set-fallback-verbosity", 0, "<true/false>", "Set the verbosity bit for fallback", mokutil_set_flag, 0, 1 },
	{ "set-fallback-noreboot", 0, "<true/false>", "Prevent fallback from automatically rebooting", mokutil_set_flag,
	  0, 2 },
	{ "trust-mok", 0, NULL, "Trust MOK keys within the kernel keyring", mokutil_toggle, 0, 2 * MOK_TRUST + 1 },
	{ "untrust-mok", 0, NULL, "Do not trust MOK keys", mokutil_toggle, 0, 2 * MOK_TRUST },
	{ "set-sbat-policy", 0, "<latest/previous/delete>", "Apply Latest, Previous, or Blank SBAT revocations",
	  mokutil_set_sbat_policy, 0, 0 },
	{ "pk", 0, NULL, "List the keys in PK", mokutil_list_firmware, 0, 0 },
	{ "kek", 0, NULL, "List the keys in KEK", mokutil_list_firmware, 0, 1 },
	{ "db", 0, NULL, "List the keys in db", mokutil_list_firmware, 0, 2 },
	{ "dbx", 0, NULL, "List the keys in dbx", mokutil_list_firmware, 0, 3 },
	{ "timeout", 0, "<-1,0..0x7fff>", "Set the timeout for MOK prompt", mokutil_set_timeout, 0, 0 },
	{ "list-sbat-revocations", 0, NULL, "List the entries in SBAT", mokutil_list_sbat, 0, 0 },
	{ "sbat", 0, NULL, NULL, mokutil_list_sbat, 0, 0 },
	{ "version", 'v', NULL, NULL, show_version, 0, 0 },
};

/*
 * Options of other versions, whose names must not be taken for abbreviations of ours: what begins like one of these
 * and one of ours is ambiguous, and these themselves are unknown.
 */
static const char *const foreign[] = { "all", "is-sb-enabled", "set-ssp-policy", "short", "simple-hash" };

enum extra { EXTRA_HASH_FILE, EXTRA_ROOT_PW, EXTRA_MOK, EXTRA_MOKX, EXTRA_CA_CHECK, EXTRA_IGNORE_KEYRING, EXTRAS };

static const struct {
	const char *name;
	int letter;
	const char *metavar, *help;
} extras[EXTRAS] = {
	[EXTRA_HASH_FILE] = { "hash-file", 'f', "<hash file>", "Use the specific password hash" },
	[EXTRA_ROOT_PW] = { "root-pw", 'P', NULL, "Use the root password" },
	[EXTRA_MOK] = { "mok", 'm', NULL, NULL }, /* the default; --mokx overrides it wherever it stands */
	[EXTRA_MOKX] = { "mokx", 'X', NULL, "Manipulate the MOK blacklist" },
	[EXTRA_CA_CHECK] = { "ca-check", 0, NULL, "Check if CA of the key is enrolled/blocked" },
	[EXTRA_IGNORE_KEYRING] = { "ignore-keyring", 0, NULL, "Don't check if the key is the kernel keyring" },
};

static void usage_row(FILE *out, const char *name, const char *metavar, bool optional, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left),
		 optional ? "--%s[=%s]" :
		 metavar  ? "--%s %s" :
			    "--%s",
		 name, metavar ? metavar : "");
	say(out, "  %s", left);
	fputs(strlen(left) < 14 ? "\t\t\t\t" : strlen(left) < 22 ? "\t\t\t" : "\t\t", out);
	say(out, "%s\n", help);
}

int mokutil_usage(struct mokutil *m)
{
	FILE *out = m->env->out;

	fputs("Usage:\n  mokutil OPTIONS [ARGS...]\n\nOptions:\n", out);
	for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
		if (verbs[i].help)
			usage_row(out, verbs[i].name, verbs[i].metavar, verbs[i].flags & OPTIONAL_ARGUMENT,
				  verbs[i].help);
	fputs("\nSupplementary Options:\n", out);
	for (size_t i = 0; i < EXTRAS; i++)
		if (extras[i].help)
			usage_row(out, extras[i].name, extras[i].metavar, false, extras[i].help);
	return EXIT_USAGE;
}

#define LONG_VERB 1000
#define LONG_EXTRA 2000
#define LONG_FOREIGN 3000

static void add_letter(char *shorts, int letter, const char *metavar, bool optional)
{
	size_t n = strlen(shorts);

	if (letter)
		snprintf(shorts + n, 4, "%c%s", letter, optional ? "::" : metavar ? ":" : "");
}

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
	for (size_t i = 0; i < ELEMENTSOF(foreign); i++)
		longs[n++] = (struct option){ foreign[i], optional_argument, NULL, LONG_FOREIGN };
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

static void set_extra(struct mokutil *m, enum extra e, const char *arg, unsigned *seen)
{
	*seen |= 1u << e;
	if (e == EXTRA_HASH_FILE)
		m->secret.hash_file = arg;
	else if (e == EXTRA_ROOT_PW)
		m->secret.root_password = true;
	else if (e == EXTRA_MOKX)
		m->list = MOK_BLOCKED;
	else if (e == EXTRA_CA_CHECK)
		m->ca_check = true;
	else if (e == EXTRA_IGNORE_KEYRING)
		m->ignore_keyring = true;
}

/* One verb, and only what belongs to it. */
static bool is_sane(const struct mokutil *m, unsigned verbs_given, unsigned seen)
{
	if (verbs_given != 1 || (m->secret.hash_file && m->secret.root_password))
		return false;
	return !(seen & 1u << EXTRA_MOKX) || m->verb->flags & WITH_LIST;
}

static int parse(struct mokutil *m, int argc, char **argv)
{
	struct option longs[ELEMENTSOF(verbs) + EXTRAS + ELEMENTSOF(foreign) + 1];
	char shorts[2 * (ELEMENTSOF(verbs) + EXTRAS) + 8];
	unsigned given = 0, seen = 0;
	int c;

	option_tables(shorts, longs);
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		c = long_of(c);
		if (c >= LONG_FOREIGN) {
			say(m->env->err, "mokutil: unrecognized option '%s'\n", argv[optind - 1]);
			return -EINVAL;
		}
		if (c >= LONG_EXTRA) {
			set_extra(m, (enum extra)(c - LONG_EXTRA), optarg, &seen);
		} else if (c >= LONG_VERB) {
			given++;
			m->verb = &verbs[c - LONG_VERB];
			m->argument = optarg;
		} else {
			cli_complain(argc, argv, shorts, longs);
			return -EINVAL;
		}
	}
	/* --mokx alone lists the blocked keys. */
	if (given == 0 && (seen & ~(1u << EXTRA_MOK)) == 1u << EXTRA_MOKX) {
		m->verb = &verbs[1];
		given = 1;
	}
	return is_sane(m, given, seen) ? 0 : -EINVAL;
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

int cmd_mokutil(struct env *env, int argc, char **argv)
{
	struct mokutil m = {
		.env = env,
		.list = MOK_KEYS,
		.secret = { .choose = prompt_choose, .answer = prompt_answer, .data = env },
	};
	int r;

	secret_protect();
	if (efi_presence(&env->sys.root) != EFI_PRESENT) {
		fputs("EFI variables are not supported on this system\n", env->err);
		return 1;
	}
	if (parse(&m, argc, argv) < 0)
		return mokutil_usage(&m);
	if (collect_files(&m, argc, argv) < 0)
		return EXIT_USAGE;
	r = m.verb->run(&m);
	free(m.files);
	return r;
}
