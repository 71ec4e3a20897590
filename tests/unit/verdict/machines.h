/* SPDX-License-Identifier: MIT */
#pragma once

/* Machines as they were measured. */

#include "decide/verdict/machine.h"

/* Debian 12 with its 6.12 kernel; secure_boot: with what the kernel sets by itself then. */
static inline struct trust_machine machine_debian(bool secure_boot)
{
	struct trust_machine m = {
		.efi = { TRUST_YES, "", 0 },
		.secure_boot = { secure_boot ? TRUST_YES : TRUST_NO, "", 0 },
		.setup_mode = { TRUST_NO, "", 0 },
		.shim_validation = { TRUST_YES, "", 0 },
		.mok_trusted = { TRUST_YES, "", 0 },
		.sig_checked = { TRUST_YES, "", 0 },
		.sig_enforce = { secure_boot ? TRUST_YES : TRUST_NO, "", 0 },
		.modules_disabled = { TRUST_NO, "", 0 },
		.may_load = { TRUST_YES, "", 0 },
		.lockdown = secure_boot ? LOCKDOWN_INTEGRITY : LOCKDOWN_NONE,
		.shim = { TRUST_YES, "", 0 },
		.flavour = TRUST_DEBIAN,
		.platform_asked = { TRUST_YES, "", 0 },
		.version = 612,
	};

	for (enum kconfig_option o = 0; o < KCONFIG_N; o++)
		m.config[o] = KCONFIG_YES;
	m.config[KCONFIG_MODULE_SIG_FORCE] = KCONFIG_NO;
	m.config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING] = KCONFIG_NO;
	m.config[KCONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX] = KCONFIG_NO;
	m.config[KCONFIG_SYSTEM_REVOCATION_LIST] = KCONFIG_NO;
	return m;
}
