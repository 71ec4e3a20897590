/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The tables of docs/formats/trust.md, written down once more, independently of src/decide/verdict: what the unit test
 * tables and the fuzz target verdict compare its answers with.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "decide/verdict/verdict.h"

#define EXPECT(x)                                                       \
	do {                                                            \
		if (!(x)) {                                             \
			fprintf(stderr, "line %d: %s\n", __LINE__, #x); \
			abort();                                        \
		}                                                       \
	} while (0)

static inline enum trust_answer answer(unsigned digit)
{
	return digit == 0 ? TRUST_NO : digit == 1 ? TRUST_YES : TRUST_UNKNOWN;
}

/* ---- "Order of the checks" ---- */

enum column { NOTHING_ENFORCED, SIG_ENFORCE, LOCKED_DOWN };

/* Rows of the table of signatures: what each column answers. 0: loads; SOFT: loads with taint E. */
enum { SOFT = -1, UNDOCUMENTED = -2 };
static const struct row {
	int answers[3];
	int before_504; /* of sig_enforce */
} rows[] = {
	[TRUST_SIG_GOOD] = { { 0, 0, 0 }, 0 },
	[TRUST_SIG_NONE] = { { SOFT, EKEYREJECTED, EPERM }, ENOKEY },
	[TRUST_SIG_FORCED] = { { SOFT, EKEYREJECTED, EPERM }, ENOKEY },
	[TRUST_SIG_UNKNOWN_KEY] = { { SOFT, EKEYREJECTED, EPERM }, ENOKEY },
	[TRUST_SIG_SCHEME] = { { SOFT, EKEYREJECTED, EPERM }, ENOPKG },
	[TRUST_SIG_ALGORITHM] = { { SOFT, EKEYREJECTED, EPERM }, ENOPKG },
	[TRUST_SIG_CHANGED] = { { EKEYREJECTED, EKEYREJECTED, EKEYREJECTED }, EKEYREJECTED },
	[TRUST_SIG_ATTRIBUTES] = { { EKEYREJECTED, EKEYREJECTED, EKEYREJECTED }, EKEYREJECTED },
	[TRUST_SIG_REVOKED] = { { EKEYREJECTED, EKEYREJECTED, EKEYREJECTED }, EKEYREJECTED },
	[TRUST_SIG_DAMAGED] = { { EBADMSG, EBADMSG, EBADMSG }, EBADMSG },
	/* Whether the content is right was not checked: no row of the table. */
	[TRUST_SIG_MATCHED] = { { UNDOCUMENTED }, 0 },
	/* As if it were another key; that it may be the same is in struct trust_module. */
	[TRUST_SIG_NAMED] = { { SOFT, EKEYREJECTED, EPERM }, ENOKEY },
};

static inline int check_signature(const struct trust_machine *m, enum trust_signature s)
{
	enum column c = m->sig_enforce.value == TRUST_YES ? SIG_ENFORCE :
			m->lockdown >= LOCKDOWN_INTEGRITY ? LOCKED_DOWN :
							    NOTHING_ENFORCED;

	if (m->sig_checked.value == TRUST_NO)
		return 0;
	if ((size_t)s >= ELEMENTSOF(rows) || rows[s].answers[0] == UNDOCUMENTED)
		return UNDOCUMENTED;
	return c == SIG_ENFORCE && m->version < 504 ? rows[s].before_504 : rows[s].answers[c];
}

/* The errno, SOFT, or UNDOCUMENTED. Every fact is known. */
static inline int expect(const struct trust_machine *m, const struct trust_module *mod)
{
	int r;

	if (m->without_modules.value == TRUST_YES)
		return ENOSYS;
	if (m->modules_disabled.value == TRUST_YES)
		return EPERM;
	if (mod->is_empty)
		return EINVAL;
	if (m->sig_checked.value == TRUST_NO && m->appraised.value == TRUST_YES)
		return EACCES;
	r = check_signature(m, mod->signature);
	if (r > 0 || r == UNDOCUMENTED)
		return r;
	if (!mod->is_elf || (mod->is_cut && !mod->forced && m->sig_checked.value == TRUST_YES))
		return ENOEXEC;
	return mod->blacklisted || m->denied.value == TRUST_YES ? EPERM : r;
}

/* ---- "Taint" ---- */

static inline void expect_taint(const struct trust_module *mod, bool soft, char letters[static 8], uint32_t *bits)
{
	const struct {
		bool on;
		char letter;
		unsigned bit;
	} taints[] = { { mod->proprietary, 'P', 0 },  { mod->forced, 'F', 1 }, { mod->staging, 'C', 10 },
		       { mod->out_of_tree, 'O', 12 }, { soft, 'E', 13 },       { mod->livepatch, 'K', 15 },
		       { mod->test, 'N', 18 } };

	*bits = 0;
	for (size_t i = 0; i < ELEMENTSOF(taints); i++)
		if (taints[i].on) {
			*letters++ = taints[i].letter;
			*bits |= 1u << taints[i].bit;
		}
	*letters = '\0';
}

/* ---- one verdict ---- */

static inline void check_texts(const struct trust_verdict *v)
{
	EXPECT(v->code && strncmp(v->code, "trust.", 6) == 0 && v->rule && *v->rule && trust_outcome_name(v->outcome));
}

/* Is the verdict the one of the tables? Every fact of the machine is known. */
static inline bool is_as_expected(const struct trust_machine *m, const struct trust_module *mod,
				  const struct trust_verdict *v)
{
	int r = expect(m, mod);
	uint32_t bits;
	char taint[8];

	if (r == UNDOCUMENTED)
		return v->outcome != TRUST_REFUSED || v->error > 0;
	if (r > 0)
		return v->outcome == TRUST_REFUSED && v->error == r && !v->taint[0] && !v->tainted;
	expect_taint(mod, r == SOFT, taint, &bits);
	return v->outcome == (bits ? TRUST_TAINTS : TRUST_LOADS) && v->error == 0 && strcmp(v->taint, taint) == 0 &&
	       v->tainted == bits;
}

/* The answers that the tables give for every value of what is unknown. */
struct answers {
	int errors[1024]; /* the errno, 0: loads, SOFT: loads with a taint, UNDOCUMENTED */
	size_t n;
};

static inline void add_answer(const struct trust_machine *m, const struct trust_module *mod, struct answers *ret)
{
	int r = expect(m, mod);
	uint32_t bits;
	char taint[8];

	expect_taint(mod, r == SOFT, taint, &bits);
	ret->errors[ret->n++] = r <= 0 && r != UNDOCUMENTED && bits ? SOFT : r;
}

static inline void add_signatures(const struct trust_machine *m, const struct trust_module *mod, struct answers *ret)
{
	struct trust_module other = *mod;

	add_answer(m, mod, ret);
	for (other.signature = 0; other.signature < TRUST_SIGS; other.signature++)
		if (mod->maybe >> other.signature & 1)
			add_answer(m, &other, ret);
}

static inline void collect_answers(struct trust_machine m, const struct trust_module *mod, struct answers *ret)
{
	struct trust_fact *const facts[] = { &m.sig_checked,      &m.appraised,       &m.sig_enforce,
					     &m.modules_disabled, &m.without_modules, &m.denied };

	for (size_t i = 0; i < ELEMENTSOF(facts); i++) {
		if (facts[i]->value != TRUST_UNKNOWN)
			continue;
		facts[i]->value = TRUST_YES;
		collect_answers(m, mod, ret);
		facts[i]->value = TRUST_NO;
		collect_answers(m, mod, ret);
		return;
	}
	if (m.lockdown == LOCKDOWN_UNKNOWN) {
		m.lockdown = LOCKDOWN_INTEGRITY;
		add_signatures(&m, mod, ret);
		m.lockdown = LOCKDOWN_NONE;
	}
	add_signatures(&m, mod, ret);
}

static inline bool is_known(const struct trust_machine *m, const struct trust_module *mod)
{
	return m->sig_checked.value != TRUST_UNKNOWN && m->appraised.value != TRUST_UNKNOWN &&
	       m->sig_enforce.value != TRUST_UNKNOWN && m->modules_disabled.value != TRUST_UNKNOWN &&
	       m->without_modules.value != TRUST_UNKNOWN && m->denied.value != TRUST_UNKNOWN &&
	       m->lockdown != LOCKDOWN_UNKNOWN && !mod->maybe;
}

static inline bool fits(const struct trust_verdict *v, int answer)
{
	if (answer > 0)
		return v->outcome == TRUST_REFUSED && v->error == answer;
	return v->outcome == (answer == SOFT ? TRUST_TAINTS : TRUST_LOADS);
}

/* The answer is given if it is the same whatever is unknown, and only then. */
static inline void judge_unknown(const struct trust_machine *m, const struct trust_module *mod,
				 const struct trust_verdict *v)
{
	struct answers a = { .n = 0 };
	bool agree = true, refused = true;

	collect_answers(*m, mod, &a);
	for (size_t i = 0; i < a.n; i++) {
		if (a.errors[i] == UNDOCUMENTED)
			return;
		agree = agree && a.errors[i] == a.errors[0];
		refused = refused && a.errors[i] > 0;
	}
	if (agree)
		EXPECT(fits(v, a.errors[0]) && !v->unread && !v->n_possible);
	else
		EXPECT(v->outcome == (refused ? TRUST_REFUSED : TRUST_UNDECIDED) && v->unread && v->n_possible >= 2 &&
		       !v->error && !v->taint[0]);
}

static inline void judge(const struct trust_machine *m, const struct trust_module *mod)
{
	struct trust_verdict v;

	trust_judge(m, mod, &v);
	check_texts(&v);
	if (is_known(m, mod))
		EXPECT(is_as_expected(m, mod, &v) && !v.perhaps[0]);
	else
		judge_unknown(m, mod, &v);
}

/* ---- "Key rings" ---- */

static inline bool on(const struct trust_machine *m, enum kconfig_option o)
{
	return m->config[o] == KCONFIG_YES;
}

static inline bool expect_consulted(const struct trust_machine *m, enum trust_ring ring)
{
	switch (ring) {
	case TRUST_RING_BUILTIN:
		return true;
	case TRUST_RING_SECONDARY:
		return on(m, KCONFIG_SECONDARY_TRUSTED_KEYRING);
	case TRUST_RING_MACHINE:
		return on(m, KCONFIG_INTEGRITY_MACHINE_KEYRING) && on(m, KCONFIG_SECONDARY_TRUSTED_KEYRING);
	case TRUST_RING_PLATFORM:
		return on(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING) && m->platform_asked.value == TRUST_YES;
	default:
		return false;
	}
}

static inline bool expect_secure_boot(const struct trust_machine *m)
{
	return m->secure_boot.value == TRUST_YES && m->shim_validation.value == TRUST_YES;
}

static inline bool expect_in_machine(const struct trust_machine *m, unsigned use)
{
	if (!on(m, KCONFIG_INTEGRITY_MACHINE_KEYRING) ||
	    (m->mok_trusted.value != TRUST_YES && m->flavour != TRUST_DEBIAN))
		return false;
	if (!on(m, KCONFIG_INTEGRITY_CA_MACHINE_KEYRING))
		return true;
	if (!(use & TRUST_USE_CA) || !(use & TRUST_USE_CERT_SIGN))
		return false;
	return !on(m, KCONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX) || !(use & TRUST_USE_SIGNATURE);
}

static inline enum trust_ring expect_ring(const struct trust_machine *m, enum trust_origin origin, unsigned use)
{
	bool reads_mok = expect_secure_boot(m) && on(m, KCONFIG_IMA) && on(m, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT);
	enum trust_ring platform = on(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING) ? TRUST_RING_PLATFORM : TRUST_RING_NONE;
	enum trust_ring blacklist = on(m, KCONFIG_SYSTEM_REVOCATION_LIST) ? TRUST_RING_BLACKLIST : TRUST_RING_NONE;

	if (origin == TRUST_FROM_KERNEL)
		return TRUST_RING_BUILTIN;
	if (m->efi.value == TRUST_NO || !on(m, KCONFIG_LOAD_UEFI_KEYS))
		return TRUST_RING_NONE;
	if (origin == TRUST_FROM_DB)
		return platform;
	if (origin == TRUST_FROM_DBX)
		return blacklist;
	if (!reads_mok)
		return TRUST_RING_NONE;
	if (origin == TRUST_FROM_MOKX)
		return blacklist;
	return expect_in_machine(m, use) ? TRUST_RING_MACHINE : platform;
}

/* Options that rings depend on. */
static const enum kconfig_option ring_options[] = {
	KCONFIG_SECONDARY_TRUSTED_KEYRING,
	KCONFIG_INTEGRITY_PLATFORM_KEYRING,
	KCONFIG_INTEGRITY_MACHINE_KEYRING,
	KCONFIG_INTEGRITY_CA_MACHINE_KEYRING,
	KCONFIG_LOAD_UEFI_KEYS,
	KCONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX,
	KCONFIG_SYSTEM_REVOCATION_LIST,
	KCONFIG_IMA,
	KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT,
};

static inline void check_rings(const struct trust_machine *m)
{
	const char *why;

	for (enum trust_ring ring = TRUST_RING_NONE; ring < TRUST_RINGS; ring++) {
		EXPECT(trust_ring_asked(m, ring, &why) == (expect_consulted(m, ring) ? TRUST_YES : TRUST_NO) && why &&
		       *why);
		EXPECT(!*trust_ring_name(ring) == (ring == TRUST_RING_NONE));
	}
	for (enum trust_origin origin = TRUST_FROM_KERNEL; origin <= TRUST_FROM_DBX; origin++)
		for (unsigned use = 0; use < 8; use++)
			EXPECT(trust_rings_for(m, origin, use) == 1u << expect_ring(m, origin, use));
	EXPECT((trust_kernel_secure_boot(m) == TRUST_YES) == expect_secure_boot(m));
}

/*
 * Of a machine with unknown facts and one that it may be, in which all are known: what is said of the first must hold
 * for the second.
 */
static inline void check_unknown_rings(const struct trust_machine *m, const struct trust_machine *known)
{
	const char *why;

	for (enum trust_ring ring = TRUST_RING_NONE; ring < TRUST_RINGS; ring++) {
		enum trust_answer asked = trust_ring_asked(m, ring, &why);

		EXPECT(why && *why &&
		       (asked == TRUST_UNKNOWN || (asked == TRUST_YES) == expect_consulted(known, ring)));
	}
	for (enum trust_origin origin = TRUST_FROM_KERNEL; origin <= TRUST_FROM_DBX; origin++)
		for (unsigned use = 0; use < 8; use++) {
			unsigned rings = trust_rings_for(m, origin, use);
			enum trust_answer asked = trust_rings_asked(m, rings, &why);
			enum trust_ring ring = expect_ring(known, origin, use);

			EXPECT(rings >> ring & 1 && rings >> trust_ring_for(m, origin, use) & 1);
			EXPECT(asked == TRUST_UNKNOWN || (asked == TRUST_YES) == expect_consulted(known, ring));
		}
}
