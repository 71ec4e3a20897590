// SPDX-License-Identifier: MIT
#include "decide/verdict/machine.h"

#include "base/cleanup.h"

const char *trust_answer_word(enum trust_answer a, const char *yes, const char *no)
{
	return a == TRUST_UNKNOWN ? "unknown" : a == TRUST_YES ? yes : no;
}

const char *trust_flavour_name(enum trust_flavour f)
{
	static const char *const names[] = { "upstream", "debian", "fedora", "unknown" };

	return names[f];
}

const char *trust_ring_name(enum trust_ring ring)
{
	static const char *const names[TRUST_RINGS] = {
		"", ".builtin_trusted_keys", ".secondary_trusted_keys", ".machine", ".platform", ".blacklist",
	};

	return names[ring];
}

/* ---- three values ---- */

static enum trust_answer both(enum trust_answer a, enum trust_answer b)
{
	if (a == TRUST_NO || b == TRUST_NO)
		return TRUST_NO;
	return a == TRUST_YES ? b : TRUST_UNKNOWN;
}

static enum trust_answer negate(enum trust_answer a)
{
	return a == TRUST_UNKNOWN ? a : a == TRUST_YES ? TRUST_NO : TRUST_YES;
}

static enum trust_answer either(enum trust_answer a, enum trust_answer b)
{
	return negate(both(negate(a), negate(b)));
}

enum trust_answer trust_config(const struct trust_machine *m, enum kconfig_option o)
{
	return (enum trust_answer)m->config[o];
}

/* ---- what the kernel makes of the firmware ---- */

enum trust_answer trust_kernel_secure_boot(const struct trust_machine *m)
{
	if (m->efi.value == TRUST_NO)
		return m->secure_boot.value; /* of another kind of firmware */
	return both(m->secure_boot.value, m->shim_validation.value);
}

enum trust_answer trust_kernel_appraises(const struct trust_machine *m)
{
	return both(
		both(trust_config(m, KCONFIG_IMA_ARCH_POLICY), trust_config(m, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT)),
		trust_kernel_secure_boot(m));
}

enum trust_answer trust_kernel_reads_mok(const struct trust_machine *m)
{
	enum trust_answer looks =
		both(trust_config(m, KCONFIG_IMA), trust_config(m, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT));

	return both(both(m->efi.value, trust_config(m, KCONFIG_LOAD_UEFI_KEYS)),
		    both(looks, trust_kernel_secure_boot(m)));
}

void trust_machine_set_flavour(struct trust_machine *m, enum trust_flavour flavour, const char *source)
{
	m->flavour = flavour;
	m->flavour_source = source;
	/* These two carry a patch that makes the kernel consult .platform after the other rings. */
	m->platform_asked.value = flavour == TRUST_OTHER    ? TRUST_UNKNOWN :
				  flavour == TRUST_UPSTREAM ? TRUST_NO :
							      TRUST_YES;
	m->platform_asked.source = source;
	m->platform_asked.error = 0;
}

/* ---- rings ---- */

static enum trust_answer machine_ring_asked(const struct trust_machine *m, const char **ret_why)
{
	enum trust_answer r = both(trust_config(m, KCONFIG_INTEGRITY_MACHINE_KEYRING),
				   trust_config(m, KCONFIG_SECONDARY_TRUSTED_KEYRING));

	*ret_why = r == TRUST_YES ? "it is linked into .secondary_trusted_keys" :
		   r == TRUST_NO  ? "CONFIG_INTEGRITY_MACHINE_KEYRING or CONFIG_SECONDARY_TRUSTED_KEYRING is not set" :
				    "the configuration of the kernel is not known";
	return r;
}

static enum trust_answer platform_asked(const struct trust_machine *m, const char **ret_why)
{
	enum trust_answer built = trust_config(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING);

	if (built == TRUST_NO)
		*ret_why = "CONFIG_INTEGRITY_PLATFORM_KEYRING is not set";
	else if (m->platform_asked.value == TRUST_NO)
		*ret_why = "the upstream kernel does not consult it for modules";
	else if (m->platform_asked.value == TRUST_UNKNOWN)
		*ret_why = "some distributions' kernels consult it for modules, and nothing tells whose this one is";
	else
		*ret_why = built == TRUST_YES ? "this distribution's kernel also consults it for modules" :
						"the configuration of the kernel is not known";
	return both(built, m->platform_asked.value);
}

enum trust_answer trust_ring_asked(const struct trust_machine *m, enum trust_ring ring, const char **ret_why)
{
	enum trust_answer r;

	switch (ring) {
	case TRUST_RING_BUILTIN:
		*ret_why = "every kernel with signed modules consults it";
		return TRUST_YES;
	case TRUST_RING_SECONDARY:
		r = trust_config(m, KCONFIG_SECONDARY_TRUSTED_KEYRING);
		*ret_why = trust_answer_word(r, "CONFIG_SECONDARY_TRUSTED_KEYRING is set",
					     "CONFIG_SECONDARY_TRUSTED_KEYRING is not set");
		if (r == TRUST_UNKNOWN)
			*ret_why = "the configuration of the kernel is not known";
		return r;
	case TRUST_RING_MACHINE:
		return machine_ring_asked(m, ret_why);
	case TRUST_RING_PLATFORM:
		return platform_asked(m, ret_why);
	case TRUST_RING_BLACKLIST:
		*ret_why = "it only vetoes";
		return TRUST_NO;
	case TRUST_RING_NONE:
	case TRUST_RINGS:
		break;
	}
	*ret_why = "no such ring";
	return TRUST_NO;
}

bool trust_ring_is_used(const struct trust_machine *m, enum trust_ring ring, const char **ret_why)
{
	return trust_ring_asked(m, ring, ret_why) == TRUST_YES;
}

enum trust_answer trust_rings_asked(const struct trust_machine *m, unsigned rings, const char **ret_why)
{
	bool yes = false, no = false;

	*ret_why = "no such ring";
	for (enum trust_ring ring = TRUST_RING_NONE; ring < TRUST_RINGS; ring++) {
		enum trust_answer r;

		if (!(rings & 1u << ring))
			continue;
		r = trust_ring_asked(m, ring, ret_why);
		if (r == TRUST_UNKNOWN)
			return r;
		yes |= r == TRUST_YES;
		no |= r == TRUST_NO;
	}
	if (yes && no)
		*ret_why = "it is not known which ring its key would be in";
	return yes && no ? TRUST_UNKNOWN : yes ? TRUST_YES : TRUST_NO;
}

/* What is seen of the running kernel counts more than a file about it. */
static void prove(struct trust_machine *m, enum kconfig_option o, bool surely)
{
	if (surely || m->config[o] == KCONFIG_UNKNOWN)
		m->config[o] = KCONFIG_YES;
}

static void prove_secure_boot(struct trust_machine *m)
{
	struct trust_fact *const facts[] = { &m->efi, &m->secure_boot, &m->shim_validation };

	prove(m, KCONFIG_LOAD_UEFI_KEYS, true);
	prove(m, KCONFIG_IMA, true);
	prove(m, KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT, true);
	for (size_t i = 0; i < ELEMENTSOF(facts); i++)
		if (facts[i]->value == TRUST_UNKNOWN)
			*facts[i] = (struct trust_fact){ TRUST_YES, "keys in .machine", 0 };
}

void trust_machine_saw_ring(struct trust_machine *m, enum trust_ring ring, bool has_keys)
{
	if (ring == TRUST_RING_SECONDARY)
		prove(m, KCONFIG_SECONDARY_TRUSTED_KEYRING, has_keys);
	if (ring == TRUST_RING_PLATFORM)
		prove(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING, has_keys);
	if (ring != TRUST_RING_MACHINE)
		return;
	/* The option depends on the other one. */
	prove(m, KCONFIG_INTEGRITY_MACHINE_KEYRING, has_keys);
	prove(m, KCONFIG_SECONDARY_TRUSTED_KEYRING, has_keys);
	if (has_keys)
		prove_secure_boot(m);
	m->appraised.value = trust_kernel_appraises(m);
}

/* ---- where the kernel puts a certificate ---- */

enum trust_answer trust_mok_list_trusted(const struct trust_machine *m)
{
	/* Debian's kernels trust the MOK list whatever shim says. */
	return m->flavour == TRUST_DEBIAN ? TRUST_YES : m->mok_trusted.value;
}

enum trust_answer trust_machine_ring_takes(const struct trust_machine *m, unsigned use)
{
	bool is_ca = (use & TRUST_USE_OF_CA) == TRUST_USE_OF_CA;
	enum trust_answer any = negate(trust_config(m, KCONFIG_INTEGRITY_CA_MACHINE_KEYRING));
	/* The second option sharpens the first one. */
	enum trust_answer signers = use & TRUST_USE_SIGNATURE ?
					    negate(trust_config(m, KCONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX)) :
					    TRUST_YES;

	return both(trust_config(m, KCONFIG_INTEGRITY_MACHINE_KEYRING), either(any, is_ca ? signers : TRUST_NO));
}

bool trust_machine_ring_wants_ca(const struct trust_machine *m)
{
	return trust_machine_ring_takes(m, TRUST_USE_OF_CA) == TRUST_YES && trust_machine_ring_takes(m, 0) == TRUST_NO;
}

static unsigned either_ring(enum trust_answer a, unsigned yes, unsigned no)
{
	return a == TRUST_YES ? yes : a == TRUST_NO ? no : yes | no;
}

#define NOWHERE (1u << TRUST_RING_NONE)

static unsigned rings_of_forbidden(const struct trust_machine *m, enum trust_origin origin)
{
	enum trust_answer revokes =
		both(trust_config(m, KCONFIG_SYSTEM_REVOCATION_LIST), trust_config(m, KCONFIG_LOAD_UEFI_KEYS));

	/* As with the MOK list, shim's part is only read under Secure Boot. */
	if (origin == TRUST_FROM_MOKX)
		revokes = both(revokes, trust_kernel_reads_mok(m));
	return either_ring(both(m->efi.value, revokes), 1u << TRUST_RING_BLACKLIST, NOWHERE);
}

unsigned trust_rings_for(const struct trust_machine *m, enum trust_origin origin, unsigned use)
{
	enum trust_answer loads = both(m->efi.value, trust_config(m, KCONFIG_LOAD_UEFI_KEYS));
	unsigned platform = either_ring(both(loads, trust_config(m, KCONFIG_INTEGRITY_PLATFORM_KEYRING)),
					1u << TRUST_RING_PLATFORM, NOWHERE);
	unsigned mok;

	if (origin == TRUST_FROM_KERNEL)
		return 1u << TRUST_RING_BUILTIN;
	if (origin == TRUST_FROM_MOKX || origin == TRUST_FROM_DBX)
		return rings_of_forbidden(m, origin);
	if (origin == TRUST_FROM_DB)
		return platform;
	mok = either_ring(both(trust_mok_list_trusted(m), trust_machine_ring_takes(m, use)), 1u << TRUST_RING_MACHINE,
			  platform);
	return either_ring(trust_kernel_reads_mok(m), mok, NOWHERE);
}

enum trust_ring trust_first_ring(unsigned rings)
{
	for (enum trust_ring ring = TRUST_RING_BUILTIN; ring < TRUST_RINGS; ring++)
		if (rings & 1u << ring)
			return ring;
	return TRUST_RING_NONE;
}

enum trust_ring trust_ring_for(const struct trust_machine *m, enum trust_origin origin, unsigned use)
{
	return trust_first_ring(trust_rings_for(m, origin, use));
}
