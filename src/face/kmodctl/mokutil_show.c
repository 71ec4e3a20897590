// SPDX-License-Identifier: MIT
/* mokutil: lists of keys and hashes, and the state of Secure Boot. */
#include <string.h>

#include "act/sign/cert.h"
#include "base/hex.h"
#include "face/common/say.h"
#include "base/replace.h"
#include "face/kmodctl/mokutil.h"
#include "read/efi/siglist.h"
#include "read/efi/vars.h"

#define CORRUPTED "Corrupted signature list\n"

/* ---- listings ---- */

#define TYPE_TITLE (sizeof("unknown type ") + EFI_GUID_TEXT)
#define BRIEF_BYTES 5 /* of a digest */

/* "sha256"; other types have no name in mokutil. */
static void type_title(const struct siglist_entry *e, char ret[TYPE_TITLE])
{
	char guid[EFI_GUID_TEXT];
	const char *name = siglist_type_name(e->type);

	efi_guid_text(&e->type_guid, guid);
	if (e->type == SIGLIST_UNKNOWN)
		snprintf(ret, TYPE_TITLE, "unknown type %s", guid);
	else if (siglist_hash_len(e->type) > 0)
		snprintf(ret, TYPE_TITLE, "sha%s", name + strlen("SHA"));
	else
		snprintf(ret, TYPE_TITLE, "%s", name);
}

static void print_hex(FILE *out, struct span bytes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	hex_plain(bytes, &text);
	say(out, "%s", buf_str(&text));
}

static void print_brief(FILE *out, struct span digest, const char *what)
{
	print_hex(out, span_of(digest.p, digest.n < BRIEF_BYTES ? digest.n : BRIEF_BYTES));
	fputc(' ', out);
	say(out, "%s\n", what);
}

static void print_certificate(struct mokutil *m, struct span der)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	_cleanup_buf_ struct buf name = BUF_INIT;
	struct cert_facts facts;

	if (cert_parse(der, "", NULL, &cert) < 0) {
		fputs("Invalid X509 certificate\n", m->env->err);
		return;
	}
	cert_facts(cert, 0, &facts);
	if (m->brief) {
		cert_brief_name(cert, &name);
		print_brief(m->env->out, span_of(facts.sha1, sizeof(facts.sha1)), buf_str(&name));
		return;
	}
	fputs("SHA1 Fingerprint: ", m->env->out);
	for (size_t i = 0; i < sizeof(facts.sha1); i++)
		say(m->env->out, "%s%02x", i ? ":" : "", facts.sha1[i]);
	fputc('\n', m->env->out);
	cert_print(cert, m->env->out);
}

static void print_owner(FILE *out, const struct siglist_entry *e)
{
	char owner[EFI_GUID_TEXT];

	efi_guid_text(&e->owner, owner);
	say(out, "Owner: %s\n", owner);
}

/* A line for each. */
static void print_entry_brief(struct mokutil *m, const struct siglist_entry *e)
{
	char title[TYPE_TITLE], what[TYPE_TITLE + 2];

	if (e->type == SIGLIST_X509) {
		print_certificate(m, e->data);
		return;
	}
	type_title(e, title);
	snprintf(what, sizeof(what), "(%s)", title);
	print_brief(m->env->out, e->data, what);
}

/* begins: the first of its list. The owner is that of all hashes of a list, while each certificate has its own. */
static void print_entry(struct mokutil *m, const struct siglist_entry *e, bool begins)
{
	FILE *out = m->env->out;
	char title[TYPE_TITLE];

	if (begins)
		say(out, e->list > 0 ? "\n[key %zu]\n" : "[key %zu]\n", e->list + 1);
	if (begins || e->type == SIGLIST_X509)
		print_owner(out, e);
	if (e->type == SIGLIST_X509) {
		print_certificate(m, e->data);
		return;
	}
	type_title(e, title);
	if (begins)
		say(out, "  [%s]\n", title);
	fputs("  ", out);
	print_hex(out, e->data);
	fputc('\n', out);
}

/* What is whole of them. */
static int print_lists(struct mokutil *m, struct span lists)
{
	struct siglist_iter it;
	struct siglist_entry e;
	size_t last = SIZE_MAX;
	int r;

	siglist_iter_init(&it, lists);
	while ((r = siglist_next(&it, &e)) > 0) {
		if (m->brief)
			print_entry_brief(m, &e);
		else
			print_entry(m, &e, e.list != last);
		last = e.list;
	}
	if (r < 0)
		say(m->env->err, CORRUPTED);
	return 0;
}

static int print_enrolled(struct mokutil *m, enum mok_list list)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;

	if (mok_enrolled(&m->env->sys.root, list, &lists) < 0)
		return 0;
	return print_lists(m, buf_span(&lists));
}

static int print_variable(struct mokutil *m, const char *name, const struct efi_guid *guid)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };

	if (efi_var_read(&m->env->sys.root, name, guid, &v) < 0)
		return 0;
	return print_lists(m, buf_span(&v.data));
}

static const struct {
	const char *name;
	struct efi_guid guid;
} firmware_lists[] = {
	[MOKUTIL_PK] = { "PK", EFI_GUID_GLOBAL },
	[MOKUTIL_KEK] = { "KEK", EFI_GUID_GLOBAL },
	[MOKUTIL_DB] = { "db", EFI_GUID_SECURITY },
	[MOKUTIL_DBX] = { "dbx", EFI_GUID_SECURITY },
};

static int print_firmware_list(struct mokutil *m, int which)
{
	return print_variable(m, firmware_lists[which].name, &firmware_lists[which].guid);
}

static int print_all(struct mokutil *m)
{
	for (enum mok_list list = MOK_KEYS; list <= MOK_BLOCKED; list++) {
		say(m->env->out, "[%s]\n", mok_enrolled_name(list));
		print_enrolled(m, list);
	}
	for (int i = MOKUTIL_PK; i <= MOKUTIL_DBX; i++) {
		say(m->env->out, "[%s]\n", firmware_lists[i].name);
		print_firmware_list(m, i);
	}
	return 0;
}

int mokutil_list(struct mokutil *m)
{
	if (m->all)
		return print_all(m);
	return m->verb->value == MOKUTIL_ENROLLED ? print_enrolled(m, m->list) : print_firmware_list(m, m->verb->value);
}

int mokutil_list_pending(struct mokutil *m)
{
	const struct efi_guid shim = EFI_GUID_SHIM;

	return print_variable(m, mok_names(m->list, (enum mok_action)m->verb->value)->list, &shim);
}

/* Text of the firmware, line by line; the last line need not end. */
static void print_lines(struct span text, FILE *out)
{
	while (text.n > 0) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;

		say(out, end ? "%.*s\n" : "%.*s", (int)n, (const char *)text.p);
		text = span_of(text.p + n + !!end, text.n - n - !!end);
	}
}

int mokutil_list_sbat(struct mokutil *m)
{
	const struct efi_guid shim = EFI_GUID_SHIM;
	_cleanup_efi_var_ struct efi_var v = { 0 };

	if (efi_var_read(&m->env->sys.root, "SbatLevelRT", &shim, &v) < 0) {
		fputs("SbatLevelRT is empty\n", m->env->out);
		return 0;
	}
	print_lines(buf_span(&v.data), m->env->out);
	return 0;
}

/* Named after the [key N] that --list-enrolled shows; nth: in a list with several. */
static int export_one(struct mokutil *m, const struct siglist_entry *e, unsigned nth)
{
	char name[40], suffix[16] = "";

	if (nth > 1)
		snprintf(suffix, sizeof(suffix), "-%u", nth);
	snprintf(name, sizeof(name), "%s-%04zu%s.der", m->list == MOK_KEYS ? "MOK" : "MOKX", e->list + 1, suffix);
	if (file_generate(&m->env->sys.root, name, PLACE_NAMED, e->data, 0644) == 0)
		return 0;
	say(m->env->err, "Failed to open %s\n", name);
	return EXIT_FAILED;
}

int mokutil_export_keys(struct mokutil *m)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;
	size_t last = SIZE_MAX;
	unsigned nth = 0;
	int r = mok_enrolled(&m->env->sys.root, m->list, &lists);

	if (r == 0 && lists.n == 0) {
		say(m->env->out, "%s is empty\n", mok_enrolled_name(m->list));
		return 0;
	}
	siglist_iter_init(&it, buf_span(&lists));
	while ((r = siglist_next(&it, &e)) > 0) {
		nth = e.list == last ? nth + 1 : 1;
		last = e.list;
		if (e.type == SIGLIST_X509 && export_one(m, &e, nth) != 0)
			return EXIT_FAILED;
	}
	if (r < 0)
		say(m->env->err, CORRUPTED);
	return r < 0 ? EXIT_FAILED : 0;
}

/* ---- states ---- */

int mokutil_sb_state(struct mokutil *m)
{
	const struct efi_guid global = EFI_GUID_GLOBAL, shim = EFI_GUID_SHIM;
	uint8_t secure_boot, setup_mode, off;
	int r;

	if (efi_var_read_u8(&m->env->sys.root, "SecureBoot", &global, &secure_boot) < 0) {
		fputs("This system doesn't support Secure Boot\n", m->env->err);
		return EXIT_FAILED;
	}
	r = efi_var_read_u8(&m->env->sys.root, "SetupMode", &global, &setup_mode);
	if (r < 0) {
		say(m->env->err, "Failed to read \"SetupMode\" variable: %s\n", strerror(-r));
		return EXIT_FAILED;
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
