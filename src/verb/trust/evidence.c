// SPDX-License-Identifier: MIT
#include "verb/trust/evidence.h"

#include <errno.h>

#include "verb/trust/advice.h"
#include "verb/trust/keystore.h"
#include "verb/trust/module.h"
#include "verb/why/signature.h"

/* Worth knowing where the other one might have helped. */
static int tell_stacked(const struct module_reading *m, struct why *found)
{
	bool helps = m->verdict.outcome != TRUST_LOADS && trust_is_about_signature(&m->verdict);

	return m->is_stacked ? why_add(found, helps ? WHY_NOTE : WHY_FACT, WHY_SIGNED_TWICE, NULL, SIGNED_TWICE) : 0;
}

int why_trust(struct sys *sys, const char *path, struct why *found)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	_cleanup_key_stores_ struct key_stores stores = { 0 };
	_cleanup_module_reading_ struct module_reading module = { 0 };
	struct trust_context ctx = { .sys = sys, .reading = &reading, .stores = &stores };
	const char *command[ADVICE_WORDS];
	size_t n = found->n;
	int r = machine_read(sys, &reading);

	if (r >= 0)
		r = key_stores_read(sys, &stores);
	if (r < 0)
		return r;
	ctx.machine = signature_machine(&reading);
	key_stores_prove(&stores, &ctx.machine);
	r = module_read(&ctx, path, &module);
	if (r < 0) /* why_file() has reported it */
		return r == -ENOMEM ? r : 0;
	module.module.blacklisted = false;
	trust_judge(&ctx.machine, &module.module, &module.verdict);
	r = signature_add(found, &ctx.machine, &module.module, &module.verdict);
	if (r < 0 || found->n == n)
		return r;
	r = advice_command(&ctx, &module, command);
	if (r >= 0 && command[0])
		r = why_command_argv(found, command);
	return r < 0 ? r : tell_stacked(&module, found);
}
