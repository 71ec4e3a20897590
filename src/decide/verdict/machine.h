/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The state of the machine that decides on modules, and which of its key rings the kernel consults. Plain data, which
 * the caller has read or assumes. docs/formats/trust.md has the rules, which come from the kernel's
 * Documentation/admin-guide/module-signing.rst and kernel_lockdown(7), and were measured on Debian's kernels. What
 * follows from facts that were not read is unknown, too.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "read/kernel/kconfig.h"
#include "read/kernel/lockstate.h"

enum trust_answer { TRUST_UNKNOWN = -1, TRUST_NO, TRUST_YES };

/* Whose kernel it is: their patches change which rings vouch for modules. */
enum trust_flavour { TRUST_UPSTREAM, TRUST_DEBIAN, TRUST_FEDORA, TRUST_OTHER };

/* A measured value, and where it came from. */
struct trust_fact {
	enum trust_answer value;
	const char *source; /* a path, or how it was concluded; a constant or owned by whoever filled it in */
	int error;          /* 0; why it could not be read: the value is then TRUST_UNKNOWN */
};

struct trust_machine {
	struct trust_fact efi;         /* booted by UEFI */
	struct trust_fact secure_boot; /* the firmware enforces it: SecureBoot 1 and SetupMode 0 */
	struct trust_fact setup_mode;
	struct trust_fact shim_validation; /* shim checks what it starts (no MokSBStateRT) */
	struct trust_fact mok_trusted;     /* shim's MokListTrustedRT */
	struct trust_fact shim;            /* booted through it: it published its lists */
	struct trust_fact without_modules; /* the kernel cannot load any */
	struct trust_fact sig_checked;     /* CONFIG_MODULE_SIG */
	struct trust_fact sig_enforce;
	/*
	 * IMA's policy for Secure Boot wants a signature in the security.ima of each module's file (ima_efi.c's rules,
	 * which come before all others). It has that rule only where sig_checked is TRUST_NO; otherwise this counts for
	 * nothing.
	 */
	struct trust_fact appraised;
	struct trust_fact modules_disabled;
	struct trust_fact denied;   /* module_blacklist=: TRUST_NO where it was read: whom it names, the module says */
	struct trust_fact may_load; /* CAP_SYS_MODULE in the initial user namespace: of this process, not of the file */
	enum lockdown lockdown;
	struct trust_fact lockdown_source; /* value unused */
	enum trust_flavour flavour;        /* TRUST_OTHER: nothing proves whose it is */
	const char *flavour_source;
	struct trust_fact platform_asked; /* its kernel asks .platform about modules: a patch of some distributions */
	enum kconfig_value config[KCONFIG_N];
	struct trust_fact config_source; /* value unused */
	unsigned version;                /* 100 * major + minor, 612 */
};

/* What the kernel itself believes: the firmware's state, unless shim was set not to validate. */
enum trust_answer trust_kernel_secure_boot(const struct trust_machine *m);
/* The value of appraised, from the configuration and Secure Boot. */
enum trust_answer trust_kernel_appraises(const struct trust_machine *m);
/* Does the kernel look at the MOK list? With Secure Boot on it takes one that was built to look at that, too. */
enum trust_answer trust_kernel_reads_mok(const struct trust_machine *m);
/* Is the kernel built with it? */
enum trust_answer trust_config(const struct trust_machine *m, enum kconfig_option o);
void trust_machine_set_flavour(struct trust_machine *m, enum trust_flavour flavour, const char *source);

enum trust_ring {
	TRUST_RING_NONE,
	TRUST_RING_BUILTIN,
	TRUST_RING_SECONDARY,
	TRUST_RING_MACHINE,
	TRUST_RING_PLATFORM,
	TRUST_RING_BLACKLIST,
	TRUST_RINGS,
};

/* ".builtin_trusted_keys"; "" for TRUST_RING_NONE */
const char *trust_ring_name(enum trust_ring ring);

/* Does this kernel consult the ring for modules? *ret_why is a constant that says why, why not or why it is unknown. */
enum trust_answer trust_ring_asked(const struct trust_machine *m, enum trust_ring ring, const char **ret_why);
/* It is known to do so. */
bool trust_ring_is_used(const struct trust_machine *m, enum trust_ring ring, const char **ret_why);
/*
 * The kernel has such a ring, with keys or without, which proves options whose value is not known: keys in .machine
 * prove that it reads the MOK list, and so that Secure Boot is on.
 */
void trust_machine_saw_ring(struct trust_machine *m, enum trust_ring ring, bool has_keys);

/* Where a certificate comes from. */
enum trust_origin { TRUST_FROM_KERNEL, TRUST_FROM_MOK, TRUST_FROM_DB, TRUST_FROM_MOKX, TRUST_FROM_DBX };

/* What a certificate says it may be used for, as far as .machine asks: a set. */
enum trust_use {
	TRUST_USE_CA = 1,        /* basicConstraints, CA:TRUE */
	TRUST_USE_CERT_SIGN = 2, /* keyUsage, keyCertSign */
	TRUST_USE_SIGNATURE = 4, /* keyUsage, digitalSignature */
};
#define TRUST_USE_OF_CA (TRUST_USE_CA | TRUST_USE_CERT_SIGN)

/* Does .machine of this kernel take a certificate of such use, if the MOK list is trusted? */
enum trust_answer trust_machine_ring_takes(const struct trust_machine *m, unsigned use);
/* With CONFIG_INTEGRITY_CA_MACHINE_KEYRING it takes those of CAs only. */
bool trust_machine_ring_wants_ca(const struct trust_machine *m);
/* Does this kernel trust the MOK list as it is? */
enum trust_answer trust_mok_list_trusted(const struct trust_machine *m);

/*
 * The ring that the kernel puts a certificate of that origin into at boot. Certificates from the lists of forbidden
 * things are put into .blacklist, where they count against modules, only with CONFIG_SYSTEM_REVOCATION_LIST. With
 * facts unknown, the first of several that it may be.
 */
enum trust_ring trust_ring_for(const struct trust_machine *m, enum trust_origin origin, unsigned use);
/* All that it may be: a set of 1 << enum trust_ring. */
unsigned trust_rings_for(const struct trust_machine *m, enum trust_origin origin, unsigned use);
/* The first ring of the set, or TRUST_RING_NONE. */
enum trust_ring trust_first_ring(unsigned rings);
/* Does the kernel ask about modules where a certificate may be that is in one of the rings of the set? */
enum trust_answer trust_rings_asked(const struct trust_machine *m, unsigned rings, const char **ret_why);

/*
 * Assumes another state: a comma-separated list of secure-boot=on|off, shim-validation=on|off, mok-trusted=0|1,
 * sig_enforce=0|1, lockdown=none|integrity|confidentiality, modules_disabled=0|1, may-load=yes|no,
 * flavour=upstream|debian|fedora, platform=asked|not-asked.
 * What follows from Secure Boot on this kernel (lockdown, sig_enforce) follows here too, unless the list names it.
 * -EINVAL for an unknown word, which is reported.
 */
int trust_machine_assume(struct trust_machine *m, const char *list, struct diag *diag);

const char *trust_answer_word(enum trust_answer a, const char *yes, const char *no); /* "unknown" */
const char *trust_flavour_name(enum trust_flavour f);
