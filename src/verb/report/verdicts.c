// SPDX-License-Identifier: MIT
#include "verb/report/verdicts.h"

#include <errno.h>

#include "base/oom.h"

int verdicts_open(struct sys *sys, const struct machine_reading *machine, struct verdicts *ret)
{
	int r;

	*ret = (struct verdicts){ 0 };
	ret->context = (struct trust_context){
		.sys = sys,
		.reading = machine,
		.machine = machine->machine,
		.stores = &ret->stores,
	};
	r = key_stores_read(sys, &ret->stores);
	if (r == 0)
		key_stores_prove(&ret->stores, &ret->context.machine);
	return r;
}

void verdicts_done(struct verdicts *v)
{
	key_stores_done(&v->stores);
}

/* "" becomes NULL. */
static int keep(struct arena *strings, const struct buf *text, const char **ret)
{
	if (buf_error(text) < 0)
		return buf_error(text);
	*ret = text->n ? arena_str(strings, buf_str(text)) : NULL;
	return text->n && !*ret ? -ENOMEM : 0;
}

static int keep_texts(const struct trust_machine *machine, const struct module_reading *m, struct arena *strings,
		      struct module_verdict *ret)
{
	_cleanup_buf_ struct buf signers = BUF_INIT, answer = BUF_INIT, cause = BUF_INIT, fix = BUF_INIT;
	int r;

	module_signers_text(m, &signers);
	trust_verdict_text(machine, &m->module, &m->verdict, &answer);
	trust_cause(machine, &m->module, &m->verdict, &cause);
	trust_fix(machine, &m->module, &m->verdict, &fix);
	r = keep(strings, &signers, &ret->signers);
	if (r == 0)
		r = keep(strings, &answer, &ret->answer);
	if (r == 0)
		r = keep(strings, &cause, &ret->cause);
	return r == 0 ? keep(strings, &fix, &ret->fix) : r;
}

int verdicts_judge(struct verdicts *v, const char *path, struct arena *strings, struct module_verdict *ret)
{
	struct module_reading m;
	int r;

	*ret = (struct module_verdict){ .error = path ? module_read(&v->context, path, &m) : -ENOENT };
	if (ret->error < 0)
		return only_oom(ret->error);
	ret->signature = m.module.signature;
	ret->verdict = m.verdict;
	r = keep_texts(&v->context.machine, &m, strings, ret);
	module_reading_done(&m);
	return r;
}
