// SPDX-License-Identifier: MIT
#include "verb/trust/evidence.h"

#include <errno.h>

#include "verb/trust/keystore.h"
#include "verb/trust/module.h"

static const enum why_weight weights[] = {
	[TRUST_LOADS] = WHY_FACT,
	[TRUST_TAINTS] = WHY_NOTE,
	[TRUST_REFUSED] = WHY_OBSTACLE,
	[TRUST_UNDECIDED] = WHY_NOTE,
};

static int add_verdict(const struct trust_context *ctx, struct module_reading *m, struct why *found)
{
	_cleanup_buf_ struct buf cause = BUF_INIT, fix = BUF_INIT;
	struct trust_verdict v;
	int r;

	m->module.blacklisted = false;
	trust_judge(&ctx->machine, &m->module, &v);
	trust_cause(&ctx->machine, &m->module, &v, &cause);
	trust_fix(&ctx->machine, &m->module, &v, &fix);
	if (buf_error(&cause) || buf_error(&fix))
		return -ENOMEM;
	r = why_add(found, weights[v.outcome], WHY_SIGNATURE, NULL, "%s%s%s", trust_outcome_name(v.outcome),
		    cause.n ? ": " : "", buf_str(&cause));
	if (r < 0)
		return r;
	why_word(found, v.code);
	return fix.n ? why_fix(found, "%s", buf_str(&fix)) : 0;
}

int why_trust(struct sys *sys, const char *path, struct why *found)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	_cleanup_key_stores_ struct key_stores stores = { 0 };
	_cleanup_module_reading_ struct module_reading module = { 0 };
	struct trust_context ctx = { .sys = sys, .reading = &reading, .stores = &stores };
	int r = machine_read(sys, &reading);

	if (r >= 0)
		r = key_stores_read(sys, &stores);
	if (r < 0)
		return r;
	ctx.machine = reading.machine;
	ctx.machine.may_load.value = TRUST_YES;
	ctx.machine.modules_disabled.value = TRUST_NO;
	r = module_read(&ctx, path, &module);
	if (r < 0) /* the file was told to be damaged */
		return r == -ENOMEM ? r : 0;
	return add_verdict(&ctx, &module, found);
}
