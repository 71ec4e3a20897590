// SPDX-License-Identifier: MIT
#include "verb/trust/advice.h"
#include "face/kmodctl/trust_json.h"

#include <string.h>

#include "base/errname.h"
#include "base/hex.h"
#include "base/json.h"
#include "decide/verdict/table.h"
#include "face/common/answer.h"
#include "face/kmodctl/guard_rows.h"
#include "face/kmodctl/machine_rows.h"
#include "verb/trust/permission.h"

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

static void json_answer(struct json *j, const char *key, enum trust_answer answer)
{
	if (answer == TRUST_UNKNOWN)
		json_null(j, key);
	else
		json_bool(j, key, answer == TRUST_YES);
}

static void json_permission(struct json *j, const struct trust_context *ctx)
{
	struct permission p;

	permission_read(ctx, &p);
	json_object(j, "permission");
	json_answer(j, "may_load", p.may_load);
	json_str(j, "text", p.text);
	json_str(j, "fix", p.fix);
	json_end(j);
}

static void json_guards(struct json *j, const struct trust_context *ctx)
{
	struct guards all;

	guards_read(&ctx->sys->root, ctx->reading->release, &all);
	guard_rows_json(&all, j);
}

static void json_ring(struct json *j, const struct trust_context *ctx, enum trust_ring id)
{
	const struct ring *r = &ctx->stores->rings[id];
	const char *why;
	enum trust_answer asked = trust_ring_asked(&ctx->machine, id, &why);

	json_object(j, NULL);
	json_str(j, "name", trust_ring_name(id));
	json_answer(j, "asked", asked);
	json_str(j, "why", why);
	json_error(j, "error", r->error);
	json_array(j, "keys");
	for (size_t i = 0; i < r->n; i++) {
		struct ring_key_name n = ring_key_name(r->keys[i].description);
		_cleanup_buf_ struct buf key_id = BUF_INIT;

		json_object(j, NULL);
		json_int(j, "serial", r->keys[i].serial);
		json_str(j, "type", r->keys[i].type);
		json_strn(j, "name", n.name.p, n.name.n);
		hex_colons_of(n.id, &key_id);
		json_str(j, "id", n.id.n ? buf_str(&key_id) : NULL);
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
	if (v->id == TRUST_RULE_UNREAD)
		json_null(j, "errno");
	else
		json_int(j, "errno", v->error);
	json_str(j, "errno_name", v->error ? errname(v->error) : NULL);
	json_str(j, "taint", v->taint);
	json_uint(j, "tainted", v->tainted);
	json_str(j, "taint_perhaps", v->perhaps);
	json_str(j, "code", v->code);
	json_str(j, "rule", v->rule);
}

/* Of an unknown outcome: what was not read, and the answers that it leaves. */
static void json_unread(struct json *j, const struct trust_context *ctx, const struct module_reading *m)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const struct trust_verdict *v = &m->verdict;

	trust_unread_text(&ctx->machine, &m->module, v, &text);
	json_str(j, "unread", text.n ? buf_str(&text) : NULL);
	json_array(j, "possible");
	for (size_t i = 0; i < v->n_possible; i++) {
		const struct trust_possible *p = &v->possible[i];

		json_object(j, NULL);
		json_str(j, "outcome", trust_outcome_name(p->outcome));
		json_int(j, "errno", p->error);
		json_str(j, "errno_name", p->error ? errname(p->error) : NULL);
		json_str(j, "taint", p->taint);
		json_end(j);
	}
	json_end(j);
}

static void json_signers(struct json *j, const struct module_reading *m)
{
	json_array(j, "signers");
	for (size_t i = 0; i < m->n_signers; i++) {
		json_object(j, NULL);
		json_str(j, "signer", m->signers[i].name);
		json_str(j, "key_id", m->signers[i].key_id);
		json_end(j);
	}
	json_end(j);
}

static void json_module(struct json *j, const struct trust_context *ctx, const struct module_reading *m)
{
	static const char *const evidence[] = { "predicted", "ring-read", "kernel-asked" };
	_cleanup_buf_ struct buf cause = BUF_INIT, fix = BUF_INIT;
	bool parsed = m->siginfo.parsed;
	const char *command[ADVICE_WORDS];

	trust_cause(&ctx->machine, &m->module, &m->verdict, &cause);
	trust_fix(&ctx->machine, &m->module, &m->verdict, &fix);
	json_object(j, NULL);
	json_str(j, "file", m->path);
	json_bool(j, "signed", m->is_signed);
	json_bool(j, "stacked", m->is_stacked);
	json_str(j, "signature", trust_signature_name(m->module.signature));
	json_str(j, "signature_detail", m->detail[0] ? m->detail : NULL);
	json_str(j, "signer", parsed ? m->siginfo.signer : NULL);
	json_hex(j, "key_id", parsed ? m->siginfo.key_id : span_of(NULL, 0));
	json_str(j, "hash", parsed ? m->siginfo.hash : NULL);
	json_signers(j, m);
	json_str(j, "issuer", m->module.root);
	json_str(j, "other_key", m->module.other_key);
	json_str(j, "ring", m->module.ring == TRUST_RING_NONE ? NULL : trust_ring_name(m->module.ring));
	json_str(j, "store", m->store);
	json_verdict(j, &m->verdict);
	json_str(j, "cause", buf_str(&cause));
	json_str(j, "fix", fix.n ? buf_str(&fix) : NULL);
	json_argv(j, "fix_command", advice_command(ctx, m, command) == 0 && command[0] ? command : NULL);
	json_str(j, "evidence", evidence[m->evidence]);
	json_answer(j, "kernel_verified", m->kernel_verified);
	json_unread(j, ctx, m);
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

void trust_show_json(struct env *env, const struct trust_context *ctx, const struct readings *modules, bool table)
{
	struct json j;

	answer_open(env, &j);
	json_machine(&j, ctx);
	json_guards(&j, ctx);
	json_permission(&j, ctx);
	json_array(&j, "rings");
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		json_ring(&j, ctx, r);
	json_end(&j);
	json_array(&j, "modules");
	for (size_t i = 0; i < modules->n; i++)
		json_module(&j, ctx, &modules->items[i]);
	json_end(&j);
	json_array(&j, "missing");
	for (size_t i = 0; i < modules->missing.n; i++)
		json_str(&j, NULL, modules->missing.items[i]);
	json_end(&j);
	if (table)
		json_table(&j, &ctx->machine);
	else
		json_null(&j, "table");
	answer_close(env, &j);
}
