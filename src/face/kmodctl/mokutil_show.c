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

static int print_certificate(FILE *out, const struct siglist_entry *e)
{
	_cleanup_(cert_free_p) struct cert *cert = NULL;
	struct cert_facts facts;

	if (cert_parse(e->data, "", NULL, &cert) < 0) {
		say(out, "  [X509: certificate that cannot be read, %zu bytes]\n", e->data.n);
		return 0;
	}
	cert_facts(cert, 0, &facts);
	fputs("SHA1 Fingerprint: ", out);
	for (size_t i = 0; i < sizeof(facts.sha1); i++)
		say(out, "%s%02x", i ? ":" : "", facts.sha1[i]);
	fputc('\n', out);
	return cert_print(cert, out);
}

static void print_hex_line(FILE *out, struct span bytes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	hex_plain(bytes, &text);
	say(out, "  %s\n", buf_str(&text));
}

/* The title of a list that does not hold certificates, e.g. "[SHA-256]". */
static void print_title(FILE *out, const struct siglist_entry *e)
{
	char guid[EFI_GUID_TEXT];
	const char *name = siglist_type_name(e->type);

	efi_guid_text(&e->type_guid, guid);
	if (e->type == SIGLIST_UNKNOWN)
		say(out, "  [unknown type %s]\n", guid);
	else if (siglist_hash_len(e->type) > 0)
		say(out, "  [SHA%s%s]\n", siglist_hash_len(e->type) == 20 ? "" : "-",
		    siglist_hash_len(e->type) == 20 ? "1" : name + 3);
	else
		say(out, "  [%s]\n", name);
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
			say(out, shown ? "\n[key %zu]\n" : "[key %zu]\n", shown + 1);
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

int mokutil_list_enrolled(struct mokutil *m)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;

	if (mok_enrolled(&m->env->sys.root, m->list, &lists) < 0)
		return 0;
	return print_lists(m, buf_span(&lists));
}

int mokutil_list_pending(struct mokutil *m)
{
	_cleanup_efi_var_ struct efi_var v = { 0 };
	const struct efi_guid shim = EFI_GUID_SHIM;
	const char *name = mok_names(m->list, (enum mok_action)m->verb->value)->list;

	if (efi_var_read(&m->env->sys.root, name, &shim, &v) < 0)
		return 0;
	return print_lists(m, buf_span(&v.data));
}

int mokutil_list_firmware(struct mokutil *m)
{
	static const struct {
		const char *name;
		struct efi_guid guid;
	} rows[] = {
		{ "PK", EFI_GUID_GLOBAL },
		{ "KEK", EFI_GUID_GLOBAL },
		{ "db", EFI_GUID_SECURITY },
		{ "dbx", EFI_GUID_SECURITY },
	};
	_cleanup_efi_var_ struct efi_var v = { 0 };

	if (efi_var_read(&m->env->sys.root, rows[m->verb->value].name, &rows[m->verb->value].guid, &v) < 0)
		return 0;
	return print_lists(m, buf_span(&v.data));
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

static int export_one(struct mokutil *m, struct span der, unsigned number)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%04u.der", m->list == MOK_KEYS ? "MOK" : "MOKX", number);
	if (file_generate(&m->env->sys.root, name, PLACE_NAMED, der, 0644) == 0)
		return 0;
	say(m->env->err, "Failed to open %s\n", name);
	return EXIT_USAGE;
}

int mokutil_export_keys(struct mokutil *m)
{
	_cleanup_buf_ struct buf lists = BUF_INIT;
	struct siglist_iter it;
	struct siglist_entry e;
	unsigned number = 0;
	int r = mok_enrolled(&m->env->sys.root, m->list, &lists);

	if (r == 0 && lists.n == 0) {
		say(m->env->out, "%s is empty\n", mok_enrolled_name(m->list));
		return 0;
	}
	siglist_iter_init(&it, buf_span(&lists));
	while (siglist_next(&it, &e) > 0)
		if (e.type == SIGLIST_X509 && export_one(m, e.data, ++number) != 0)
			return EXIT_USAGE;
	return 0;
}

/* ---- states ---- */

int mokutil_sb_state(struct mokutil *m)
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
		say(m->env->err, "Failed to read \"SetupMode\" variable: %s\n", strerror(-r));
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
