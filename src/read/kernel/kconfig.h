/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The build options of the running kernel that trust in modules depends on. Read from the first of /proc/config.gz,
 * which is of this kernel for certain, /lib/modules/RELEASE/config, /usr/lib/modules/RELEASE/config,
 * /boot/config-RELEASE, /lib/modules/RELEASE/build/.config.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/root.h"
#include "base/span.h"

enum kconfig_option {
	KCONFIG_MODULE_SIG,
	KCONFIG_MODULE_SIG_FORCE,
	KCONFIG_SECONDARY_TRUSTED_KEYRING,
	KCONFIG_INTEGRITY_PLATFORM_KEYRING,
	KCONFIG_INTEGRITY_MACHINE_KEYRING,
	KCONFIG_INTEGRITY_CA_MACHINE_KEYRING,
	KCONFIG_INTEGRITY_CA_MACHINE_KEYRING_MAX,
	KCONFIG_LOAD_UEFI_KEYS,
	KCONFIG_SYSTEM_BLACKLIST_KEYRING,
	KCONFIG_SYSTEM_REVOCATION_LIST,
	KCONFIG_IMA,
	KCONFIG_IMA_ARCH_POLICY,
	KCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT, /* without it, IMA never finds Secure Boot on */
	KCONFIG_SECURITY_LOCKDOWN_LSM,
	KCONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT, /* carried by Debian, Fedora and others; not upstream */
	KCONFIG_MODULE_DECOMPRESS,
	KCONFIG_N,
};

enum kconfig_value { KCONFIG_UNKNOWN = -1, KCONFIG_NO, KCONFIG_YES };

/*
 * What the kernel needs to take a certificate, and to check the signatures of its key. With the last, which SUSE's
 * kernels carry, it checks modules only by keys with the extended usage codeSigning.
 */
enum kconfig_crypto {
	KCONFIG_ECDSA,
	KCONFIG_MLDSA,
	KCONFIG_MLDSA_ATTRIBUTES, /* lets signatures of such keys have signed attributes */
	KCONFIG_SHA512,
	KCONFIG_SHA3,
	KCONFIG_MD5,
	KCONFIG_CHECK_CODESIGN_EKU,
	KCONFIG_CRYPTO_N
};

/* A module is not there yet when the kernel fills its key rings at boot. */
enum kconfig_built { KCONFIG_BUILT_UNKNOWN, KCONFIG_NOT_BUILT, KCONFIG_BUILT_MODULE, KCONFIG_BUILT_IN };

struct kconfig {
	enum kconfig_value values[KCONFIG_N];
	enum kconfig_built crypto[KCONFIG_CRYPTO_N];
	bool without_modules; /* "# CONFIG_MODULES is not set" */
	char path[256];       /* where it was read; "": nowhere */
	int error;            /* 0, or why none of the files could be read */
};

void kconfig_read(const struct root *root, const char *release, struct kconfig *ret);
/* The same of a kernel that need not be the running one: /proc/config.gz is left out. */
void kconfig_read_installed(const struct root *root, const char *release, struct kconfig *ret);
/*
 * Any option of the first of those files, name with its CONFIG_: value "y", "m", "n" (also "is not set") or what
 * follows the '='; of several lines the last one. 1; 0: the file does not name it; -ENOENT: there is no such file.
 */
struct kconfig_entry {
	char value[32];
	char path[256];
	unsigned line;
};
int kconfig_find(const struct root *root, const char *release, const char *name, struct kconfig_entry *ret);
/* Parses the text of a configuration: an option that is not named is off. */
void kconfig_parse(struct span text, struct kconfig *ret);
/* The name, with its CONFIG_. */
const char *kconfig_name(enum kconfig_option option);
const char *kconfig_crypto_name(enum kconfig_crypto option);
/* The option that a hash (read/image/sigalg.h) depends on; false: every kernel with signed modules has it. */
bool kconfig_hash_option(const char *hash, enum kconfig_crypto *ret);
/* Is it not there when the kernel fills its key rings? Then why, with the file that says so. */
bool kconfig_crypto_lacks(const struct kconfig *config, enum kconfig_crypto option, char *ret, size_t n);
/* Does it check modules only by keys for code signing? Then what is wrong with another key. */
bool kconfig_wants_code_signing(const struct kconfig *config, char *ret, size_t n);
