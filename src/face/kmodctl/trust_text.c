// SPDX-License-Identifier: MIT
#include "face/kmodctl/trust_text.h"

#include <errno.h>
#include <string.h>

#include "base/hex.h"
#include "decide/verdict/table.h"
#include "face/common/say.h"
#include "face/common/table.h"
#include "face/kmodctl/brief.h"
#include "face/kmodctl/guard_rows.h"
#include "face/kmodctl/machine_rows.h"
#include "verb/trust/advice.h"
#include "verb/trust/module.h"
#include "verb/trust/permission.h"

/* ---- the machine ---- */

#define OPTIONS_WIDTH 56 /* of 80 columns */
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

static void print_machine(struct env *env, const struct trust_context *ctx)
{
	FILE *out = env->out;
	struct machine_row rows[MACHINE_ROWS];

	machine_rows(&ctx->machine, rows);
	say_look(env, LOOK_HEAD, "Machine%s", ctx->assumed ? " (partly assumed)" : "");
	fputc('\n', out);
	for (size_t i = 0; i < MACHINE_ROWS; i++)
		machine_row_print(&rows[i], out, NULL);
	say(out, "  %-20s %-10s %s\n", "kernel", trust_flavour_name(ctx->machine.flavour), ctx->machine.flavour_source);
	say(out, "  %-20s %-10s %s\n", "configuration", ctx->reading->config.error ? "unknown" : "read",
	    ctx->reading->config.error ? strerror(-ctx->reading->config.error) : ctx->reading->config.path);
	if (!ctx->reading->config.error) {
		print_options(out, &ctx->machine, KCONFIG_YES, "  set");
		print_options(out, &ctx->machine, KCONFIG_NO, "  not set");
	}
	if (ctx->machine.without_modules.value == TRUST_YES)
		fputs("  no support for loadable modules: only what is built in can be used\n", out);
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

/* As the kernel describes it, with the id in kmodctl's spelling. */
static void key_text(const char *description, struct buf *into)
{
	struct ring_key_name n = ring_key_name(description);

	buf_add(into, n.name.p, n.name.n);
	if (n.id.n)
		buf_adds(into, ": ");
	hex_colons_of(n.id, into);
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
	for (size_t i = 0; id != TRUST_RING_BLACKLIST && i < r->n; i++) {
		_cleanup_buf_ struct buf name = BUF_INIT;

		key_text(r->keys[i].description, &name);
		table_line(out, ring_key_columns,
			   (const struct table_cell[]){
				   { .text = buf_str(&name) },
				   { .text = strcmp(r->keys[i].type, "keyring") == 0 ? "ring" : NULL } },
			   ELEMENTSOF(ring_key_columns));
	}
}

/* ---- a module ---- */

static const char *evidence_text(enum trust_evidence e)
{
	static const char *const texts[] = { "predicted by the rules", "its ring was read", "asked the kernel" };

	return texts[e];
}

static enum look look_of(const struct trust_verdict *v)
{
	return v->outcome == TRUST_REFUSED   ? LOOK_BAD :
	       v->outcome == TRUST_UNDECIDED ? LOOK_WARN :
	       v->outcome == TRUST_TAINTS    ? LOOK_WARN :
					       LOOK_GOOD;
}

static void signature_text(const struct module_reading *m, struct buf *into)
{
	_cleanup_buf_ struct buf signers = BUF_INIT;

	module_signers_text(m, &signers);
	buf_adds(into, trust_signature_name(m->module.signature));
	if (m->siginfo.parsed)
		buf_addf(into, ", %s", m->siginfo.hash);
	if (signers.n)
		buf_addf(into, m->siginfo.parsed ? ", by %s" : " %s", buf_str(&signers));
	if (m->module.ring != TRUST_RING_NONE)
		buf_addf(into, ", key in %s", trust_ring_name(m->module.ring));
	if (m->store)
		buf_addf(into, " (from %s)", m->store);
}

/* "PATH: refused: EKEYREJECTED" */
static void answer_text(const struct trust_context *ctx, const struct module_reading *m, struct buf *into)
{
	buf_addf(into, "%s: ", m->path);
	trust_verdict_text(&ctx->machine, &m->module, &m->verdict, into);
}

static int add_details(struct brief *b, const struct module_reading *m)
{
	const struct trust_verdict *v = &m->verdict;
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = brief_add(b, BRIEF_REASON, LOOK_PLAIN, ' ', "rule", v->rule);

	buf_addf(&text, "%s%s [%s]", evidence_text(m->evidence),
		 m->kernel_verified == TRUST_UNKNOWN ? "" : "; the kernel checked the signature", v->code);
	return r < 0 ? r : brief_add(b, BRIEF_REASON, LOOK_PLAIN, ' ', "evidence", buf_str(&text));
}

/* Beside the answers about the files: may whoever asks load any of them? */
static int add_permission(struct brief *b, const struct trust_context *ctx)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct permission p;

	permission_read(ctx, &p);
	if (p.may_load == TRUST_YES)
		return 0;
	buf_addf(&text, p.fix ? "%s (%s)" : "%s", p.text, p.fix);
	return brief_add(b, BRIEF_REASON, LOOK_WARN, '*', "permission", buf_str(&text));
}

/* Nor is a signature all that decides where one of these is at work, or may be. IMA may be what the answer is about. */
static int add_guards(struct brief *b, const struct trust_context *ctx, const struct trust_verdict *v)
{
	struct guards all;
	int r = 0;

	guards_read(&ctx->sys->root, ctx->reading->release, &all);
	for (enum guard g = 0; g < GUARDS && r == 0; g++) {
		_cleanup_buf_ struct buf text = BUF_INIT;

		if (all.items[g].active == LOCK_NO || (g == GUARD_IMA && v->id == TRUST_RULE_APPRAISED))
			continue;
		guard_text(&all, g, &text);
		r = brief_add(b, BRIEF_REASON, LOOK_WARN, '*', "security", buf_str(&text));
	}
	return r;
}

/* The answer, its cause and what to do about it; then, if there is room, the rest. */
static int fill_block(struct brief *b, const struct trust_context *ctx, const struct module_reading *m,
		      const char *const *command, bool details)
{
	_cleanup_buf_ struct buf answer = BUF_INIT, cause = BUF_INIT, fix = BUF_INIT, signature = BUF_INIT;
	int r;

	answer_text(ctx, m, &answer);
	trust_cause(&ctx->machine, &m->module, &m->verdict, &cause);
	trust_fix(&ctx->machine, &m->module, &m->verdict, &fix);
	signature_text(m, &signature);
	r = brief_answer(b, look_of(&m->verdict), buf_str(&answer));
	if (r == 0)
		r = brief_add(b, BRIEF_ANSWER, LOOK_PLAIN, ' ', "cause", buf_str(&cause));
	if (r == 0 && fix.n)
		r = brief_add(b, BRIEF_ANSWER, LOOK_PLAIN, ' ', "fix", buf_str(&fix));
	if (r == 0 && command[0])
		r = brief_command(b, BRIEF_ANSWER, command);
	if (r == 0)
		r = brief_add(b, BRIEF_REASON, LOOK_PLAIN, ' ', "signature", buf_str(&signature));
	if (r == 0 && m->is_stacked)
		r = brief_add(b, BRIEF_REASON, LOOK_PLAIN, ' ', "signature", SIGNED_TWICE);
	return r == 0 && details ? add_details(b, m) : r;
}

int trust_print_module(struct env *env, const struct trust_context *ctx, const struct module_reading *m, bool is_last,
		       bool details)
{
	const char *command[ADVICE_WORDS] = { NULL };
	const char *const more[] = { "kmodctl", "trust", "-v", m->path, NULL };
	_cleanup_brief_ struct brief b = { .is_whole = details };
	int r = advice_command(ctx, m, command);

	if (r == 0)
		r = fill_block(&b, ctx, m, command, details);
	if (r == 0 && is_last)
		r = add_guards(&b, ctx, &m->verdict);
	if (r == 0 && is_last)
		r = add_permission(&b, ctx);
	return r < 0 ? r : brief_print(&b, env, more);
}

/* ---- the machine, as a whole ---- */

static void print_permission(struct env *env, const struct trust_context *ctx)
{
	struct permission p;

	permission_read(ctx, &p);
	if (p.may_load == TRUST_YES)
		return;
	say_look(env, LOOK_HEAD, "Permission%s", ctx->assumed ? " (partly assumed)" : "");
	say(env->out, "\n  %s\n", p.text);
	if (p.fix)
		say(env->out, "  fix        %s\n", p.fix);
}

static void print_guards(struct env *env, const struct trust_context *ctx)
{
	struct guards all;

	guards_read(&ctx->sys->root, ctx->reading->release, &all);
	guard_rows_print(&all, env);
}

void trust_print_machine(struct env *env, const struct trust_context *ctx, bool permission)
{
	print_machine(env, ctx);
	say_look(env, LOOK_HEAD, "Key rings");
	fputc('\n', env->out);
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		print_ring(env->out, ctx, r);
	print_guards(env, ctx);
	if (permission && ctx->machine.without_modules.value != TRUST_YES)
		print_permission(env, ctx);
}

/* ---- the truth table ---- */

static const char *given(bool is_given, const char *value)
{
	return is_given ? value : "-";
}

#define TABLE_FORMAT "%s %-17s %-12s %-13s %-10s "

void trust_print_table(struct env *env, const struct trust_machine *m)
{
	struct table_row rows[TABLE_ROWS];

	trust_table(m, rows);
	look(env, LOOK_HEAD);
	say(env->out, TABLE_FORMAT "OUTCOME\n", " ", "SIGNED BY", "SECURE BOOT", "SIG_ENFORCE=", "LOCKDOWN=");
	look(env, LOOK_PLAIN);
	for (size_t i = 0; i < TABLE_ROWS; i++) {
		const struct table_row *r = &rows[i];
		_cleanup_buf_ struct buf answer = BUF_INIT;

		if (r->verdict.outcome == TRUST_TAINTS)
			buf_addf(&answer, "loads, taint %s", r->verdict.taint);
		else
			trust_possible_text(&r->verdict, &answer);
		say(env->out, TABLE_FORMAT, r->here ? ">" : " ", table_signature_name(r->signature),
		    r->secure_boot ? "on" : "off", given(r->sig_enforce, "1"), given(r->lockdown, "integrity"));
		say_look(env, look_of(&r->verdict), "%s", buf_str(&answer));
		fputc('\n', env->out);
	}
	fputs("SIG_ENFORCE= and LOCKDOWN= are the options module.sig_enforce= and lockdown= of\n"
	      "the kernel command line; -: not given. >: the state that this machine is in now,\n"
	      "whichever options brought it there.\n",
	      env->out);
}
