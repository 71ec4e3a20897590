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
	unsigned all = 2 * 2 * 2 * 2 * 3 * ELEMENTSOF(versions) * TRUST_SIGS * 2 * 2 * 2;

	(void)state;
	for (unsigned i = 0; i < all; i++) {
		struct trust_machine m = { 0 };
		struct trust_module mod = { 0 };
		unsigned number = i;

		m.sig_checked.value = answer(take(&number, 2));
		m.sig_enforce.value = answer(take(&number, 2));
		m.modules_disabled.value = answer(take(&number, 2));
		m.may_load.value = answer(take(&number, 2));
		m.lockdown = (enum lockdown)take(&number, 3);
		m.version = versions[take(&number, ELEMENTSOF(versions))];
		mod.signature = (enum trust_signature)take(&number, TRUST_SIGS);
		mod.is_empty = take(&number, 2);
		mod.is_elf = take(&number, 2);
		mod.blacklisted = take(&number, 2);
		judge_all_taints(&m, &mod);
	}
}

static void every_ring_is_that_of_the_tables(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3u << KCONFIG_N; i++) {
		struct trust_machine m = { .flavour = (enum trust_flavour)(i >> KCONFIG_N) };

		for (unsigned k = 0; k < KCONFIG_N; k++)
			m.config[k] = i >> k & 1 ? KCONFIG_YES : KCONFIG_NO;
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
		cmocka_unit_test(every_ring_is_that_of_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
