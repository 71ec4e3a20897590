// SPDX-License-Identifier: MIT
#include "act/sign/hash_alias.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

#include "act/sign/cms.h"

/* libcrypto's number of the hash. Aliases of a provider are known once it was asked for something. */
static int number_of(const char *name)
{
	EVP_MD *fetched = EVP_MD_fetch(NULL, name, NULL);
	const EVP_MD *md = fetched ? fetched : EVP_get_digestbyname(name);
	int number = md ? EVP_MD_get_type(md) : NID_undef;

	EVP_MD_free(fetched);
	ERR_clear_error();
	return number;
}

const char *hash_alias(const char *name)
{
	const struct cms_hash *known = cms_hash_by_name(name), *all;
	int number = known ? NID_undef : number_of(name);
	size_t n;

	if (known)
		return known->name;
	all = cms_hashes(&n);
	for (size_t i = 0; number != NID_undef && i < n; i++)
		if (number_of(all[i].openssl) == number)
			return all[i].name;
	return name;
}
