/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Can a kernel check what a module is signed with? By its version (100 * major + minor) and its configuration; the
 * binary for an initramfs, which has no tables of algorithms, does not claim that it cannot.
 */

#include <stdbool.h>
#include <stddef.h>

#include "read/image/siginfo.h"
#include "read/image/trailer.h"
#include "read/kernel/kconfig.h"

#ifdef KMODCTL_SMALL
static inline bool algorithms_are_known(const struct trailer *t _unused_, const struct siginfo *info _unused_,
					unsigned version _unused_)
{
	return true;
}
static inline bool algorithm_is_lacking(const struct siginfo *info _unused_, const struct kconfig *config _unused_,
					char *ret _unused_, size_t n _unused_)
{
	return false;
}
static inline enum kconfig_built algorithms_let_attributes(const struct trailer *t _unused_,
							   const struct siginfo *info _unused_, unsigned version,
							   const struct kconfig *config _unused_)
{
	return version < 700 ? KCONFIG_NOT_BUILT : KCONFIG_BUILT_UNKNOWN;
}
#else
/* All signers' hashes and schemes: the kernel's parser stops at the first that it does not know. */
bool algorithms_are_known(const struct trailer *t, const struct siginfo *info, unsigned version);
/* Is the kernel built without the hash that the only signer used? Then why not. */
bool algorithm_hash_is_lacking(const struct siginfo *info, const struct kconfig *config, char *ret, size_t n);
/* The same, or without his kind of key, where its certificate is not in the message: no ring has it then. */
bool algorithm_is_lacking(const struct siginfo *info, const struct kconfig *config, char *ret, size_t n);
/* Does the kernel take signed attributes from these signers? Only keys of ML-DSA may have them. */
enum kconfig_built algorithms_let_attributes(const struct trailer *t, const struct siginfo *info, unsigned version,
					     const struct kconfig *config);
#endif
