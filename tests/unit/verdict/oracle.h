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

	if (m->modules_disabled.value == TRUST_YES || m->may_load.value == TRUST_NO)
		return EPERM;
	if (mod->is_empty)
		return EINVAL;
	r = check_signature(m, mod->signature);
	if (r > 0 || r == UNDOCUMENTED)
		return r;
	if (!mod->is_elf)
		return ENOEXEC;
	return mod->blacklisted ? EPERM : r;
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

/* Gives unknown facts each of their values in turn, and asks whether the verdict fits any of them. */
static inline bool fits_some(struct trust_machine m, const struct trust_module *mod, const struct trust_verdict *v)
{
	struct trust_fact *const facts[] = { &m.sig_checked, &m.sig_enforce, &m.modules_disabled, &m.may_load };

	for (size_t i = 0; i < ELEMENTSOF(facts); i++) {
		bool fits;

		if (facts[i]->value != TRUST_UNKNOWN)
			continue;
		facts[i]->value = TRUST_YES;
		fits = fits_some(m, mod, v);
		facts[i]->value = TRUST_NO;
		return fits || fits_some(m, mod, v);
	}
	if (m.lockdown == LOCKDOWN_UNKNOWN) {
		m.lockdown = LOCKDOWN_NONE;
		if (is_as_expected(&m, mod, v))
			return true;
		m.lockdown = LOCKDOWN_INTEGRITY;
	}
	return is_as_expected(&m, mod, v);
}

static inline bool is_known(const struct trust_machine *m)
{
	return m->sig_checked.value != TRUST_UNKNOWN && m->sig_enforce.value != TRUST_UNKNOWN &&
	       m->modules_disabled.value != TRUST_UNKNOWN && m->may_load.value != TRUST_UNKNOWN &&
	       m->lockdown != LOCKDOWN_UNKNOWN;
}

static inline void judge(const struct trust_machine *m, const struct trust_module *mod)
{
	struct trust_verdict v;

	trust_judge(m, mod, &v);
	check_texts(&v);
	if (is_known(m))
		EXPECT(is_as_expected(m, mod, &v));
	else
		EXPECT(v.outcome == TRUST_UNDECIDED || fits_some(*m, mod, &v));
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
		return on(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING) && m->flavour != TRUST_UPSTREAM;
	default:
		return false;
	}
}

static inline bool expect_secure_boot(const struct trust_machine *m)
{
	return m->secure_boot.value == TRUST_YES && m->shim_validation.value == TRUST_YES;
}

static inline enum trust_ring expect_ring(const struct trust_machine *m, enum trust_origin origin, bool is_ca)
{
	bool reads_mok = expect_secure_boot(m),
	     trusted = m->mok_trusted.value == TRUST_YES || m->flavour == TRUST_DEBIAN;
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
	if (on(m, KCONFIG_INTEGRITY_MACHINE_KEYRING) && trusted &&
	    (is_ca || !on(m, KCONFIG_INTEGRITY_CA_MACHINE_KEYRING)))
		return TRUST_RING_MACHINE;
	return platform;
}

static inline void check_rings(const struct trust_machine *m)
{
	const char *why;

	for (enum trust_ring ring = TRUST_RING_NONE; ring < TRUST_RINGS; ring++) {
		EXPECT(trust_ring_is_used(m, ring, &why) == expect_consulted(m, ring) && why && *why);
		EXPECT(!*trust_ring_name(ring) == (ring == TRUST_RING_NONE));
	}
	for (enum trust_origin origin = TRUST_FROM_KERNEL; origin <= TRUST_FROM_DBX; origin++)
		for (int is_ca = 0; is_ca <= 1; is_ca++)
			EXPECT(trust_ring_for(m, origin, is_ca) == expect_ring(m, origin, is_ca));
	EXPECT((trust_kernel_secure_boot(m) == TRUST_YES) == expect_secure_boot(m));
}
