// SPDX-License-Identifier: MIT
/* kmodctl trust: would this kernel accept these modules, by which key; if not, by which rule, and what to do. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "base/modname.h"
#include "face/common/say.h"
#include "read/index/catalog.h"
#include "read/index/similar.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/machine_rows.h"
#include "face/kmodctl/trust_json.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"
#include "face/common/table.h"
#include "verb/trust/advice.h"
#include "verb/trust/module.h"
#include "verb/trust/permission.h"
#include "decide/verdict/table.h"
#include "system/release.h"

struct trust_options {
	const char *assume;
	bool json, table, force;
};

enum { OPT_ASSUME = CLI_LONG, OPT_JSON, OPT_TABLE };

static const struct cli_option options[] = {
	{ OPT_ASSUME, "assume", "LIST",
	  "assume a state: a list, with commas, of secure-boot=on|off, sig_enforce=0|1, lockdown=LEVEL, "
	  "platform=asked|not-asked, may-load=yes|no ...",
	  NULL, 0 },
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

static void ring_count(const struct ring *r, bool shown, struct buf *into)
{
	if (r->error == -ENOKEY)
		buf_adds(into, shown ? "not there" : "not shown by /proc/keys");
	else if (r->error)
		buf_addf(into, "could not read: %s", strerror(-r->error));
	else
		buf_addf(into, "%zu %s", r->n, r->n == 1 ? "key" : "keys");
}

static const char *asked_text(enum trust_answer asked)
{
	return asked == TRUST_UNKNOWN ? "asked or not" : asked == TRUST_YES ? "asked" : "not asked";
}

static void print_ring(FILE *out, const struct trust_context *ctx, enum trust_ring id)
{
	const struct ring *r = &ctx->stores->rings[id];
	_cleanup_buf_ struct buf count = BUF_INIT;
	const char *why;
	enum trust_answer asked = trust_ring_asked(&ctx->machine, id, &why);

	ring_count(r, key_stores_show_rings(ctx->stores), &count);
	table_line(out, ring_columns,
		   (const struct table_cell[]){ { .text = trust_ring_name(id) },
						{ .text = buf_str(&count) },
						{ .text = r->error ? NULL : asked_text(asked) },
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
	const char *command[ADVICE_WORDS];
	const struct trust_verdict *v = &m->verdict;
	_cleanup_buf_ struct buf text = BUF_INIT, answer = BUF_INIT;

	say(out, "%s\n", m->path);
	say(out, "  signature  %s", trust_signature_name(m->module.signature));
	if (m->siginfo.parsed)
		say(out, ", %s, by ", m->siginfo.hash);
	module_signers_text(m, &text);
	say(out, "%s", buf_str(&text));
	if (m->module.ring != TRUST_RING_NONE)
		say(out, ", key in %s", trust_ring_name(m->module.ring));
	if (m->store)
		say(out, " (from %s)", m->store);
	buf_clear(&text);
	trust_cause(&ctx->machine, &m->module, v, &text);
	trust_verdict_text(&ctx->machine, &m->module, v, &answer);
	say(out, "\n  verdict    %s [%s; %s%s]\n  cause      %s\n  rule       %s\n", buf_str(&answer), v->code,
	    evidence_text(m->evidence), m->kernel_verified == TRUST_UNKNOWN ? "" : "; the kernel checked the signature",
	    buf_str(&text), v->rule);
	buf_clear(&text);
	trust_fix(&ctx->machine, &m->module, v, &text);
	if (text.n)
		say(out, "  fix        %s\n", buf_str(&text));
	if (advice_command(ctx, m, command) == 0 && command[0])
		say_command(out, "             ", command);
}

/* Beside the answers about the files: may whoever asks load any of them? */
static void print_permission(FILE *out, const struct trust_context *ctx)
{
	struct permission p;

	permission_read(ctx, &p);
	if (p.may_load == TRUST_YES)
		return;
	say(out, "Permission%s\n  %s\n", ctx->assumed ? " (partly assumed)" : "", p.text);
	if (p.fix)
		say(out, "  fix        %s\n", p.fix);
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
		_cleanup_buf_ struct buf answer = BUF_INIT;

		if (r->verdict.outcome == TRUST_TAINTS)
			buf_addf(&answer, "loads, taint %s", r->verdict.taint);
		else
			trust_possible_text(&r->verdict, &answer);
		say(out, "%c %-18s %-11s %-11s %-18s %s\n", r->here ? '>' : ' ', table_signature_name(r->signature),
		    on_off(r->secure_boot), on_off(r->sig_enforce), on_off(r->lockdown), buf_str(&answer));
	}
	fputs("(> this machine as it is now)\n", out);
}

/* ---- the command ---- */

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
	print_permission(out, ctx);
}

/* One that is refused decides, then one that could not be read or found out. */
static int status_of(const struct readings *modules, int failed)
{
	int status = failed ? STATUS_UNKNOWN : STATUS_YES;

	for (size_t i = 0; i < modules->n; i++) {
		enum trust_outcome o = modules->items[i].verdict.outcome;

		if (o == TRUST_REFUSED)
			return STATUS_NO;
		if (o == TRUST_UNDECIDED)
			status = STATUS_UNKNOWN;
	}
	return status;
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
		return STATUS_UNKNOWN;
	}
	ctx.machine = reading.machine;
	key_stores_prove(&stores, &ctx.machine);
	if (o->assume && trust_machine_assume(&ctx.machine, o->assume, &env->sys.diag) < 0)
		return STATUS_USAGE;
	failed = read_modules(env, &ctx, argc, argv, &modules);
	if (o->json)
		trust_show_json(env, &ctx, &modules, o->table);
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
			   "what to do. Nothing is loaded.",
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("all load", "a module is refused",
				      STATUS_ROW(3, "of a module it could not be found out, or it is not there")),
		.options = options,
		.set = set,
		.run = run,
	};
	struct trust_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
