/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Kernels that modules are signed for must be able to check the signatures. One that was named is asked before the key
 * is read, so that a passphrase is not wanted in vain; otherwise each file has its own.
 */

#include "act/sign/cert.h"
#include "act/sign/chain.h"
#include "face/kmodctl/file_kernel.h"

struct sign_kernels {
	struct file_kernels kernels;
	const char *hash;
	const struct cert *cert;
	struct cert_standing usual; /* of the certificate: with kernels.usual */
};

/* -ENOPKG, reported: the named kernel does not take the hash, whatever the key (before the certificate), or with it. */
int sign_kernels_check_hash(struct sign_kernels *k);
/*
 * Goes into *k. -EKEYREJECTED, reported: the named kernel checks no modules by it, or none was named and no kernel
 * does. The result is kept with it: verify_for() need not judge it again.
 */
int sign_kernels_check_certificate(struct sign_kernels *k, struct cert *cert);
/* The kernel_of of a sign_job; data: a struct sign_kernels. -ENOPKG or -EKEYREJECTED, reported; -ENOMEM */
int sign_kernel_of(void *data, struct source *src, const char *path, struct chain_kernel *ret);
