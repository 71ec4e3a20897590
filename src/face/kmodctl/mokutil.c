// SPDX-License-Identifier: MIT
/*
 * mokutil: a drop-in for Debian's mokutil 0.6, by argv[0]. Options, output and exit statuses as measured there;
 * docs/compat.md lists what is different on purpose.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hex.h"
#include "base/oom.h"
#include "face/kmodctl/commands.h"
#include "verb/mok/batch.h"
#include "verb/mok/password.h"
#include "face/common/prompt.h"
#include "face/common/report.h"

#define EXIT_USAGE 255 /* what mokutil's main() returns for -1 */

struct mokutil {
	struct env *env;
	const struct verb *verb;
	const char *argument;    /* of the verb */
	char **files;            /* operands, the verb's argument first */
	int n_files;
	struct mok_secret secret;
	enum mok_list list;
	bool ca_check, ignore_keyring;
};

struct verb {
	const char *name;
	int letter;              /* 0: none */
	const char *metavar;     /* "<der file...>" */
	const char *help;
	int (*run)(struct mokutil *m);
	enum { WITH_PASSWORD = 1, WITH_LIST = 2, WITH_KEYS = 4, OPTIONAL_ARGUMENT = 8 } flags;
	int value;               /* for run */
};

/* ---- listing ---- */

static int print_certificate(FILE *out, const struct siglist_entry *e)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	struct cert_facts facts;

	if (cert_parse(e->data, "", NULL, &cert) < 0) {
		fprintf(out, "  [X509: certificate that cannot be read, %zu bytes]\n", e->data.n);
		return 0;
	}
	cert_facts(cert, 0, &facts);
	fputs("SHA1 Fingerprint: ", out);
	for (size_t i = 0; i < sizeof(facts.sha1); i++)
		fprintf(out, "%s%02x", i ? ":" : "", facts.sha1[i]);
	fputc('\n', out);
	return cert_print(cert, out);
}

static void print_hex_line(FILE *out, struct span bytes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	hex_plain(bytes, &text);
	fprintf(out, "  %s\n", buf_str(&text));
}

/* The title of a list that does not hold certificates, e.g. "[SHA-256]". */
static void print_title(FILE *out, const struct siglist_entry *e)
{
	char guid[EFI_GUID_TEXT];
	const char *name = siglist_type_name(e->type);

	efi_guid_text(&e->type_guid, guid);
	if (e->type == SIGLIST_UNKNOWN)
		fprintf(out, "  [unknown type %s]\n", guid);
	else if (siglist_hash_len(e->type) > 0)
		fprintf(out, "  [SHA%s%s]\n", siglist_hash_len(e->type) == 20 ? "" : "-",
			siglist_hash_len(e->type) == 20 ? "1" : name + 3);
	else
		fprintf(out, "  [%s]\n", name);
}

static int print_lists(struct mokutil *m, struct span lists)
{
	FILE *out = m->env->out;
	struct siglist_iter it;
	struct siglist_entry e;
	size_t shown = 0, last = SIZE_MAX;

	if (siglist_count(lists) < 0) {
		fputs("Corrupted signature list\n", m->env->err);
		return 0;
	}
	siglist_iter_init(&it, lists);
	while (siglist_next(&it, &e) > 0) {
		if (e.list != last) {
			fprintf(out, "%s[key %zu]\n", shown ? "\n" : "", shown + 1);
			shown++;
			if (e.type != SIGLIST_X509)
				print_title(out, &e);
		}
		last = e.list;
		if (e.type == SIGLIST_X509)
			print_certificate(out, &e);
		else
			print_hex_line(out, e.data);
	}
	return 0;
}

static int list_enrolled(struct mokutil *m)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;

	if (mok_enrolled(&m->env->sys.root, m->list, &lists) < 0)
		return 0;
	return print_lists(m, buf_span(&lists));
}

static int list_pending(struct mokutil *m)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };
	const struct efi_guid shim = EFI_GUID_SHIM;
	const char *name = mok_names(m->list, (enum mok_action)m->verb->value)->list;

	if (efi_var_read(&m->env->sys.root, name, &shim, &v) < 0)
		return 0;
	return print_lists(m, buf_span(&v.data));
}

static int list_firmware(struct mokutil *m)
{
	static const struct {
		const char *name;
		struct efi_guid guid;
	} rows[] = {
		{ "PK", EFI_GUID_GLOBAL }, { "KEK", EFI_GUID_GLOBAL },
		{ "db", EFI_GUID_SECURITY }, { "dbx", EFI_GUID_SECURITY },
	};
	_cleanup_efi_var_ struct efi_var v = { 0 };

	if (efi_var_read(&m->env->sys.root, rows[m->verb->value].name, &rows[m->verb->value].guid, &v) < 0)
		return 0;
	return print_lists(m, buf_span(&v.data));
}

static int list_sbat(struct mokutil *m)
{
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_efi_var_ struct efi_var v = { 0 };

	if (efi_var_read(&m->env->sys.root, "SbatLevelRT", &shim, &v) < 0) {
		fputs("SbatLevelRT is empty\n", m->env->out);
		return 0;
	}
	fwrite(v.data.p, 1, v.data.n, m->env->out);
	return 0;
}

static int export_one(struct mokutil *m, struct span der, unsigned number)
{
	_cleanup_close_ int fd = -1;
	char name[32];

	snprintf(name, sizeof(name), "%s-%04u.der", m->list == MOK_KEYS ? "MOK" : "MOKX", number);
	fd = root_create(&m->env->sys.root, name, O_WRONLY | O_TRUNC | O_NOFOLLOW, 0644);
	if (fd >= 0 && fd_write_all(fd, der.p, der.n) == 0)
		return 0;
	fprintf(m->env->err, "Failed to open %s\n", name);
	return EXIT_USAGE;
}

static int export_keys(struct mokutil *m)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;
	unsigned number = 0;
	int r = mok_enrolled(&m->env->sys.root, m->list, &lists);

	if (r == 0 && lists.n == 0) {
		fprintf(m->env->out, "%s is empty\n", mok_enrolled_name(m->list));
		return 0;
	}
	siglist_iter_init(&it, buf_span(&lists));
	while (siglist_next(&it, &e) > 0)
		if (e.type == SIGLIST_X509 && export_one(m, e.data, ++number) != 0)
			return EXIT_USAGE;
	return 0;
}

/* ---- states ---- */

static int sb_state(struct mokutil *m)
{
	const struct efi_guid global = EFI_GUID_GLOBAL, shim = EFI_GUID_SHIM;
	uint8_t secure_boot, setup_mode, off;
	int r;

	if (efi_var_read_u8(&m->env->sys.root, "SecureBoot", &global, &secure_boot) < 0) {
		fputs("This system doesn't support Secure Boot\n", m->env->err);
		return EXIT_USAGE;
	}
	r = efi_var_read_u8(&m->env->sys.root, "SetupMode", &global, &setup_mode);
	if (r < 0) {
		fprintf(m->env->err, "Failed to read \"SetupMode\" variable: %s\n", strerror(-r));
		return EXIT_USAGE;
	}
	if (secure_boot == 1 && setup_mode == 0) {
		fputs("SecureBoot enabled\n", m->env->out);
		if (efi_var_read_u8(&m->env->sys.root, "MokSBStateRT", &shim, &off) == 0)
			fputs("SecureBoot validation is disabled in shim\n", m->env->out);
		return 0;
	}
	fputs("SecureBoot disabled\n", m->env->out);
	if (setup_mode != 0)
		fputs("Platform is in Setup Mode\n", m->env->out);
	return 0;
}

/* ---- keys ---- */

/* A file that holds a certificate in DER. unreadable, invalid: mokutil's words, with one %s or none. */
static int load_der(struct mokutil *m, const char *path, struct cert **ret)
{
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	int r = file_read(&m->env->sys.root, path, 1 << 20, &bytes);

	if (r < 0)
		return r;
	if (bytes.n == 0 || bytes.p[0] != 0x30 || cert_parse(buf_span(&bytes), path, NULL, ret) < 0)
		return -EBADMSG;
	return 0;
}

static int test_key(struct mokutil *m)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	const struct mok_search search = { &m->env->sys, m->list, m->ignore_keyring };
	enum mok_standing standing;
	enum mok_ca ca = MOK_CA_NONE;
	int r = load_der(m, m->argument, &cert);

	if (r < 0) {
		if (r == -EBADMSG)
			fputs("Not a valid x509 certificate\n", m->env->err);
		else
			fprintf(m->env->err, "Failed to open %s\n", m->argument);
		return EXIT_USAGE;
	}
	if (mok_find(&search, cert, &standing) < 0 || (m->ca_check && mok_find_ca(&search, cert, &ca) < 0))
		return EXIT_USAGE;
	if (standing == MOK_ABSENT && ca != MOK_CA_NONE) {
		fprintf(m->env->err, "CA of %s is %s\n", m->argument, ca == MOK_CA_ENROLLED ? "already enrolled" : "blocked");
		return EXIT_USAGE;
	}
	fprintf(m->env->out, "%s is %s\n", m->argument, mok_standing_text(standing, m->list));
	return standing != MOK_ABSENT;
}

/* Why a key is left out of a request to enrol it; "" when it is not. */
static int skip_enrolment(struct mokutil *m, const char *file, const struct cert *cert, bool *ret)
{
	const struct mok_search search = { &m->env->sys, m->list, m->ignore_keyring };
	enum mok_standing standing;
	enum mok_ca ca = MOK_CA_NONE;

	if (mok_find(&search, cert, &standing) < 0 || (m->ca_check && mok_find_ca(&search, cert, &ca) < 0))
		return -ENOMEM;
	*ret = standing != MOK_ABSENT || ca != MOK_CA_NONE;
	if (standing != MOK_ABSENT)
		fprintf(m->env->out, "SKIP: %s is %s\n", file, mok_standing_text(standing, m->list));
	else if (ca != MOK_CA_NONE)
		fprintf(m->env->out, "CA %s. Skip %s\n", ca == MOK_CA_ENROLLED ? "enrolled" : "blocked", file);
	return 0;
}

static int skip_deletion(struct mokutil *m, const char *file, const struct cert *cert, bool *ret)
{
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	int r = mok_enrolled(&m->env->sys.root, m->list, &enrolled);

	if (r == 0)
		r = siglist_contains(buf_span(&enrolled), SIGLIST_X509, cert_der(cert));
	*ret = r <= 0;
	if (*ret)
		fprintf(m->env->out, "SKIP: %s is not in %s\n", file, m->list == MOK_KEYS ? "MokList" : "MokListX");
	return only_oom(r);
}

static void tell_done(struct mokutil *m, const char *file, enum mok_action action, enum mok_done done)
{
	enum mok_action opposite = action == MOK_ENROL ? MOK_DELETE : MOK_ENROL;

	if (done == MOK_REVERSED)
		fprintf(m->env->out, "Removed %s from %s\n", file, mok_names(m->list, opposite)->list);
	else if (done == MOK_SKIPPED)
		fprintf(m->env->out, "SKIP: %s is already in the %s%s request\n", file,
			m->list == MOK_KEYS ? "" : "MokX ", action == MOK_ENROL ? "enrollment" : "deletion");
}

/* The opposite request goes first: a key that waits to be deleted is enrolled, and one that waits to be enrolled is not. */
static int has_opposite(struct mokutil *m, enum mok_action action, const struct cert *cert)
{
	_cleanup_buf_ struct buf pending = BUF_INIT;
	enum mok_action opposite = action == MOK_ENROL ? MOK_DELETE : MOK_ENROL;

	return mok_pending(&m->env->sys.root, m->list, opposite, &pending) == 0 &&
	       siglist_contains(buf_span(&pending), SIGLIST_X509, cert_der(cert)) > 0;
}

static int add_file(struct mokutil *m, struct mok_batch *b, const char *file)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	enum mok_done done;
	bool skip = false;
	int r = load_der(m, file, &cert);

	if (r == -EBADMSG)
		fprintf(m->env->err, "Abort!!! %s is not a valid x509 certificate in DER format\n", file);
	else if (r < 0)
		fprintf(m->env->err, "Failed to get file status, %s\n", file);
	if (r == 0 && !has_opposite(m, b->action, cert))
		r = b->action == MOK_ENROL ? skip_enrolment(m, file, cert, &skip) : skip_deletion(m, file, cert, &skip);
	if (r < 0 || skip)
		return r;
	r = mok_batch_add(b, SIGLIST_X509, cert_der(cert), &done);
	if (r == 0)
		tell_done(m, file, b->action, done);
	return r;
}

static int commit(struct mokutil *m, struct mok_batch *b)
{
	uint8_t record[MOKPW_RECORD];

	if (b->n == 0)
		return 0;
	if (mok_record(&m->env->sys, &m->secret, record) < 0)
		return EXIT_USAGE;
	return mok_batch_commit(b, record) < 0 ? EXIT_USAGE : 0;
}

static int request_keys(struct mokutil *m)
{
	_cleanup_mok_batch_ struct mok_batch b = { .sys = &m->env->sys, .list = m->list,
						   .action = (enum mok_action)m->verb->value };

	for (int i = 0; i < m->n_files; i++)
		if (add_file(m, &b, m->files[i]) < 0)
			return EXIT_USAGE;
	return commit(m, &b);
}

/* ---- hashes ---- */

static int parse_hash(const char *text, uint8_t *ret, size_t cap, size_t *ret_n)
{
	size_t n = strlen(text) / 2;

	if (strlen(text) % 2 || n > cap || strspn(text, "0123456789abcdefABCDEF") != strlen(text))
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };

		ret[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	*ret_n = n;
	return 0;
}

/* Already enrolled (for a request to enrol it), or not enrolled (to delete it). */
static bool skip_hash(struct mokutil *m, enum siglist_type type, struct span hash)
{
	_cleanup_buf_ struct buf enrolled = BUF_INIT;
	bool in = mok_enrolled(&m->env->sys.root, m->list, &enrolled) == 0 &&
		  siglist_contains(buf_span(&enrolled), type, hash) > 0;

	return m->verb->value == MOK_ENROL ? in : !in;
}

static int request_hash(struct mokutil *m)
{
	_cleanup_mok_batch_ struct mok_batch b = { .sys = &m->env->sys, .list = m->list,
						   .action = (enum mok_action)m->verb->value };
	enum siglist_type type;
	enum mok_done done;
	uint8_t hash[64];
	size_t n;

	if (parse_hash(m->argument, hash, sizeof(hash), &n) < 0 || !siglist_hash_type(n, &type) || type == SIGLIST_SHA1) {
		fprintf(m->env->err, "\"%s\" is not a SHA-224, SHA-256, SHA-384 or SHA-512 hash\n", m->argument);
		return EXIT_USAGE;
	}
	if (skip_hash(m, type, span_of(hash, n))) {
		fputs("Skip hash\n", m->env->out);
		return 0;
	}
	if (mok_batch_add(&b, type, span_of(hash, n), &done) < 0)
		return EXIT_USAGE;
	if (done == MOK_SKIPPED)
		fputs("Skip hash\n", m->env->out);
	return commit(m, &b);
}

/* ---- other requests ---- */

static int revoke_request(struct mokutil *m)
{
	return mok_revoke(&m->env->sys.root, &m->env->sys.diag, m->list, (enum mok_action)m->verb->value) < 0 ? EXIT_USAGE : 0;
}

static int reset(struct mokutil *m)
{
	uint8_t record[MOKPW_RECORD];

	if (mok_record(&m->env->sys, &m->secret, record) < 0)
		return EXIT_USAGE;
	return mok_request(&m->env->sys.root, &m->env->sys.diag, m->list, MOK_ENROL, span_of(NULL, 0), record) < 0 ? EXIT_USAGE : 0;
}

static int set_password(struct mokutil *m)
{
	uint8_t record[MOKPW_RECORD];

	if (m->verb->value && mok_record(&m->env->sys, &m->secret, record) < 0)
		return EXIT_USAGE;
	return mok_password(&m->env->sys.root, &m->env->sys.diag, m->verb->value ? record : NULL) < 0 ? EXIT_USAGE : 0;
}

/* value: 2 * which + on */
static int toggle(struct mokutil *m)
{
	char password[MOKPW_SWITCH_MAX + 1];
	int r;

	fprintf(m->env->out, "password length: %d~%d\n", MOKPW_SWITCH_MIN, MOKPW_SWITCH_MAX);
	if (prompt_password(m->env, MOKPW_SWITCH_MIN, MOKPW_SWITCH_MAX, password) < 0) {
		fputs("Abort\n", m->env->err);
		return EXIT_USAGE;
	}
	r = mok_switch(&m->env->sys.root, &m->env->sys.diag, (enum mok_switch)(m->verb->value / 2), m->verb->value % 2, password);
	explicit_bzero(password, sizeof(password));
	return r < 0 ? EXIT_USAGE : 0;
}

static int generate_hash(struct mokutil *m)
{
	char password[MOKPW_MAX + 2], crypted[384];
	int r = 0;

	if (m->argument)
		snprintf(password, sizeof(password), "%s", m->argument);
	else
		r = prompt_password(m->env, MOKPW_MIN, MOKPW_MAX, password);
	if (r == 0)
		r = mokpw_crypt(password, crypted, sizeof(crypted));
	explicit_bzero(password, sizeof(password));
	if (r < 0) {
		fputs("Abort\n", m->env->err);
		return EXIT_USAGE;
	}
	fprintf(m->env->out, "%s\n", crypted);
	return 0;
}

static int set_timeout(struct mokutil *m)
{
	int64_t seconds;

	if (parse_i64(m->argument, 0, &seconds) < 0 || seconds < -1 || seconds > 0x7fff) {
		fprintf(m->env->err, "\"%s\" is not a number of seconds from -1 to 32767\n", m->argument);
		return EXIT_USAGE;
	}
	return mok_timeout(&m->env->sys.root, &m->env->sys.diag, (int32_t)seconds) < 0 ? EXIT_USAGE : 0;
}

static int usage(struct mokutil *m);

static int set_flag(struct mokutil *m)
{
	static const char *const names[] = { "SHIM_VERBOSE", "FALLBACK_VERBOSE", "FB_NO_REBOOT" };
	bool on = strcmp(m->argument, "true") == 0;

	if (!on && strcmp(m->argument, "false") != 0)
		return usage(m);
	return mok_set(&m->env->sys.root, &m->env->sys.diag, names[m->verb->value], span_of("\1", on)) < 0 ? EXIT_USAGE : 0;
}

static int set_sbat_policy(struct mokutil *m)
{
	static const char *const words[] = { "latest", "previous", "delete" };

	for (uint8_t i = 0; i < ELEMENTSOF(words); i++) {
		uint8_t value = i + 1;

		if (strcmp(m->argument, words[i]) == 0)
			return mok_set(&m->env->sys.root, &m->env->sys.diag, "SbatPolicy", span_of(&value, 1)) < 0 ? EXIT_USAGE : 0;
	}
	return usage(m);
}

/* ---- the command line ---- */

static int show_usage(struct mokutil *m)
{
	return usage(m);
}

static int show_version(struct mokutil *m)
{
	fputs("0.6.0\n", m->env->out);
	return EXIT_USAGE;
}

static const struct verb verbs[] = {
	{ "help", 'h', NULL, "Show help", show_usage, 0, 0 },
	{ "list-enrolled", 'l', NULL, "List the enrolled keys", list_enrolled, WITH_LIST, 0 },
	{ "list-new", 'N', NULL, "List the keys to be enrolled", list_pending, WITH_LIST, MOK_ENROL },
	{ "list-delete", 'D', NULL, "List the keys to be deleted", list_pending, WITH_LIST, MOK_DELETE },
	{ "import", 'i', "<der file...>", "Import keys", request_keys, WITH_LIST | WITH_PASSWORD | WITH_KEYS, MOK_ENROL },
	{ "delete", 'd', "<der file...>", "Delete specific keys", request_keys, WITH_LIST | WITH_PASSWORD, MOK_DELETE },
	{ "revoke-import", 0, NULL, "Revoke the import request", revoke_request, WITH_LIST, MOK_ENROL },
	{ "revoke-delete", 0, NULL, "Revoke the delete request", revoke_request, WITH_LIST, MOK_DELETE },
	{ "export", 'x', NULL, "Export keys to files", export_keys, WITH_LIST, 0 },
	{ "password", 'p', NULL, "Set MOK password", set_password, WITH_PASSWORD, 1 },
	{ "clear-password", 'c', NULL, "Clear MOK password", set_password, 0, 0 },
	{ "disable-validation", 0, NULL, "Disable signature validation", toggle, 0, 2 * MOK_VALIDATION },
	{ "enable-validation", 0, NULL, "Enable signature validation", toggle, 0, 2 * MOK_VALIDATION + 1 },
	{ "sb-state", 0, NULL, "Show SecureBoot State", sb_state, 0, 0 },
	{ "test-key", 't', "<der file>", "Test if the key is enrolled or not", test_key, WITH_LIST | WITH_KEYS, 0 },
	{ "reset", 0, NULL, "Reset MOK list", reset, WITH_LIST | WITH_PASSWORD, 0 },
	{ "generate-hash", 'g', "password", "Generate the password hash", generate_hash, OPTIONAL_ARGUMENT, 0 },
	{ "ignore-db", 0, NULL, "Ignore DB for validation", toggle, 0, 2 * MOK_USE_DB },
	{ "use-db", 0, NULL, "Use DB for validation", toggle, 0, 2 * MOK_USE_DB + 1 },
	{ "import-hash", 0, "<hash>", "Import a hash into MOK or MOKX", request_hash, WITH_LIST | WITH_PASSWORD, MOK_ENROL },
	{ "delete-hash", 0, "<hash>", "Delete a hash in MOK or MOKX", request_hash, WITH_LIST | WITH_PASSWORD, MOK_DELETE },
	{ "set-verbosity", 0, "<true/false>", "Set the verbosity bit for shim", set_flag, 0, 0 },
	{ "set-fallback-verbosity", 0, "<true/false>", "Set the verbosity bit for fallback", set_flag, 0, 1 },
	{ "set-fallback-noreboot", 0, "<true/false>", "Prevent fallback from automatically rebooting", set_flag, 0, 2 },
	{ "trust-mok", 0, NULL, "Trust MOK keys within the kernel keyring", toggle, 0, 2 * MOK_TRUST + 1 },
	{ "untrust-mok", 0, NULL, "Do not trust MOK keys", toggle, 0, 2 * MOK_TRUST },
	{ "set-sbat-policy", 0, "<latest/previous/delete>", "Apply Latest, Previous, or Blank SBAT revocations",
	  set_sbat_policy, 0, 0 },
	{ "pk", 0, NULL, "List the keys in PK", list_firmware, 0, 0 },
	{ "kek", 0, NULL, "List the keys in KEK", list_firmware, 0, 1 },
	{ "db", 0, NULL, "List the keys in db", list_firmware, 0, 2 },
	{ "dbx", 0, NULL, "List the keys in dbx", list_firmware, 0, 3 },
	{ "timeout", 0, "<-1,0..0x7fff>", "Set the timeout for MOK prompt", set_timeout, 0, 0 },
	{ "list-sbat-revocations", 0, NULL, "List the entries in SBAT", list_sbat, 0, 0 },
	{ "version", 'v', NULL, NULL, show_version, 0, 0 },
};

enum extra { EXTRA_HASH_FILE, EXTRA_ROOT_PW, EXTRA_MOKX, EXTRA_CA_CHECK, EXTRA_IGNORE_KEYRING, EXTRAS };

static const struct {
	const char *name;
	int letter;
	const char *metavar, *help;
} extras[EXTRAS] = {
	[EXTRA_HASH_FILE] = { "hash-file", 'f', "<hash file>", "Use the specific password hash" },
	[EXTRA_ROOT_PW] = { "root-pw", 'P', NULL, "Use the root password" },
	[EXTRA_MOKX] = { "mokx", 'X', NULL, "Manipulate the MOK blacklist" },
	[EXTRA_CA_CHECK] = { "ca-check", 0, NULL, "Check if CA of the key is enrolled/blocked" },
	[EXTRA_IGNORE_KEYRING] = { "ignore-keyring", 0, NULL, "Don't check if the key is the kernel keyring" },
};

static void usage_row(FILE *out, const char *name, const char *metavar, bool optional, const char *help)
{
	char left[64];

	snprintf(left, sizeof(left), optional ? "--%s[=%s]" : metavar ? "--%s %s" : "--%s", name, metavar ? metavar : "");
	fprintf(out, "  %s%s%s\n", left, strlen(left) < 14 ? "\t\t\t\t" : strlen(left) < 22 ? "\t\t\t" : "\t\t", help);
}

static int usage(struct mokutil *m)
{
	FILE *out = m->env->out;

	fputs("Usage:\n  mokutil OPTIONS [ARGS...]\n\nOptions:\n", out);
	for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
		if (verbs[i].help)
			usage_row(out, verbs[i].name, verbs[i].metavar, verbs[i].flags & OPTIONAL_ARGUMENT, verbs[i].help);
	fputs("\nSupplementary Options:\n", out);
	for (size_t i = 0; i < EXTRAS; i++)
		usage_row(out, extras[i].name, extras[i].metavar, false, extras[i].help);
	return EXIT_USAGE;
}

#define LONG_VERB 1000
#define LONG_EXTRA 2000

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

		longs[n++] = (struct option){ verbs[i].name, optional ? optional_argument : verbs[i].metavar != NULL, NULL,
					      LONG_VERB + (int)i };
		add_letter(shorts, verbs[i].letter, verbs[i].metavar, optional);
	}
	for (size_t i = 0; i < EXTRAS; i++) {
		longs[n++] = (struct option){ extras[i].name, extras[i].metavar != NULL, NULL, LONG_EXTRA + (int)i };
		add_letter(shorts, extras[i].letter, extras[i].metavar, false);
	}
	longs[n] = (struct option){ 0 };
}

/* The number by which the long form goes. */
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
	else
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
	struct option longs[ELEMENTSOF(verbs) + EXTRAS + 1];
	char shorts[2 * (ELEMENTSOF(verbs) + EXTRAS) + 8];
	unsigned given = 0, seen = 0;
	int c;

	option_tables(shorts, longs);
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		c = long_of(c);
		if (c >= LONG_EXTRA) {
			set_extra(m, (enum extra)(c - LONG_EXTRA), optarg, &seen);
		} else if (c >= LONG_VERB) {
			given++;
			m->verb = &verbs[c - LONG_VERB];
			m->argument = optarg;
		} else {
			return -EINVAL;
		}
	}
	/* --mokx alone lists the blocked keys. */
	if (given == 0 && seen == 1u << EXTRA_MOKX) {
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

	if (efi_presence(&env->sys.root) != EFI_PRESENT) {
		fputs("EFI variables are not supported on this system\n", env->err);
		return 1;
	}
	if (parse(&m, argc, argv) < 0)
		return usage(&m);
	if (collect_files(&m, argc, argv) < 0)
		return EXIT_USAGE;
	r = m.verb->run(&m);
	free(m.files);
	return r;
}
