// SPDX-License-Identifier: MIT
/* kmodctl mok: machine owner keys. Checks a request before it is made, and follows it up after the reboot. */
#include <errno.h>
#include <string.h>

#include "act/sign/cert.h"
#include "act/sign/secret.h"
#include "act/sign/verify.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/replace.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/prompt.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/common/table.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/mok_absent.h"
#include "face/kmodctl/mok_choice.h"
#include "face/kmodctl/mok_list.h"
#include "face/kmodctl/mok_status.h"
#include "face/kmodctl/mok_test.h"
#include "face/kmodctl/status.h"
#include "verb/mok/batch.h"
#include "verb/mok/journal.h"
#include "verb/mok/password.h"
#include "verb/mok/preflight.h"
#include "verb/mok/standing.h"

struct mok_options {
	struct mok_secret secret;
	bool json, blocked, yes;
};

enum { OPT_JSON = CLI_LONG, OPT_HASH_FILE, OPT_ROOT_PW };

static const struct cli_option options[] = {
	{ 'X', "blocked", NULL, "use the list of blocked keys (MokListX), not the enrolled ones", NULL, 0 },
	{ OPT_HASH_FILE, "hash-file", "FILE", "take the password's crypt(5) hash from FILE", NULL, 0 },
	{ OPT_ROOT_PW, "root-pw", NULL, "use root's password", NULL, 0 },
	{ 'y', "yes", NULL, "make the request despite warnings", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int set(struct env *env _unused_, void *values, int id, const char *arg)
{
	struct mok_options *o = values;

	if (id == 'X')
		o->blocked = true;
	else if (id == OPT_HASH_FILE)
		o->secret.hash_file = arg;
	else if (id == OPT_ROOT_PW)
		o->secret.root_password = true;
	else if (id == 'y')
		o->yes = true;
	else
		o->json = true;
	return 0;
}

struct mok_run {
	struct env *env;
	const struct mok_options *o;
	enum mok_list list;
	int argc;
	char **argv;
	struct strv files; /* that were written */
};

/* What became of a request, for --json. */
static int finish(struct mok_run *m, const char *result)
{
	struct json j;

	if (!m->o->json)
		return STATUS_YES;
	answer_open(m->env, &j);
	json_str(&j, "result", result);
	json_str(&j, "list", m->list == MOK_KEYS ? "keys" : "blocked");
	json_array(&j, "files");
	for (size_t i = 0; i < m->files.n; i++)
		json_str(&j, NULL, m->files.items[i]);
	json_end(&j);
	answer_close(m->env, &j);
	return STATUS_YES;
}

/* warned: how much was found that speaks against the request itself. */
static bool may_ask(struct mok_run *m, int warned)
{
	if (mok_warn_environment(&m->env->sys) + warned == 0 || m->o->yes)
		return true;
	report_error(m->env, "mok.not-asked", "no request was made; use --yes to make it anyway");
	return false;
}

/* ---- requests ---- */

static void tell_start(struct mok_run *m)
{
	int32_t seconds = mok_timeout_read(&m->env->sys.root);

	fputs("Reboot now. ", report_people(m->env));
	if (seconds > 0)
		say(report_people(m->env),
		    "For %d seconds a blue screen asks to press any key to perform MOK\n"
		    "management: press one. Without a key press the request is lost.\n",
		    seconds);
	else
		fputs("The blue screen of MokManager appears, and waits\nindefinitely (kmodctl mok timeout).\n",
		      report_people(m->env));
}

/* What the blue screens will ask. */
static void tell_screens(struct mok_run *m, const char *title, const char *question)
{
	tell_start(m);
	say(report_people(m->env),
	    "  1. choose \"%s\"\n"
	    "  2. choose \"Continue\", then answer \"%s\" with Yes\n"
	    "  3. type the password (the keyboard is a US one there)\n"
	    "  4. choose \"Reboot\"\n"
	    "Afterwards `kmodctl mok status` shows the outcome.\n",
	    title, question);
}

static void suggest_password(struct mok_run *m)
{
	char text[MOKPW_SUGGESTED + 1];

	if (m->o->secret.hash_file || m->o->secret.root_password || mokpw_suggest(text) < 0)
		return;
	say(report_people(m->env),
	    "Choose a password for one use; MokManager asks for it at the firmware's console.\n"
	    "Letters alike on US, German and French keyboards, for instance: %s\n",
	    text);
	explicit_bzero(text, sizeof(text));
}

/* Reports each file that cannot be read, and goes on; the result is that of the first one. */
static int load_all(struct mok_run *m, struct keyring *into)
{
	int r = 0;

	for (int i = 0; i < m->argc; i++) {
		int one = keyring_add_file(into, &m->env->sys.root, m->argv[i], &m->env->sys.diag);

		r = r < 0 ? r : one;
	}
	return r;
}

static int add_key(struct mok_run *m, struct mok_batch *b, const struct cert *cert)
{
	enum mok_done done;
	int r = mok_batch_add(b, SIGLIST_X509, cert_der(cert), &done);

	if (r == 0 && done == MOK_REVERSED)
		say(report_people(m->env), "%s: the pending request to %s it is revoked\n", cert_label(cert),
		    b->action == MOK_ENROLL ? "delete" : "enroll");
	else if (r == 0 && done == MOK_SKIPPED)
		say(report_people(m->env), "%s: already requested\n", cert_label(cert));
	return r;
}

static bool has_files(struct mok_run *m)
{
	if (m->argc == 0)
		report_error(m->env, "mok.no-file", "no certificate file given");
	return m->argc > 0;
}

static int request(struct mok_run *m, enum mok_action action)
{
	_cleanup_mok_batch_ struct mok_batch b = {
		.sys = &m->env->sys, .list = m->list, .action = action, .witness = true
	};
	_cleanup_keyring_ struct keyring keys = { 0 };
	uint8_t record[MOKPW_RECORD];
	int warned = 0, blocked = 0, r;

	if (!has_files(m))
		return STATUS_USAGE;
	if (load_all(m, &keys) < 0 || mok_choose_keys(m->env, m->list, action, &keys, &warned, &blocked) < 0)
		return 1;
	if (!may_ask(m, warned))
		return 1;
	for (size_t i = 0; i < keys.n; i++)
		if (add_key(m, &b, keys.certs[i]) < 0)
			return 1;
	if (b.n == 0) {
		r = finish(m, "unchanged");
		return blocked ? STATUS_NO : r;
	}
	suggest_password(m);
	if (mok_record(&m->env->sys, &m->o->secret, record) < 0 || mok_batch_commit(&b, record) < 0)
		return 1;
	tell_screens(m, mok_names(m->list, action)->title,
		     action == MOK_ENROLL ? "Enroll the key(s)?" : "Delete the key(s)?");
	r = finish(m, "requested");
	return blocked ? STATUS_NO : r;
}

static int verb_import(struct mok_run *m)
{
	return request(m, MOK_ENROLL);
}

static int verb_delete(struct mok_run *m)
{
	return request(m, MOK_DELETE);
}

static int verb_reset(struct mok_run *m)
{
	uint8_t record[MOKPW_RECORD];

	if (!may_ask(m, 0))
		return 1;
	suggest_password(m);
	if (mok_record(&m->env->sys, &m->o->secret, record) < 0 ||
	    mok_request(&m->env->sys.root, &m->env->sys.diag, m->list, MOK_ENROLL, span_of(NULL, 0), record) < 0)
		return 1;
	tell_screens(m, m->list == MOK_KEYS ? "Reset MOK" : "Reset MOKX", "Erase all stored keys?");
	return finish(m, "requested");
}

/* A revoked request is no longer pending. */
static void forget(struct mok_run *m, bool import, bool delete)
{
	_cleanup_journal_ struct journal j = { 0 };
	size_t n = 0;

	if (journal_read(&m->env->sys.root, &j) < 0)
		return;
	if (import)
		n += journal_forget(&j, m->list, MOK_ENROLL);
	if (delete)
		n += journal_forget(&j, m->list, MOK_DELETE);
	if (n > 0 && journal_write(&m->env->sys.root, &j) < 0)
		report_warning(m->env, "mok.journal",
			       "%s could not be written; `kmodctl mok status` still knows of this request",
			       JOURNAL_PATH);
}

static int unknown_word(struct mok_run *m, const char *code, const char *const *words, size_t n)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;

	nearest_among(m->argv[0], strlen(m->argv[0]), words, sizeof(words[0]), n, &hint);
	report_error(m->env, code, "unknown word '%s'%s", m->argv[0], buf_str(&hint));
	return STATUS_USAGE;
}

static int verb_revoke(struct mok_run *m)
{
	bool import = m->argc == 0 || strcmp(m->argv[0], "import") == 0;
	bool delete = m->argc == 0 || strcmp(m->argv[0], "delete") == 0;
	int a = 0, b = 0;

	static const char *const words[] = { "import", "delete" };

	if (!import && !delete)
		return unknown_word(m, "mok.revoke-what", words, ELEMENTSOF(words));
	if (import)
		a = mok_revoke(&m->env->sys.root, &m->env->sys.diag, m->list, MOK_ENROLL);
	if (delete)
		b = mok_revoke(&m->env->sys.root, &m->env->sys.diag, m->list, MOK_DELETE);
	if (a < 0 || b < 0)
		return 1;
	forget(m, import, delete);
	if (!m->o->json)
		fputs(a || b ? "revoked\n" : "nothing was pending\n", m->env->out);
	return finish(m, a || b ? "revoked" : "unchanged");
}

static int ask_switch(struct mok_run *m, enum mok_switch which, bool on, const char *title)
{
	char password[MOKPW_SWITCH_MAX + 2];
	int r;

	if (!may_ask(m, 0))
		return 1;
	suggest_password(m);
	say(report_people(m->env), "password length: %d~%d\n", MOKPW_SWITCH_MIN, MOKPW_SWITCH_MAX);
	r = prompt_password(m->env, MOKPW_SWITCH_MIN, MOKPW_SWITCH_MAX, password);
	if (r == 0)
		r = mok_switch(&m->env->sys.root, &m->env->sys.diag, which, on, password);
	explicit_bzero(password, sizeof(password));
	if (r < 0)
		return 1;
	tell_start(m);
	say(report_people(m->env),
	    "Choose \"%s\"; it asks for three single characters of the password, by their numbers;\n"
	    "then confirm with Yes and choose Reboot.\n",
	    title);
	return finish(m, "requested");
}

static int verb_trust(struct mok_run *m)
{
	return ask_switch(m, MOK_TRUST, true, "Change MOK List Trusted State");
}

static int verb_untrust(struct mok_run *m)
{
	return ask_switch(m, MOK_TRUST, false, "Change MOK List Trusted State");
}

static int verb_validation(struct mok_run *m)
{
	bool on = m->argc == 1 && strcmp(m->argv[0], "on") == 0;

	static const char *const words[] = { "on", "off" };

	if (m->argc != 1) {
		report_error(m->env, "mok.validation-what", "validation takes \"on\" or \"off\"");
		return STATUS_USAGE;
	}
	if (!on && strcmp(m->argv[0], "off") != 0)
		return unknown_word(m, "mok.validation-what", words, ELEMENTSOF(words));
	return ask_switch(m, MOK_VALIDATION, on, "Change Secure Boot state");
}

static int verb_timeout(struct mok_run *m)
{
	int64_t seconds;

	if (m->argc != 1 || parse_i64(m->argv[0], 10, &seconds) < 0 || seconds < -1 || seconds == 0 ||
	    seconds > 0x7fff) {
		report_error(m->env, "mok.timeout-what",
			     "timeout takes seconds from 1 to 32767, or -1: MokManager shows its menu at "
			     "once, and with a request waiting the machine does not boot until someone answers");
		return STATUS_USAGE;
	}
	if (mok_timeout(&m->env->sys.root, &m->env->sys.diag, (int32_t)seconds) < 0)
		return STATUS_NO;
	return finish(m, "done");
}

/* ---- looking ---- */

static int verb_test(struct mok_run *m)
{
	_cleanup_keyring_ struct keyring keys = { 0 };
	int r, status;

	if (!has_files(m))
		return STATUS_USAGE;
	r = load_all(m, &keys);
	status = mok_test_show(m->env, m->list, &keys, m->o->json);
	return r < 0 && status == STATUS_YES ? STATUS_UNKNOWN : status;
}

static int verb_export(struct mok_run *m)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;
	char path[4096];
	unsigned n = 0;
	int r;

	if (mok_enrolled(&m->env->sys.root, m->list, &lists) < 0)
		return 1;
	siglist_iter_init(&it, buf_span(&lists));
	while (siglist_next(&it, &e) > 0) {
		if (e.type != SIGLIST_X509)
			continue;
		snprintf(path, sizeof(path), "%s/%s-%04u.der", m->argc ? m->argv[0] : ".",
			 m->list == MOK_KEYS ? "MOK" : "MOKX", ++n);
		r = file_generate(&m->env->sys.root, path, PLACE_NAMED, e.data, 0644);
		if (r < 0) {
			report_error(m->env, "mok.export", "%s: %s", path, strerror(-r));
			return 1;
		}
		if (!m->o->json)
			say(m->env->out, "%s\n", path);
		else if (strv_add(&m->files, path) < 0)
			return STATUS_NO;
	}
	return finish(m, "done");
}

static int verb_list(struct mok_run *m)
{
	int r = mok_list_show(m->env, m->list, m->argc, m->argv, m->o->json);

	return r == -EINVAL ? STATUS_USAGE : r < 0 ? STATUS_UNKNOWN : STATUS_YES;
}

static int verb_status(struct mok_run *m)
{
	return mok_status_show(m->env, m->o->json) < 0 ? STATUS_UNKNOWN : STATUS_YES;
}

/* ---- the command ---- */

static const struct {
	const char *name;
	int (*run)(struct mok_run *m);
	int unknown;       /* exit status where the firmware's variables cannot be seen: requests are not made */
	const char *other; /* how what others call it begins; MokManager "enrolls" */
	bool takes;        /* operands */
} verbs[] = {
	{ "status", verb_status, STATUS_UNKNOWN, NULL, 0 }, { "import", verb_import, STATUS_NO, "enrol", 1 },
	{ "delete", verb_delete, STATUS_NO, "remove", 1 },  { "list", verb_list, STATUS_UNKNOWN, NULL, 1 },
	{ "test", verb_test, STATUS_UNKNOWN, NULL, 1 },     { "reset", verb_reset, STATUS_NO, NULL, 0 },
	{ "revoke", verb_revoke, STATUS_NO, NULL, 1 },      { "trust", verb_trust, STATUS_NO, NULL, 0 },
	{ "untrust", verb_untrust, STATUS_NO, NULL, 0 },    { "validation", verb_validation, STATUS_NO, NULL, 1 },
	{ "timeout", verb_timeout, STATUS_NO, NULL, 1 },    { "export", verb_export, STATUS_NO, NULL, 1 },
};

static int unknown_verb(struct env *env, int argc, char **argv)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;
	const char *other = NULL;

	for (size_t i = 0; i < ELEMENTSOF(verbs) && argc > 0; i++)
		if (verbs[i].other && strncmp(argv[0], verbs[i].other, strlen(verbs[i].other)) == 0)
			other = verbs[i].name;
	if (argc == 0)
		report_error(env, "mok.verb",
			     "mok needs one of: status, import, delete, list, test, reset, revoke, trust, "
			     "untrust, validation, timeout, export");
	else if (other)
		report_error(env, "mok.verb", "there is no verb '%s': kmodctl mok %s", argv[0], other);
	else if (nearest_among(argv[0], strlen(argv[0]), NEAREST_NAMES(verbs, ELEMENTSOF(verbs), name), &hint) >= 0)
		report_error(env, "mok.verb", "unknown verb '%s'%s", argv[0], buf_str(&hint));
	return STATUS_USAGE;
}

/* Without UEFI there are no keys: a "no", whatever was asked. */
static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct mok_options *o = values;
	struct mok_run m = { env, o, o->blocked ? MOK_BLOCKED : MOK_KEYS, argc - 1, argv + 1, { 0 } };
	enum efi_presence presence = efi_presence(&env->sys.root);

	for (size_t i = 0; argc > 0 && i < ELEMENTSOF(verbs); i++) {
		if (strcmp(argv[0], verbs[i].name) != 0)
			continue;
		if (!verbs[i].takes && argc > 1)
			return command_takes_none(env, "mok.operand", argv[0], argv[1]);
		if (mok_absent(env, presence, verbs[i].run == verb_status, o->json))
			return presence == EFI_NO_FIRMWARE ? STATUS_NO : verbs[i].unknown;
		int status = verbs[i].run(&m);
		strv_done(&m.files);
		return status;
	}
	return unknown_verb(env, argc, argv);
}

/* "timeout -1": getopt would take the number for an option. */
static bool is_timeout_in_seconds(int argc, char **argv)
{
	int64_t seconds;

	return argc == 3 && strcmp(argv[1], "timeout") == 0 && parse_i64(argv[2], 10, &seconds) == 0;
}

int cmd_mok(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = {
		"status",
		"import FILE...",
		"delete FILE...",
		"list [enrolled|new|delete|blocked]",
		"test FILE...",
		"reset",
		"revoke [import|delete]",
		"trust | untrust",
		"validation on|off",
		"timeout SECONDS",
		"export [DIRECTORY]",
		NULL,
	};
	static const struct cli cli = {
		.usage = usage,
		.summary = "Enroll and delete machine owner keys, which shim keeps and the kernel trusts\n"
			   "under Secure Boot. Requests take effect after a reboot, when they are confirmed\n"
			   "in MokManager.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("done; with test: each key is there",
				      "not done; a key is blocked; with test: one is missing; no UEFI, no keys",
				      STATUS_ROW(3, "the keys or the firmware's variables could not be read")),
	};
	struct mok_options o = { .secret = { .choose = prompt_choose, .answer = prompt_answer, .data = env } };

	secret_protect();
	return is_timeout_in_seconds(argc, argv) ? run(env, &o, argc - 1, argv + 1) :
						   cli_main(env, &cli, argc, argv, &o);
}
