// SPDX-License-Identifier: MIT
#include "verb/why/algorithms.h"

#include "read/image/sigalg.h"

#ifndef KMODCTL_SMALL
bool algorithms_are_known(const struct trailer *t, const struct siginfo *info, unsigned version)
{
	for (unsigned i = 0; i < info->n_signers; i++) {
		struct siginfo s;

		siginfo_read_signer(t, i, &s);
		if (!sigalg_knows_hash(s.hash_oid, version) || !sigalg_knows_scheme(s.signature_oid, version))
			return false;
	}
	return true;
}

bool algorithm_hash_is_lacking(const struct siginfo *info, const struct kconfig *config, char *ret, size_t n)
{
	enum kconfig_crypto option;

	/* ML-DSA has a hash of its own. One that is a module can be loaded when it is needed. */
	if (info->n_signers != 1 || (sigalg_is_mldsa(info->signature_oid) && !info->has_signed_attributes))
		return false;
	return kconfig_hash_option(info->hash, &option) && config->crypto[option] == KCONFIG_NOT_BUILT &&
	       kconfig_crypto_lacks(config, option, ret, n);
}

bool algorithm_is_lacking(const struct siginfo *info, const struct kconfig *config, char *ret, size_t n)
{
	if (info->n_signers == 1 && !info->has_certificates && sigalg_is_mldsa(info->signature_oid) &&
	    kconfig_crypto_lacks(config, KCONFIG_MLDSA, ret, n))
		return true;
	return algorithm_hash_is_lacking(info, config, ret, n);
}

enum kconfig_built algorithms_let_attributes(const struct trailer *t, const struct siginfo *info,
					     unsigned version _unused_, const struct kconfig *config)
{
	for (unsigned i = 0; i < info->n_signers; i++) {
		struct siginfo s;

		siginfo_read_signer(t, i, &s);
		if (!sigalg_is_mldsa(s.signature_oid))
			return KCONFIG_NOT_BUILT;
	}
	return config->crypto[KCONFIG_MLDSA_ATTRIBUTES];
}
#endif
