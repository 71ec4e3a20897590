// SPDX-License-Identifier: MIT
/* kmodctl trust: would this kernel accept these modules, by which key; if not, by which rule, and what to do. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/errname.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/modname.h"
#include "face/common/say.h"
#include "read/index/catalog.h"
#include "read/index/similar.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/machine_rows.h"
#include "face/common/report.h"
#include "face/common/table.h"
#include "verb/trust/module.h"
#include "decide/verdict/table.h"
#include "system/release.h"

struct trust_options {
	const char *assume;
	bool json, table, force;
};

enum { OPT_ASSUME = CLI_LONG, OPT_JSON, OPT_TABLE };

static const struct cli_option options[] = {
	{ OPT_ASSUME, "assume", "LIST",
	  "assume a state: a list, with commas, of secure-boot=on|off, sig_enforce=0|1, lockdown=LEVEL ...", NULL, 0 },
	{ 'f', "force", NULL, "assume modprobe --force", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	{ OPT_TABLE, "table", NULL, "print the truth table of this kernel", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static int set(struct env *env, void *values, int id, const char *arg)
{
	struct trust_options *o = values;

	(void)env;
	if (id == OPT_ASSUME)
		o->assume = arg;
	else if (id == OPT_JSON)
		o->json = true;
	else if (id == OPT_TABLE)
		o->table = true;
	else
		o->force = true;
	return 0;
}

/* ---- names ---- */

static bool is_path(const char *argument)
{
	return strchr(argument, '/') || strstr(argument, ".ko");
}

/* The path of a module by name, as modules.dep has it. Reports. */
static int path_of(struct env *env, const struct catalog *c, const char *argument, char **ret)
{
	char name[MODNAME_MAX] = "";
	const char *line = NULL;
	_cleanup_buf_ struct buf hint = BUF_INIT;

	if (is_path(argument)) {
		*ret = strdup(argument);
		return *ret ? 0 : -ENOMEM;
	}
	if (modname_normalize(argument, name) == 0 && c)
		line = catalog_dep_line(c, name);
	if (line)
		return catalog_join(c, line, strcspn(line, ":"), ret);
	if (c && catalog_is_builtin(c, name))
		report_error(env, "trust.builtin", "%s is built into the kernel: there is nothing to load", argument);
	else if (similar_hint(c, argument, &hint) >= 0)
		report_error(env, "trust.no-module", "%s: no such module is installed%s", argument, buf_str(&hint));
	return -ENOENT;
}

/* ---- text ---- */

#define OPTIONS_WIDTH 90
#define TITLE_WIDTH 22

/* The options of the kernel that are in that state, as many on a line as fit. */
static void print_options(FILE *out, const struct trust_machine *m, enum kconfig_value value, const char *title)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "  %-20s", title);
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++) {
		if (m->config[o] != value)
			continue;
		if (line.n > OPTIONS_WIDTH + TITLE_WIDTH - strlen(kconfig_name(o))) {
			say(out, "%s\n", buf_str(&line));
			buf_clear(&line);
			buf_addf(&line, "  %-20s", "");
		}
		buf_addf(&line, " %s", kconfig_name(o));
	}
	say(out, "%s\n", buf_str(&line));
}

static void print_machine(FILE *out, const struct trust_context *ctx)
{
	struct machine_row rows[MACHINE_ROWS];

	machine_rows(&ctx->machine, rows);
	say(out, "Machine%s\n", ctx->assumed ? " (partly assumed)" : "");
	for (size_t i = 0; i < MACHINE_ROWS; i++)
		machine_row_print(&rows[i], out, NULL);
	say(out, "  %-20s %-10s %s\n", "kernel", trust_flavour_name(ctx->machine.flavour), ctx->machine.flavour_source);
	say(out, "  %-20s %-10s %s\n", "configuration", ctx->reading->config.error ? "unknown" : "read",
	    ctx->reading->config.error ? strerror(-ctx->reading->config.error) : ctx->reading->config.path);
	if (!ctx->reading->config.error) {
		print_options(out, &ctx->machine, KCONFIG_YES, "  set");
		print_options(out, &ctx->machine, KCONFIG_NO, "  not set");
	}
	if (ctx->machine.efi.value == TRUST_NO)
		fputs("  no UEFI: this machine has no MOK; keys must be built into the kernel\n", out);
}

/* Of the text only: in JSON a ring holds the list of its keys, which are objects themselves. */
static const struct table_column ring_columns[] = {
	{ .before = "  ", .width = 24, .after = " " }, /* name */
	{ .before = NULL },                            /* how many keys, or why it could not be read */
	{ .before = ", " },                            /* asked or not */
	{ .before = ": " },                            /* why */
};
static const struct table_column ring_key_columns[] = {
	{ .before = "    " },
	{ .before = " (", .after = ")" },
};

static void ring_count(const struct ring *r, struct buf *into)
{
	if (r->error == -ENOKEY)
		buf_adds(into, "not there");
	else if (r->error)
		buf_addf(into, "could not read: %s", strerror(-r->error));
	else
		buf_addf(into, "%zu %s", r->n, r->n == 1 ? "key" : "keys");
}

static void print_ring(FILE *out, const struct trust_context *ctx, enum trust_ring id)
{
	const struct ring *r = &ctx->stores->rings[id];
	_cleanup_buf_ struct buf count = BUF_INIT;
	const char *why;
	bool used = trust_ring_is_used(&ctx->machine, id, &why);

	ring_count(r, &count);
	table_line(out, ring_columns,
		   (const struct table_cell[]){ { .text = trust_ring_name(id) },
						{ .text = buf_str(&count) },
						{ .text = r->error ? NULL :
							  used     ? "asked" :
								     "not asked" },
						{ .text = r->error ? NULL : why } },
		   ELEMENTSOF(ring_columns));
	for (size_t i = 0; id != TRUST_RING_BLACKLIST && i < r->n; i++)
		table_line(out, ring_key_columns,
			   (const struct table_cell[]){
				   { .text = r->keys[i].description },
				   { .text = strcmp(r->keys[i].type, "keyring") == 0 ? "ring" : NULL } },
			   ELEMENTSOF(ring_key_columns));
}

static const char *evidence_text(enum trust_evidence e)
{
	static const char *const texts[] = { "predicted by the rules", "its ring was read", "asked the kernel" };

	return texts[e];
}

static void print_module(FILE *out, const struct trust_context *ctx, const struct module_reading *m)
{
	const struct trust_verdict *v = &m->verdict;
	_cleanup_buf_ struct buf text = BUF_INIT;

	say(out, "%s\n", m->path);
	say(out, "  signature  %s", trust_signature_name(m->module.signature));
	if (m->siginfo.parsed) {
		hex_colons(m->siginfo.key_id, 0, &text);
		say(out, ", %s, by \"%s\" %s", m->siginfo.hash, m->siginfo.signer, buf_str(&text));
	}
	if (m->module.ring != TRUST_RING_NONE)
		say(out, ", key in %s", trust_ring_name(m->module.ring));
	if (m->store)
		say(out, " (from %s)", m->store);
	buf_clear(&text);
	trust_cause(&ctx->machine, &m->module, v, &text);
	say(out, "\n  verdict    ");
	if (v->outcome == TRUST_REFUSED)
		say(out, "refused: %s", errname(v->error));
	else if (v->outcome == TRUST_TAINTS)
		say(out, "loads, taints the kernel: %s", v->taint);
	else
		fputs("loads", out);
	say(out, " [%s; %s%s]\n  cause      %s\n  rule       %s\n", v->code, evidence_text(m->evidence),
	    m->kernel_verified == TRUST_UNKNOWN ? "" : "; the kernel checked the signature", buf_str(&text), v->rule);
	buf_clear(&text);
	trust_fix(&ctx->machine, &m->module, v, &text);
	if (text.n)
		say(out, "  fix        %s\n", buf_str(&text));
}

static const char *on_off(bool b)
{
	return b ? "on" : "off";
}

static void print_table(FILE *out, const struct trust_machine *m)
{
	struct table_row rows[TABLE_ROWS];

	trust_table(m, rows);
	say(out, "  %-18s %-11s %-11s %-18s %s\n", "signed by", "Secure Boot", "sig_enforce", "lockdown=integrity",
	    "outcome");
	for (size_t i = 0; i < TABLE_ROWS; i++) {
		const struct table_row *r = &rows[i];

		say(out, "%c %-18s %-11s %-11s %-18s ", r->here ? '>' : ' ', table_signature_name(r->signature),
		    on_off(r->secure_boot), on_off(r->sig_enforce), on_off(r->lockdown));
		if (r->verdict.outcome == TRUST_REFUSED)
			say(out, "refused: %s\n", errname(r->verdict.error));
		else
			say(out, "%s%s\n", r->verdict.taint[0] ? "loads, taint " : "loads", r->verdict.taint);
	}
	fputs("(> this machine as it is now)\n", out);
}

/* ---- JSON ---- */

static void json_error(struct json *j, const char *key, int error)
{
	json_str(j, key, error ? strerror(error < 0 ? -error : error) : NULL);
}

static void json_options(struct json *j, const struct trust_machine *m)
{
	json_object(j, "options");
	for (enum kconfig_option o = 0; o < KCONFIG_N; o++) {
		if (m->config[o] == KCONFIG_UNKNOWN)
			json_null(j, kconfig_name(o));
		else
			json_bool(j, kconfig_name(o), m->config[o] == KCONFIG_YES);
	}
	json_end(j);
}

static void json_machine(struct json *j, const struct trust_context *ctx)
{
	struct machine_row rows[MACHINE_ROWS];

	machine_rows(&ctx->machine, rows);
	json_object(j, "machine");
	json_str(j, "release", ctx->reading->release);
	json_str(j, "flavour", trust_flavour_name(ctx->machine.flavour));
	json_str(j, "flavour_source", ctx->machine.flavour_source);
	json_str(j, "config", ctx->reading->config.error ? NULL : ctx->reading->config.path);
	json_options(j, &ctx->machine);
	json_bool(j, "assumed", ctx->assumed);
	json_object(j, "state");
	for (size_t i = 0; i < MACHINE_ROWS; i++)
		machine_row_print(&rows[i], NULL, j);
	json_end(j);
	json_end(j);
}

static void json_ring(struct json *j, const struct trust_context *ctx, enum trust_ring id)
{
	const struct ring *r = &ctx->stores->rings[id];
	const char *why;
	bool used = trust_ring_is_used(&ctx->machine, id, &why);

	json_object(j, NULL);
	json_str(j, "name", trust_ring_name(id));
	json_bool(j, "asked", used);
	json_str(j, "why", why);
	json_error(j, "error", r->error);
	json_array(j, "keys");
	for (size_t i = 0; i < r->n; i++) {
		struct ring_key_name n = ring_key_name(r->keys[i].description);

		json_object(j, NULL);
		json_int(j, "serial", r->keys[i].serial);
		json_str(j, "type", r->keys[i].type);
		json_strn(j, "name", n.name.p, n.name.n);
		if (n.id.n)
			json_strn(j, "id", n.id.p, n.id.n);
		else
			json_null(j, "id");
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

static void json_hex(struct json *j, const char *key, struct span bytes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	hex_colons(bytes, 0, &text);
	json_str(j, key, bytes.n ? buf_str(&text) : NULL);
}

static void json_verdict(struct json *j, const struct trust_verdict *v)
{
	json_str(j, "outcome", trust_outcome_name(v->outcome));
	json_int(j, "errno", v->error);
	json_str(j, "errno_name", v->error ? errname(v->error) : NULL);
	json_str(j, "taint", v->taint);
	json_uint(j, "tainted", v->tainted);
	json_str(j, "code", v->code);
	json_str(j, "rule", v->rule);
}

static void json_module(struct json *j, const struct trust_context *ctx, const struct module_reading *m)
{
	static const char *const evidence[] = { "predicted", "ring-read", "kernel-asked" };
	_cleanup_buf_ struct buf cause = BUF_INIT, fix = BUF_INIT;
	bool parsed = m->siginfo.parsed;

	trust_cause(&ctx->machine, &m->module, &m->verdict, &cause);
	trust_fix(&ctx->machine, &m->module, &m->verdict, &fix);
	json_object(j, NULL);
	json_str(j, "file", m->path);
	json_bool(j, "signed", m->is_signed);
	json_str(j, "signature", trust_signature_name(m->module.signature));
	json_str(j, "signature_detail", m->detail[0] ? m->detail : NULL);
	json_str(j, "signer", parsed ? m->siginfo.signer : NULL);
	json_hex(j, "key_id", parsed ? m->siginfo.key_id : span_of(NULL, 0));
	json_str(j, "hash", parsed ? m->siginfo.hash : NULL);
	json_str(j, "ring", m->module.ring == TRUST_RING_NONE ? NULL : trust_ring_name(m->module.ring));
	json_str(j, "store", m->store);
	json_verdict(j, &m->verdict);
	json_str(j, "cause", buf_str(&cause));
	json_str(j, "fix", fix.n ? buf_str(&fix) : NULL);
	json_str(j, "evidence", evidence[m->evidence]);
	if (m->kernel_verified == TRUST_UNKNOWN)
		json_null(j, "kernel_verified");
	else
		json_bool(j, "kernel_verified", m->kernel_verified == TRUST_YES);
	json_end(j);
}

static void json_table(struct json *j, const struct trust_machine *m)
{
	struct table_row rows[TABLE_ROWS];

	trust_table(m, rows);
	json_array(j, "table");
	for (size_t i = 0; i < TABLE_ROWS; i++) {
		json_object(j, NULL);
		json_str(j, "signed_by", table_signature_name(rows[i].signature));
		json_bool(j, "secure_boot", rows[i].secure_boot);
		json_bool(j, "sig_enforce", rows[i].sig_enforce);
		json_bool(j, "lockdown", rows[i].lockdown);
		json_bool(j, "here", rows[i].here);
		json_verdict(j, &rows[i].verdict);
		json_end(j);
	}
	json_end(j);
}

/* ---- the command ---- */

struct readings {
	struct module_reading *items;
	size_t n;
};

static void readings_done(struct readings *r)
{
	for (size_t i = 0; i < r->n; i++)
		module_reading_done(&r->items[i]);
	free(r->items);
}

/* All operands; what cannot be read is reported and left out. Returns how many were left out, or -ENOMEM. */
static int read_modules(struct env *env, struct trust_context *ctx, int argc, char **argv, struct readings *into)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	int failed = 0;

	into->items = calloc((size_t)argc + 1, sizeof(*into->items));
	if (!into->items)
		return -ENOMEM;
	if (system_open_catalog(ctx->sys, NULL, ctx->reading->release, &ctx->sys->diag, &catalog) < 0)
		catalog = NULL;
	for (int i = 0; i < argc; i++) {
		_cleanup_free_ char *path = NULL;

		if (path_of(env, catalog, argv[i], &path) < 0 || module_read(ctx, path, &into->items[into->n]) < 0)
			failed++;
		else
			into->n++;
	}
	return failed;
}

static void show_text(struct env *env, struct trust_context *ctx, const struct trust_options *o,
		      const struct readings *modules)
{
	FILE *out = env->out;

	print_machine(out, ctx);
	fputs("Key rings\n", out);
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		print_ring(out, ctx, r);
	if (o->table)
		print_table(out, &ctx->machine);
	for (size_t i = 0; i < modules->n; i++)
		print_module(out, ctx, &modules->items[i]);
}

static void show_json(struct env *env, struct trust_context *ctx, const struct trust_options *o,
		      const struct readings *modules)
{
	struct json j;

	answer_open(env, &j);
	json_machine(&j, ctx);
	json_array(&j, "rings");
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		json_ring(&j, ctx, r);
	json_end(&j);
	json_array(&j, "modules");
	for (size_t i = 0; i < modules->n; i++)
		json_module(&j, ctx, &modules->items[i]);
	json_end(&j);
	if (o->table)
		json_table(&j, &ctx->machine);
	else
		json_null(&j, "table");
	answer_close(env, &j);
}

/* 0: all of them load; 1: one is refused, or something could not be read. */
static int status_of(const struct readings *modules, int failed)
{
	for (size_t i = 0; i < modules->n; i++)
		if (modules->items[i].verdict.outcome == TRUST_REFUSED)
			return 1;
	return failed != 0;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct trust_options *o = values;
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	_cleanup_key_stores_ struct key_stores stores = { 0 };
	_cleanup_(readings_done) struct readings modules = { 0 };
	struct trust_context ctx = { .sys = &env->sys,
				     .reading = &reading,
				     .stores = &stores,
				     .forced = o->force,
				     .assumed = o->assume != NULL };
	int failed;

	command_confine(env, CONFINE_KEEP_KEYS);
	if (machine_read(&env->sys, &reading) < 0 || key_stores_read(&env->sys, &stores) < 0) {
		report_error(env, "trust.state", "could not read the state of this machine");
		return 1;
	}
	ctx.machine = reading.machine;
	if (o->assume && trust_machine_assume(&ctx.machine, o->assume, &env->sys.diag) < 0)
		return 1;
	failed = read_modules(env, &ctx, argc, argv, &modules);
	if (o->json)
		show_json(env, &ctx, o, &modules);
	else
		show_text(env, &ctx, o, &modules);
	return status_of(&modules, failed);
}

int cmd_trust(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] [MODULE|FILE...]", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Predict whether this kernel accepts these modules. Show Secure Boot, lockdown\n"
			   "and key rings, and for each module its signature, the verdict, the rule, and\n"
			   "what to do. Nothing is loaded.\n"
			   "Exit status 1: a module would be refused, or something could not be read.",
		.options = options,
		.set = set,
		.run = run,
	};
	struct trust_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
