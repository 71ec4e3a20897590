// SPDX-License-Identifier: MIT
/* kmodctl keys: every key that this machine has, where it is, and whether it vouches for modules. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/say.h"
#include "face/common/display.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/grid.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"
#include "read/efi/vars.h"
#include "verb/trust/key_rows.h"

#define RING_LINE 4400 /* of a key: its description has up to 4096 characters */

/* ---- rows: what the table and the JSON show ---- */

/* "yes", "no" or "refused". */
static enum look modules_look(const struct table_cell *cell)
{
	return strcmp(cell->text, "yes") == 0 ? LOOK_GOOD : strcmp(cell->text, "refused") == 0 ? LOOK_BAD : LOOK_PLAIN;
}

static const struct grid_column columns[KEY_COLUMNS] = {
	[KEY_ORIGIN] = { .cell = { .title = "ORIGIN", .key = "origin" } },
	[KEY_SUBJECT] = { .cell = { .title = "SUBJECT", .key = "subject" }, .elastic = true },
	[KEY_ID] = { .cell = { .title = "KEY-ID" } },
	[KEY_SKID] = { .cell = { .title = "SKID", .key = "skid" }, .hidden = true },
	[KEY_SERIAL] = { .cell = { .title = "SERIAL", .key = "serial" }, .hidden = true },
	[KEY_ALGORITHM] = { .cell = { .title = "ALGORITHM", .key = "algorithm" }, .hidden = true },
	[KEY_VALID] = { .cell = { .title = "VALID", .key = "valid" }, .hidden = true },
	[KEY_MODULES] = { .cell = { .title = "MODULES", .key = "modules" }, .look = modules_look },
};

static int fill(struct grid *g, const struct key_rows *rows)
{
	int r = 0;

	for (size_t i = 0; i < rows->n && r == 0; i++) {
		struct table_cell cells[KEY_COLUMNS];

		for (size_t c = 0; c < KEY_COLUMNS; c++)
			cells[c] = (struct table_cell){ .text = rows->items[i].cells[c] };
		r = grid_add(g, GRID_ROOT, cells);
	}
	return r;
}

static const char *list_error(const struct env *env, int error)
{
	if (error == -EBADMSG)
		return "the signature list is damaged";
	if (error != -ENOENT)
		return strerror(-error);
	switch (efi_presence(&env->sys.root)) {
	case EFI_NO_FIRMWARE:
		return "no UEFI: this machine has no such list";
	case EFI_HIDDEN:
		return "unknown: " EFI_FIRMWARE_DIR " shows no firmware (a container?): ask on the host";
	case EFI_NOT_MOUNTED:
		return "unknown: " EFI_VARS_DIR " is not mounted";
	case EFI_PRESENT:
		break;
	}
	return strerror(ENOENT);
}

/* Which rings and lists are not shown. A bit for each. */
enum { SHOWN = 0, ABSENT = 1, UNREAD = 2 };

/* Is it known that there is no such list? */
static bool is_absent(const struct env *env, int error)
{
	enum efi_presence presence = efi_presence(&env->sys.root);

	return error == -ENOENT && (presence == EFI_NO_FIRMWARE || presence == EFI_PRESENT);
}

static int tell(struct env *env, int how, const char *code, const char *name, const char *problem)
{
	report_error(env, code, "%s: %s", name, problem);
	return how;
}

/* Of rings and lists that do not exist only those are reported that were requested by name. */
static int tell_ring(struct env *env, const char *name, int error, bool by_name)
{
	if (error == 0 || (error == -ENOKEY && !by_name))
		return SHOWN;
	if (error == -ENOKEY)
		return tell(env, ABSENT, "trust.ring", name, "this kernel does not have that key ring");
	return tell(env, UNREAD, "trust.ring", name, strerror(-error));
}

/* A kernel without any ring is none that has this one or that: to a plain user it shows no ring. */
static int tell_rings(struct env *env, const struct trust_context *ctx, int argc, char **argv)
{
	int not_shown = SHOWN;

	for (enum trust_ring id = TRUST_RING_BUILTIN; id < TRUST_RINGS; id++) {
		int e = ctx->stores->rings[id].error;

		if (!key_rows_are_wanted(trust_ring_name(id), argc, argv))
			continue;
		if (!key_stores_show_rings(ctx->stores))
			return tell(env, UNREAD, "trust.ring", "unknown: the kernel's key rings",
				    e == -ENOKEY ? "/proc/keys shows none; root sees them (sudo)" : strerror(-e));
		not_shown |= tell_ring(env, trust_ring_name(id), e, argc > 0);
	}
	return not_shown;
}

static int tell_lists(struct env *env, const struct trust_context *ctx, int argc, char **argv)
{
	int not_shown = SHOWN;

	for (enum key_store_id id = 0; id < STORE_KERNEL; id++) {
		int e = ctx->stores->stores[id].error;

		if (!e || !key_rows_are_wanted(key_store_name(id), argc, argv))
			continue;
		if (argc == 0 && ctx->machine.efi.value == TRUST_UNKNOWN)
			return tell(env, UNREAD, "trust.list", "unknown: the lists of the firmware and of shim",
				    EFI_FIRMWARE_DIR " shows no firmware (a container?)");
		if (e != -ENOENT || argc > 0)
			not_shown |= tell(env, is_absent(env, e) ? ABSENT : UNREAD, "trust.list", key_store_name(id),
					  list_error(env, e));
	}
	return not_shown;
}

static int tell_unreadable(struct env *env, const struct trust_context *ctx, int argc, char **argv)
{
	return tell_rings(env, ctx, argc, argv) | tell_lists(env, ctx, argc, argv);
}

/* ---- keys list %:RING, as keyctl(1) ---- */

static void json_keys(struct env *env, const char *name, const struct ring *ring)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "ring", name);
	json_array(&j, "keys");
	for (size_t i = 0; i < ring->n; i++) {
		char line[RING_LINE];

		ring_key_line(&ring->keys[i], line, sizeof(line));
		json_str(&j, NULL, line);
	}
	json_end(&j);
	answer_close(env, &j);
}

static void print_keys(FILE *out, const struct ring *ring)
{
	if (ring->n == 0)
		fputs("keyring is empty\n", out);
	else
		say(out, "%zu key%s in keyring:\n", ring->n, ring->n == 1 ? "" : "s");
	for (size_t i = 0; i < ring->n; i++) {
		char line[RING_LINE];

		ring_key_line(&ring->keys[i], line, sizeof(line));
		say(out, "%s\n", line);
	}
}

static int list_like_keyctl(struct env *env, bool json, const char *which)
{
	_cleanup_ring_ struct ring ring = { 0 };
	const char *name = ring_argument_name(which);
	int r;

	if (!env->sys.keyring)
		return -ENOSYS;
	name = name ? name : which;
	r = ring_read_argument(&env->sys.root, env->sys.keyring, which, &ring);
	if (r < 0)
		return r;
	if (ring.error) {
		report_error(env, "trust.ring", "%s: %s", name,
			     ring.error == -ENOKEY ? "there is no such key ring" : strerror(-ring.error));
		return ring.error;
	}
	if (json)
		json_keys(env, name, &ring);
	else
		print_keys(env->out, &ring);
	return 0;
}

/* ---- keys match FILE ---- */

/* No list has the key, and the rings that may have it are not shown. */
static bool is_hidden(const struct trust_module *m)
{
	return m->signature == TRUST_SIG_UNKNOWN_KEY && !m->unused && m->maybe && m->unread;
}

/* The kernel does not get as far as to look for the key. */
static bool is_not_looked_for(const struct trust_module *m)
{
	return m->signature == TRUST_SIG_SCHEME || m->signature == TRUST_SIG_ALGORITHM ||
	       m->signature == TRUST_SIG_ATTRIBUTES || m->signature == TRUST_SIG_DAMAGED;
}

/* Why the ring that has the key does not count, or why none has it; "": nothing is known about that. */
static void add_reason(const struct trust_machine *machine, const struct module_reading *m, struct buf *into)
{
	const char *why;

	if (m->module.unused)
		buf_adds(into, m->module.unused);
	else if (is_not_looked_for(&m->module))
		trust_cause(machine, &m->module, &m->verdict, into);
	else if (m->module.ring == TRUST_RING_NONE)
		trust_cause_of_place(machine, &m->module, "", into);
	else if (m->module.signature == TRUST_SIG_UNKNOWN_KEY && !trust_ring_is_used(machine, m->module.ring, &why))
		buf_adds(into, why);
}

static void print_ring_name(FILE *out, const struct trust_machine *machine, const struct module_reading *m)
{
	_cleanup_buf_ struct buf reason = BUF_INIT;
	const char *name = is_not_looked_for(&m->module)     ? "not looked for" :
			   m->module.ring == TRUST_RING_NONE ? "none" :
							       trust_ring_name(m->module.ring);

	add_reason(machine, m, &reason);
	say(out, "  key ring: %s%s%s\n", name, reason.n ? ": " : "", buf_str(&reason));
}

static void print_ring(FILE *out, const struct trust_machine *machine, const struct module_reading *reading)
{
	const struct trust_module *m = &reading->module;
	static const char *const others[] = {
		[TRUST_OTHER_NAMESAKE] = "another key of that name",
		[TRUST_OTHER_BUILD] = "another key of that name, that of the running build of the kernel",
		[TRUST_OTHER_ISSUED] = "the key that issued it",
	};

	if (trust_key_is_revoked(m))
		say(out, "  key ring: .blacklist: it is revoked\n");
	else if (is_hidden(m))
		say(out, "  key ring: unknown: %s\n", m->unread);
	else if (m->signature == TRUST_SIG_NAMED)
		say(out, "  key ring: unknown: a key of that name is in %s, not compared\n",
		    trust_ring_name(m->other_ring));
	else if (m->other != TRUST_OTHER_NONE)
		say(out, "  key ring: none; %s has %s: %s\n", trust_ring_name(m->other_ring), others[m->other],
		    m->other_key);
	else
		print_ring_name(out, machine, reading);
}

static void print_match(FILE *out, const struct trust_machine *machine, const struct module_reading *m)
{
	_cleanup_buf_ struct buf id = BUF_INIT, name = BUF_INIT;

	say(out, "%s: ", m->path);
	if (!m->is_signed) {
		fputs("not signed\n", out);
		return;
	}
	module_signers_text(m, &name);
	say(out, "%s%s\n", name.n ? "signed by " : "a signature that cannot be read", buf_str(&name));
	buf_clear(&name);
	if (m->key) {
		hex_colons(cert_skid(m->key->cert), 0, &id);
		cert_name(m->key->cert, &name);
		say(out, "  certificate: \"%s\", subject key id %s, from %s%s\n", buf_str(&name), buf_str(&id),
		    m->store, m->links ? ", at the end of the certificates in the signature" : "");
	}
	print_ring(out, machine, m);
}

static void json_name(struct json *j, const char *key, enum trust_ring ring)
{
	json_str(j, key, ring == TRUST_RING_NONE ? NULL : trust_ring_name(ring));
}

static void json_match(struct json *j, const struct trust_machine *machine, const struct module_reading *m)
{
	_cleanup_buf_ struct buf id = BUF_INIT, name = BUF_INIT, signers = BUF_INIT, reason = BUF_INIT;
	bool has_other = m->module.other != TRUST_OTHER_NONE;

	if (m->key)
		hex_colons(cert_skid(m->key->cert), 0, &id);
	if (m->key)
		cert_name(m->key->cert, &name);
	if (m->is_signed) {
		module_signers_text(m, &signers);
		add_reason(machine, m, &reason);
	}
	json_object(j, NULL);
	json_str(j, "file", m->path);
	json_bool(j, "readable", true);
	json_bool(j, "signed", m->is_signed);
	json_str(j, "signers", signers.n ? buf_str(&signers) : NULL);
	json_str(j, "certificate", m->key ? buf_str(&name) : NULL);
	json_str(j, "skid", m->key ? buf_str(&id) : NULL);
	json_str(j, "store", m->store);
	json_name(j, "ring", m->module.ring);
	json_str(j, "reason", reason.n ? buf_str(&reason) : NULL);
	json_bool(j, "compared", m->module.signature != TRUST_SIG_NAMED && !is_hidden(&m->module));
	json_name(j, "other_ring",
		  has_other || m->module.signature == TRUST_SIG_NAMED ? m->module.other_ring : TRUST_RING_NONE);
	json_str(j, "other_key", has_other ? m->module.other_key : NULL);
	json_end(j);
}

static void json_unreadable(struct json *j, const char *path)
{
	static const char *const unknown[] = { "signed", "signers", "certificate", "skid",       "store",
					       "ring",   "reason",  "compared",    "other_ring", "other_key" };

	json_object(j, NULL);
	json_str(j, "file", path);
	json_bool(j, "readable", false);
	for (size_t i = 0; i < ELEMENTSOF(unknown); i++)
		json_null(j, unknown[i]);
	json_end(j);
}

/* One module that no ring has the key of decides; then one that could not be judged. */
static int match_status(int so_far, const struct module_reading *m)
{
	if ((m->module.ring != TRUST_RING_NONE && !trust_key_is_revoked(&m->module)) || so_far == STATUS_NO)
		return so_far;
	return m->module.signature == TRUST_SIG_NAMED || is_hidden(&m->module) ? STATUS_UNKNOWN : STATUS_NO;
}

static int match(struct env *env, struct trust_context *ctx, bool json, int argc, char **argv)
{
	int status = STATUS_YES;
	struct json j;

	if (json) {
		answer_open(env, &j);
		json_array(&j, "modules");
	}
	for (int i = 0; i < argc; i++) {
		_cleanup_module_reading_ struct module_reading m = { 0 };

		if (module_read(ctx, argv[i], &m) < 0) {
			status = status == STATUS_NO ? status : STATUS_UNKNOWN;
			if (json)
				json_unreadable(&j, argv[i]);
			continue;
		}
		if (json)
			json_match(&j, &ctx->machine, &m);
		else
			print_match(env->out, &ctx->machine, &m);
		status = match_status(status, &m);
	}
	if (json) {
		json_end(&j);
		answer_close(env, &j);
	}
	return status;
}

/* ---- the command ---- */

static int show(struct env *env, struct trust_context *ctx, const struct grid_options *o, int argc, char **argv)
{
	_cleanup_grid_ struct grid g = GRID_INIT(columns);
	_cleanup_key_rows_ struct key_rows rows = { 0 };
	int failed = 0, not_shown;

	for (int i = 0; i < argc && !failed; i++) {
		_cleanup_buf_ struct buf hint = BUF_INIT;

		if (!key_rows_are_known(argv[i]) && key_rows_hint(argv[i], &hint) == 0)
			failed += report_error(env, "trust.unknown-ring", "unknown key ring or list '%s'%s", argv[i],
					       buf_str(&hint));
	}
	if (failed)
		return STATUS_USAGE;
	if (key_rows_collect(ctx, argc, argv, &rows) < 0) {
		report_error(env, "cli.memory", "out of memory");
		return STATUS_UNKNOWN;
	}
	not_shown = tell_unreadable(env, ctx, argc, argv);
	if (fill(&g, &rows) < 0 || grid_print(env, &g, o, "keys") < 0) {
		report_error(env, "cli.memory", "out of memory");
		return STATUS_UNKNOWN;
	}
	return not_shown & UNREAD ? STATUS_UNKNOWN : not_shown ? STATUS_NO : STATUS_YES;
}

/* A ring that the table does not have, in the spelling of keyctl(1). */
static bool is_for_keyctl(const char *argument)
{
	return !key_rows_are_known(argument) && strchr("@%0123456789", *argument) && *argument;
}

static int status_of_ring(int r)
{
	return r == 0 ? STATUS_YES : r == -ENOKEY ? STATUS_NO : STATUS_UNKNOWN;
}

static int examine(struct env *env, const struct grid_options *o, int argc, char **argv)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	_cleanup_key_stores_ struct key_stores stores = { 0 };
	struct trust_context ctx = { .sys = &env->sys, .reading = &reading, .stores = &stores };

	if (argc > 0 && strcmp(argv[0], "list") == 0)
		return status_of_ring(list_like_keyctl(env, o->json, argv[1]));
	if (argc == 1 && is_for_keyctl(argv[0]))
		return status_of_ring(list_like_keyctl(env, o->json, argv[0]));
	if (machine_read(&env->sys, &reading) < 0 || key_stores_read(&env->sys, &stores) < 0) {
		report_error(env, "trust.state", "could not read the state of this machine");
		return STATUS_UNKNOWN;
	}
	ctx.machine = reading.machine;
	if (argc > 0 && strcmp(argv[0], "match") == 0)
		return match(env, &ctx, o->json, argc - 1, argv + 1);
	return show(env, &ctx, o, argc, argv);
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct grid_options *o = values;
	const struct grid g = GRID_INIT(columns);

	if (argc > 0 && argc != 2 && strcmp(argv[0], "list") == 0)
		report_error(env, "trust.operand", "list takes one key ring");
	else if (argc == 1 && strcmp(argv[0], "match") == 0)
		report_error(env, "trust.operand", "match takes modules; name one");
	else if (grid_check(env, &g, o) == 0) {
		display_page(env);
		return examine(env, o, argc, argv);
	}
	return STATUS_USAGE;
}

static int set(struct env *env, void *values, int id, const char *arg)
{
	return grid_set(env, values, id, arg) ? 0 : -EINVAL;
}

int cmd_keys(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] [RING|LIST...]", "[--json] list %:RING",
					     "[--json] match FILE...", NULL };
	static const struct cli_option options[] = { GRID_OPTIONS, CLI_VERBOSE, { 0 } };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Show the keys of the kernel's rings (.builtin_trusted_keys,\n"
			   ".secondary_trusted_keys, .machine, .platform, .blacklist), of the firmware (PK,\n"
			   "KEK, db, dbx) and of shim (MokListRT, MokListXRT, MokNew...). `list` prints a\n"
			   "ring as keyctl list does (%:NAME, %keyring:NAME, @s, @u, a number); `match`\n"
			   "finds the key of modules.",
		.options = options,
		.set = set,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = "Columns: ORIGIN SUBJECT KEY-ID SKID SERIAL ALGORITHM VALID MODULES.\n"
			  "KEY-ID is the beginning of SKID, the subject key id.\n\n" STATUS_HELP(
				  "done; with match: a ring has the key of each module",
				  "no such ring or list; with match: unsigned, revoked, or no ring has the key",
				  STATUS_ROW(3, "a ring, list or module could not be read or compared")),
	};
	struct grid_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
