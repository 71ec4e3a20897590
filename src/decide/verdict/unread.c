// SPDX-License-Identifier: MIT
/* The verdict when facts are unknown: judges with each of their values, and says what was not read. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errname.h"
#include "decide/verdict/verdict.h"

#ifndef KMODCTL_SMALL

/* ---- the machines that it may be ---- */

/* Two values of seven facts, and the states of the signature. */
#define WORLDS_MAX (128 * TRUST_SIGS)

struct worlds {
	const struct trust_machine *machine;
	const struct trust_module *module;
	enum trust_signature signatures[TRUST_SIGS];
	unsigned values[TRUST_UNREADS]; /* how many each fact may have */
	unsigned n;
};

/* Where the fact is in struct trust_machine; of lockdown, where its source is. */
static const size_t offsets[] = {
	[TRUST_UNREAD_SUPPORT] = offsetof(struct trust_machine, without_modules),
	[TRUST_UNREAD_DISABLED] = offsetof(struct trust_machine, modules_disabled),
	[TRUST_UNREAD_CHECKED] = offsetof(struct trust_machine, sig_checked),
	[TRUST_UNREAD_APPRAISED] = offsetof(struct trust_machine, appraised),
	[TRUST_UNREAD_ENFORCE] = offsetof(struct trust_machine, sig_enforce),
	[TRUST_UNREAD_DENIED] = offsetof(struct trust_machine, denied),
	[TRUST_UNREAD_LOCKDOWN] = offsetof(struct trust_machine, lockdown_source),
};

static const struct trust_fact *read_fact(const struct trust_machine *m, enum trust_unread fact)
{
	return (const struct trust_fact *)((const char *)m + offsets[fact]);
}

static void set_fact(struct trust_machine *m, enum trust_unread fact, enum trust_answer value)
{
	((struct trust_fact *)((char *)m + offsets[fact]))->value = value;
}

static unsigned add_signatures(struct worlds *w)
{
	unsigned n = 0;

	w->signatures[n++] = w->module->signature;
	for (enum trust_signature s = 0; s < TRUST_SIGS; s++)
		if (s != w->module->signature && w->module->maybe & 1u << s)
			w->signatures[n++] = s;
	return n;
}

/* Whether IMA refuses the file: of a kernel that checks appended signatures, that is not asked. */
static bool may_be_appraised(const struct trust_machine *m, const struct trust_module *mod)
{
	if (m->sig_checked.value == TRUST_YES)
		return false;
	return m->appraised.value == TRUST_UNKNOWN || (m->appraised.value == TRUST_YES && mod->ima_signed);
}

static void worlds_of(const struct trust_machine *m, const struct trust_module *mod, struct worlds *ret)
{
	*ret = (struct worlds){ .machine = m, .module = mod, .n = 1 };
	for (enum trust_unread f = 0; f < TRUST_UNREAD_LOCKDOWN; f++)
		ret->values[f] = read_fact(m, f)->value == TRUST_UNKNOWN ? 2 : 1;
	ret->values[TRUST_UNREAD_APPRAISED] = may_be_appraised(m, mod) ? 2 : 1;
	ret->values[TRUST_UNREAD_LOCKDOWN] = m->lockdown == LOCKDOWN_UNKNOWN ? 2 : 1;
	ret->values[TRUST_UNREAD_SIGNATURE] = add_signatures(ret);
	for (enum trust_unread f = 0; f < TRUST_UNREADS; f++)
		ret->n *= ret->values[f];
}

/* The first world is the one in which no unread fact stands in the way. */
static void judge_world(const struct worlds *w, unsigned number, struct trust_verdict *ret)
{
	struct trust_machine m = *w->machine;
	struct trust_module mod = *w->module;

	for (enum trust_unread f = 0; f < TRUST_UNREADS; f++) {
		unsigned digit = number % w->values[f];

		number /= w->values[f];
		if (f == TRUST_UNREAD_SIGNATURE)
			mod.signature = w->signatures[digit];
		else if (w->values[f] == 1)
			continue;
		else if (f == TRUST_UNREAD_LOCKDOWN)
			m.lockdown = digit ? LOCKDOWN_INTEGRITY : LOCKDOWN_NONE;
		else if (f == TRUST_UNREAD_CHECKED)
			set_fact(&m, f, digit ? TRUST_NO : TRUST_YES);
		else
			set_fact(&m, f, digit ? TRUST_YES : TRUST_NO);
	}
	mod.ima_signed = false; /* what it is worth is the fact's value */
	trust_judge_known(&m, &mod, ret);
}

/* ---- do they agree? ---- */

static bool same(const struct trust_possible *a, const struct trust_possible *b)
{
	return a->outcome == b->outcome && a->error == b->error;
}

static void add_possible(struct trust_verdict *v, const struct trust_possible *p)
{
	for (size_t i = 0; i < v->n_possible; i++)
		if (same(&v->possible[i], p) && strcmp(v->possible[i].taint, p->taint) == 0)
			return;
	if (v->n_possible < TRUST_POSSIBLE_MAX)
		v->possible[v->n_possible++] = *p;
}

/* Does the fact alone change an answer? */
static bool decides(const struct worlds *w, const struct trust_possible *answers, enum trust_unread fact)
{
	unsigned step = 1;

	for (enum trust_unread f = 0; f < fact; f++)
		step *= w->values[f];
	for (unsigned i = 0; i < w->n; i++)
		if (i / step % w->values[fact] && !same(&answers[i], &answers[i - step]))
			return true;
	return false;
}

static void set_undecided(const struct worlds *w, const struct trust_possible *answers, struct trust_verdict *ret)
{
	*ret = (struct trust_verdict){ .outcome = TRUST_REFUSED };
	trust_verdict_set_rule(ret, TRUST_RULE_UNREAD);
	for (enum trust_unread f = 0; f < TRUST_UNREADS; f++)
		ret->unread |= decides(w, answers, f) ? 1u << f : 0;
	for (unsigned i = 0; i < w->n; i++) {
		add_possible(ret, &answers[i]);
		if (answers[i].outcome != TRUST_REFUSED)
			ret->outcome = TRUST_UNDECIDED;
	}
}

void trust_judge(const struct trust_machine *m, const struct trust_module *mod, struct trust_verdict *ret)
{
	struct trust_possible answers[WORLDS_MAX];
	struct trust_verdict first, v;
	uint32_t certain = UINT32_MAX, any = 0;
	bool agreed = true;
	struct worlds w;

	worlds_of(m, mod, &w);
	for (unsigned i = 0; i < w.n; i++) {
		judge_world(&w, i, &v);
		if (i == 0)
			first = v;
		answers[i] = (struct trust_possible){ .outcome = v.outcome, .error = v.error };
		memcpy(answers[i].taint, v.taint, sizeof(v.taint));
		agreed = agreed && same(&answers[i], &answers[0]);
		certain &= v.tainted;
		any |= v.tainted;
	}
	if (!agreed) {
		set_undecided(&w, answers, ret);
		return;
	}
	*ret = first;
	ret->tainted = certain;
	trust_taint_letters(certain, ret->taint);
	trust_taint_letters(any & ~certain, ret->perhaps);
}

/* ---- for people ---- */

static void add_answer(enum trust_outcome outcome, int error, const char *taint, struct buf *into)
{
	if (outcome == TRUST_REFUSED)
		buf_addf(into, "refused: %s", errname(error));
	else
		buf_addf(into, "loads%s%s", *taint ? ", taints the kernel: " : "", taint);
}

static void add_possibilities(const struct trust_verdict *v, const char *before, struct buf *into)
{
	for (size_t i = 0; i < v->n_possible; i++) {
		buf_adds(into, i ? " - or " : before);
		add_answer(v->possible[i].outcome, v->possible[i].error, v->possible[i].taint, into);
	}
}

/* Refused in any case: "refused: EKEYREJECTED or EPERM". */
static void add_refusals(const struct trust_verdict *v, struct buf *into)
{
	buf_adds(into, "refused: ");
	for (size_t i = 0; i < v->n_possible; i++)
		buf_addf(into, "%s%s", i ? " or " : "", errname(v->possible[i].error));
}

void trust_possible_text(const struct trust_verdict *v, struct buf *into)
{
	if (v->outcome == TRUST_UNDECIDED)
		add_possibilities(v, "unknown: ", into);
	else if (v->n_possible)
		add_refusals(v, into);
	else
		add_answer(v->outcome, v->error, v->taint, into);
	if (v->perhaps[0])
		buf_addf(into, ", perhaps %s", v->perhaps);
}

void trust_verdict_text(const struct trust_machine *m, const struct trust_module *mod, const struct trust_verdict *v,
			struct buf *into)
{
	if (v->outcome != TRUST_UNDECIDED) {
		trust_possible_text(v, into);
		return;
	}
	buf_adds(into, "unknown: ");
	trust_unread_text(m, mod, v, into);
}

void trust_unread_text(const struct trust_machine *m, const struct trust_module *mod, const struct trust_verdict *v,
		       struct buf *into)
{
	const char *separator = "", *last = NULL;

	for (enum trust_unread f = 0; f < TRUST_UNREADS; f++) {
		struct trust_fact fact = { .source = mod->unread, .error = mod->unread_error };

		if (!(v->unread & 1u << f))
			continue;
		if (f == TRUST_UNREAD_APPRAISED && mod->ima_signed)
			fact = (struct trust_fact){ .source = "whether IMA accepts the file's security.ima" };
		else if (f != TRUST_UNREAD_SIGNATURE)
			fact = *read_fact(m, f);
		if (!fact.source || fact.source == last)
			continue;
		buf_addf(into, "%s%s%s%s", separator, fact.source, fact.error ? ": " : "",
			 fact.error ? strerror(fact.error < 0 ? -fact.error : fact.error) : "");
		separator = "; ";
		last = fact.source;
	}
}

static const char *fact_name(enum trust_unread f)
{
	static const char *const names[TRUST_UNREADS] = {
		[TRUST_UNREAD_SUPPORT] = "support for modules",
		[TRUST_UNREAD_DISABLED] = "kernel.modules_disabled",
		[TRUST_UNREAD_CHECKED] = "CONFIG_MODULE_SIG",
		[TRUST_UNREAD_APPRAISED] = "IMA",
		[TRUST_UNREAD_ENFORCE] = "module.sig_enforce",
		[TRUST_UNREAD_DENIED] = "module_blacklist=",
		[TRUST_UNREAD_LOCKDOWN] = "lockdown",
		[TRUST_UNREAD_SIGNATURE] = "whether its signature counts",
	};

	return names[f];
}

void trust_unread_cause(const struct trust_verdict *v, struct buf *into)
{
	const char *separator = "; depending on ";

	for (enum trust_unread f = 0; f < TRUST_UNREADS; f++) {
		if (!(v->unread & 1u << f))
			continue;
		buf_addf(into, "%s%s", separator, fact_name(f));
		/* Is it followed by one more, or by several? */
		separator = v->unread >> f >> 1 & ((v->unread >> f >> 1) - 1) ? ", " : " and ";
	}
	add_possibilities(v, ": ", into);
}

/* How to make the file system of a path readable. */
static const char *way_to(const struct trust_fact *f)
{
	static const struct {
		const char *below, *way;
	} rows[] = {
		{ "/sys/kernel/security/", "mount -t securityfs securityfs /sys/kernel/security" },
		{ "/sys/", "mount -t sysfs sysfs /sys" },
		{ "/proc/", "mount -t proc proc /proc" },
	};

	if (f->error == -EACCES || f->error == -EPERM)
		return "run it as root (sudo)";
	for (size_t i = 0; f->source && i < ELEMENTSOF(rows); i++)
		if (strncmp(f->source, rows[i].below, strlen(rows[i].below)) == 0)
			return rows[i].way;
	return "make the kernel's configuration readable: /proc/config.gz, or /boot/config-RELEASE";
}

void trust_unread_fix(const struct trust_machine *m, const struct trust_module *mod, const struct trust_verdict *v,
		      struct buf *into)
{
	const char *last = NULL;

	for (enum trust_unread f = 0; f < TRUST_UNREADS; f++) {
		const char *way = f == TRUST_UNREAD_SIGNATURE ? mod->settle : way_to(read_fact(m, f));

		if (!(v->unread & 1u << f) || !way || way == last)
			continue;
		buf_addf(into, "%s%s", last ? "; " : "", way);
		last = way;
	}
	buf_addf(into, "%sin a container, ask on the host", last ? "; " : "");
}

#endif
