// SPDX-License-Identifier: MIT
/* Every combination of the facts that the tables of docs/formats/trust.md speak of. */
#include "../unit.h"

#include "oracle.h"

/* The next digit of a number that counts through all combinations. */
static unsigned take(unsigned *number, unsigned values)
{
	unsigned digit = *number % values;

	*number /= values;
	return digit;
}

static void judge_all_taints(const struct trust_machine *m, struct trust_module *mod)
{
	for (unsigned bits = 0; bits < 64; bits++) {
		mod->out_of_tree = bits & 1;
		mod->proprietary = bits & 2;
		mod->staging = bits & 4;
		mod->livepatch = bits & 8;
		mod->test = bits & 16;
		mod->forced = bits & 32;
		judge(m, mod);
	}
}

static void every_verdict_is_that_of_the_tables(void **state)
{
	static const unsigned versions[] = { 419, 503, 504, 601, 612 };
	unsigned all = 2 * 2 * 2 * 2 * 2 * 3 * ELEMENTSOF(versions) * TRUST_SIGS * 2 * 2 * 2 * 2;

	(void)state;
	for (unsigned i = 0; i < all; i++) {
		struct trust_machine m = { 0 };
		struct trust_module mod = { 0 };
		unsigned number = i;

		m.sig_checked.value = answer(take(&number, 2));
		m.appraised.value = answer(take(&number, 2));
		m.sig_enforce.value = answer(take(&number, 2));
		m.modules_disabled.value = answer(take(&number, 2));
		m.without_modules.value = answer(take(&number, 2));
		m.lockdown = (enum lockdown)take(&number, 3);
		m.version = versions[take(&number, ELEMENTSOF(versions))];
		mod.signature = (enum trust_signature)take(&number, TRUST_SIGS);
		mod.is_empty = take(&number, 2);
		mod.is_elf = take(&number, 2);
		mod.blacklisted = take(&number, 2);
		mod.is_cut = take(&number, 2);
		judge_all_taints(&m, &mod);
	}
}

/* Unknown facts, too; the module is one of each kind of signature. */
static void what_is_unknown_is_judged_with_each_value(void **state)
{
	unsigned all = 3 * 3 * 3 * 3 * 3 * 2 * 4 * TRUST_SIGS * 4 * 2 * 2;

	(void)state;
	for (unsigned i = 0; i < all; i++) {
		struct trust_machine m = { .version = 612 };
		struct trust_module mod = { .is_elf = true };
		unsigned number = i;

		m.sig_checked.value = answer(take(&number, 3));
		m.appraised.value = answer(take(&number, 3));
		m.sig_enforce.value = answer(take(&number, 3));
		m.modules_disabled.value = answer(take(&number, 3));
		m.without_modules.value = answer(take(&number, 3));
		m.denied.value = take(&number, 2) ? TRUST_UNKNOWN : TRUST_NO;
		m.lockdown = (enum lockdown)((int)take(&number, 4) - 1);
		mod.signature = (enum trust_signature)take(&number, TRUST_SIGS);
		mod.maybe = take(&number, 2) ? 1u << TRUST_SIG_UNKNOWN_KEY : 0;
		mod.maybe |= take(&number, 2) ? 1u << TRUST_SIG_CHANGED : 0;
		mod.out_of_tree = take(&number, 2);
		mod.is_cut = take(&number, 2);
		judge(&m, &mod);
	}
}

static void every_ring_is_that_of_the_tables(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3u << ELEMENTSOF(ring_options); i++) {
		struct trust_machine m = { 0 };

		trust_machine_set_flavour(&m, (enum trust_flavour)(i >> ELEMENTSOF(ring_options)), "");
		for (unsigned k = 0; k < ELEMENTSOF(ring_options); k++)
			m.config[ring_options[k]] = i >> k & 1 ? KCONFIG_YES : KCONFIG_NO;
		/* A kernel has no .machine without what it is filled from. */
		if (on(&m, KCONFIG_INTEGRITY_MACHINE_KEYRING) && !on(&m, KCONFIG_LOAD_UEFI_KEYS))
			continue;
		for (unsigned bits = 0; bits < 16; bits++) {
			/* Secure Boot is a matter of UEFI. */
			m.efi.value = bits & 3 ? TRUST_YES : answer(bits >> 2 & 1);
			m.secure_boot.value = answer(bits & 1);
			m.shim_validation.value = answer(bits >> 1 & 1);
			m.mok_trusted.value = answer(bits >> 3);
			check_rings(&m);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_verdict_is_that_of_the_tables),
		cmocka_unit_test(what_is_unknown_is_judged_with_each_value),
		cmocka_unit_test(every_ring_is_that_of_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
