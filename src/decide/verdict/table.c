// SPDX-License-Identifier: MIT
#include "decide/verdict/table.h"

const char *table_signature_name(enum table_signature s)
{
	static const char *const names[TABLE_SIGNATURES] = {
		"unsigned", "unknown key", "kernel's own key", "enrolled MOK", "key in db",
	};

	return names[s];
}

struct table_state {
	bool secure_boot, sig_enforce, lockdown;
	const char *assume;
};

/* lockdown= adds nothing to Secure Boot: the kernel is locked down anyway, or deliberately not. */
static const struct table_state states[TABLE_STATES] = {
	{ false, false, false, "secure-boot=off" },
	{ false, true, false, "secure-boot=off,sig_enforce=1" },
	{ false, false, true, "secure-boot=off,lockdown=integrity" },
	{ false, true, true, "secure-boot=off,sig_enforce=1,lockdown=integrity" },
	{ true, false, false, "secure-boot=on" },
	{ true, true, false, "secure-boot=on,sig_enforce=1" },
};

/* The machine in that state, without what the kernel command line requested. */
static struct trust_machine machine_in(const struct trust_machine *machine, const struct table_state *s)
{
	struct trust_machine m = *machine;

	m.sig_enforce = (struct trust_fact){ trust_config(machine, KCONFIG_MODULE_SIG_FORCE),
					     machine->config_source.source, machine->config_source.error };
	/* It can be off, and so it was not built to be on. */
	if (machine->sig_enforce.value == TRUST_NO)
		m.sig_enforce.value = TRUST_NO;
	m.lockdown = LOCKDOWN_NONE;
	m.modules_disabled.value = m.without_modules.value = m.denied.value = TRUST_NO;
	trust_machine_assume(&m, s->assume, NULL);
	return m;
}

static struct trust_module module_with(const struct trust_machine *m, enum table_signature s)
{
	static const enum trust_origin origins[TABLE_SIGNATURES] = {
		[TABLE_BUILTIN] = TRUST_FROM_KERNEL,
		[TABLE_MOK] = TRUST_FROM_MOK,
		[TABLE_DB] = TRUST_FROM_DB,
	};
	struct trust_module mod = { .is_elf = true, .signature = TRUST_SIG_NONE };

	if (s == TABLE_UNSIGNED)
		return mod;
	mod.signature = TRUST_SIG_UNKNOWN_KEY;
	if (s == TABLE_UNKNOWN)
		return mod;
	mod.enrolled = s == TABLE_MOK;
	mod.ring = trust_ring_for(m, origins[s], 0);
	trust_place_key(m, trust_rings_for(m, origins[s], 0), TRUST_SIG_GOOD, &mod);
	return mod;
}

static bool is_here(const struct trust_machine *real, const struct trust_machine *supposed)
{
	return trust_kernel_secure_boot(real) == trust_kernel_secure_boot(supposed) &&
	       real->sig_enforce.value == supposed->sig_enforce.value && real->sig_enforce.value != TRUST_UNKNOWN &&
	       real->lockdown != LOCKDOWN_UNKNOWN &&
	       (real->lockdown >= LOCKDOWN_INTEGRITY) == (supposed->lockdown >= LOCKDOWN_INTEGRITY);
}

void trust_table(const struct trust_machine *machine, struct table_row ret[TABLE_ROWS])
{
	for (size_t i = 0; i < TABLE_ROWS; i++) {
		const struct table_state *s = &states[i % TABLE_STATES];
		struct trust_machine m = machine_in(machine, s);
		struct trust_module mod = module_with(&m, (enum table_signature)(i / TABLE_STATES));

		ret[i] = (struct table_row){ .signature = (enum table_signature)(i / TABLE_STATES),
					     .secure_boot = s->secure_boot,
					     .sig_enforce = s->sig_enforce,
					     .lockdown = s->lockdown,
					     .here = is_here(machine, &m) };
		trust_judge(&m, &mod, &ret[i].verdict);
	}
}
