// SPDX-License-Identifier: MIT
/* The ring of a signer's key: whether it counts, why it is on none, and what would change that. */
#include "base/cleanup.h"
#include "decide/verdict/verdict.h"

static const char settle_platform[] = "find out whether this kernel asks .platform about modules, and give --assume "
				      "platform=asked or platform=not-asked";
static const char settle_config[] = "make the kernel's configuration readable: /proc/config.gz, or "
				    "/boot/config-RELEASE";

/* What is not known of rings that the kernel may ask or not. */
static void set_unread(const struct trust_machine *m, unsigned rings, struct trust_module *mod)
{
	bool by_patch = rings & 1u << TRUST_RING_PLATFORM && m->platform_asked.value == TRUST_UNKNOWN;
	const struct trust_fact *f = by_patch ? &m->platform_asked : &m->config_source;

	mod->maybe |= 1u << TRUST_SIG_UNKNOWN_KEY;
	mod->unread = f->source;
	mod->unread_error = f->error;
	mod->settle = by_patch ? settle_platform : settle_config;
}

void trust_place_key(const struct trust_machine *m, unsigned rings, enum trust_signature checked,
		     struct trust_module *mod)
{
	bool counts = checked == TRUST_SIG_GOOD || checked == TRUST_SIG_MATCHED || checked == TRUST_SIG_CHANGED;
	const char *why;
	enum trust_answer asked = trust_rings_asked(m, rings, &why);

	mod->signature = counts && asked == TRUST_NO ? TRUST_SIG_UNKNOWN_KEY : checked;
	if (counts && asked == TRUST_UNKNOWN)
		set_unread(m, rings, mod);
}

/* ---- an enrolled key on no ring ---- */

#ifdef KMODCTL_SMALL
static void cause_of_enrolled(const struct trust_machine *m _unused_, const struct trust_module *mod _unused_,
			      struct buf *into)
{
	buf_adds(into, "it is enrolled as MOK");
}
#else
#define ENROLLED "it is enrolled as MOK, "

static void cause_of_enrolled(const struct trust_machine *m, const struct trust_module *mod, struct buf *into)
{
	switch (trust_kernel_secure_boot(m)) {
	case TRUST_NO:
		buf_adds(into, ENROLLED "but the kernel reads the MOK list under Secure Boot only");
		return;
	case TRUST_UNKNOWN:
		buf_adds(into, ENROLLED "which the kernel reads under Secure Boot only: whether that is on is unknown");
		return;
	case TRUST_YES:
		break;
	}
	if (mod->unfit)
		buf_addf(into, ENROLLED "and Secure Boot is on, but this kernel puts it on no ring: %s", mod->unfit);
	else if (trust_kernel_reads_mok(m) == TRUST_NO)
		buf_adds(into,
			 ENROLLED "and Secure Boot is on, but this kernel was built without CONFIG_LOAD_UEFI_KEYS, "
				  "CONFIG_IMA or CONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT and never reads the MOK list");
	else
		buf_adds(into, ENROLLED "and Secure Boot is on, and yet it is on no key ring: the kernel's log of this "
					"boot says why (\"Problem loading X.509 certificate\")");
}

#endif

void trust_cause_of_place(const struct trust_machine *m, const struct trust_module *mod, const char *before,
			  struct buf *into)
{
	const char *why = NULL;
	bool ignored = mod->ring != TRUST_RING_NONE && !trust_ring_is_used(m, mod->ring, &why);

	if (mod->unused || (!ignored && !mod->pending && !mod->enrolled))
		return;
	buf_adds(into, before);
	if (ignored)
		buf_addf(into, "it is in %s: %s", trust_ring_name(mod->ring), why);
	else if (mod->pending)
		buf_adds(into, "its enrolment waits for a reboot");
	else
		cause_of_enrolled(m, mod, into);
}

/* ---- what helps ---- */

/* Would this kernel ask the ring of an enrolled certificate, once the MOK list is trusted and Secure Boot on? */
static bool counts_when_trusted(const struct trust_machine *m, unsigned use)
{
	struct trust_machine trusted = *m;
	const char *why;

	trusted.mok_trusted.value = trusted.secure_boot.value = trusted.shim_validation.value = TRUST_YES;
	return trust_rings_asked(&trusted, trust_rings_for(&trusted, TRUST_FROM_MOK, use), &why) == TRUST_YES;
}

/* A key in MokListRT that this kernel does not use for modules. */
static enum trust_remedy remedy_enrolled(const struct trust_machine *m, const struct trust_module *mod)
{
	bool fits = counts_when_trusted(m, mod->use), another = counts_when_trusted(m, TRUST_USE_OF_CA);

	if (mod->unfit)
		return TRUST_REMEDY_FIT_KEY;
	if (!fits)
		return another ? TRUST_REMEDY_CA_KEY : TRUST_REMEDY_KERNEL_KEY;
	if (trust_kernel_secure_boot(m) == TRUST_NO)
		return TRUST_REMEDY_SECURE_BOOT;
	if (trust_mok_list_trusted(m) == TRUST_NO)
		return TRUST_REMEDY_TRUST_MOK;
	/* By the rules, it counts. */
	return mod->ring == TRUST_RING_NONE ? TRUST_REMEDY_LOG : TRUST_REMEDY_KERNEL_KEY;
}

/* A key that the MOK list does not hold. */
static enum trust_remedy remedy_import(const struct trust_machine *m, const struct trust_module *mod)
{
	if (m->efi.value != TRUST_YES || m->shim.value == TRUST_NO)
		return TRUST_REMEDY_KERNEL_KEY;
	if (!counts_when_trusted(m, mod->use))
		return counts_when_trusted(m, TRUST_USE_OF_CA) ? TRUST_REMEDY_CA_KEY : TRUST_REMEDY_KERNEL_KEY;
	return trust_mok_list_trusted(m) == TRUST_NO ? TRUST_REMEDY_IMPORT_AND_TRUST : TRUST_REMEDY_IMPORT;
}

enum trust_remedy trust_remedy_of_place(const struct trust_machine *m, const struct trust_module *mod)
{
	if (mod->pending)
		return TRUST_REMEDY_CONFIRM;
	/* Neither mokutil nor kmodctl enrolls it, and shim would not start what it has signed. */
	if (mod->blocked_in && !mod->enrolled)
		return TRUST_REMEDY_OTHER_KEY;
	return mod->enrolled ? remedy_enrolled(m, mod) : remedy_import(m, mod);
}
