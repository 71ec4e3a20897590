// SPDX-License-Identifier: MIT
#include "face/kmodctl/sign_kernel.h"

#include <errno.h>

#include "act/sign/cert_kernel.h"
#include "act/sign/cms.h"

/* ---- the hash ---- */

/* path NULL: of the named kernel, before any file is opened. */
static int check_hash(struct sign_kernels *k, const char *path, const struct kernel_target *kernel)
{
	const struct cms_hash *h = cms_hash_by_name(k->hash);
	const char *subject = path ? path : "", *mark = path ? ": " : "";
	enum kconfig_crypto option;

	if (!cms_hash_is_known_to(h, kernel->version)) {
		diag_report(&k->kernels.sys->diag, LOG_ERR, "sign.hash-dead", path, 0,
			    "%s%sLinux %u.%u does not take module signatures with %s", subject, mark,
			    kernel->version / 100, kernel->version % 100, k->hash);
		return -ENOPKG;
	}
	/* Of ML-DSA the message has no attributes, and the hash is not used. */
	if (!k->cert || cert_mldsa_name(k->cert) || !kconfig_hash_option(h->name, &option) ||
	    kernel->config.crypto[option] != KCONFIG_NOT_BUILT)
		return 0;
	diag_report(&k->kernels.sys->diag, LOG_ERR, "sign.hash-dead", path, 0,
		    "%s%sLinux %u.%u here is built without %s (%s)", subject, mark, kernel->version / 100,
		    kernel->version % 100, kconfig_crypto_name(option), kernel->config.path);
	return -ENOPKG;
}

int sign_kernels_check_hash(struct sign_kernels *k)
{
	return k->kernels.is_named ? check_hash(k, NULL, &k->kernels.usual) : 0;
}

/* ---- the certificate ---- */

/* path NULL: of no file. */
static int check_standing(struct sign_kernels *k, const char *path, unsigned version,
			  const struct cert_standing *standing)
{
	if (standing->usable)
		return 0;
	diag_report(&k->kernels.sys->diag, LOG_ERR, "sign.certificate-dead", path, 0,
		    "%s: Linux %u.%u does not check modules by this certificate: %s", path ? path : cert_label(k->cert),
		    version / 100, version % 100, standing->reason);
	return -EKEYREJECTED;
}

/* By the rules alone. Kernels know ever more, but of MD5 only those before 6.2 do. */
static bool is_usable_somewhere(const struct cert *cert)
{
	static const unsigned versions[] = { 601, 9999 };
	bool usable = false;

	for (size_t i = 0; i < ELEMENTSOF(versions) && !usable; i++) {
		const struct kernel_target rules = { .version = versions[i], .config.error = -ENOENT };
		struct cert_standing standing;

		cert_judge(cert, &rules, &standing);
		usable = standing.usable;
	}
	return usable;
}

int sign_kernels_check_certificate(struct sign_kernels *k, struct cert *cert)
{
	static const struct cert_standing fine = { .usable = true, .on_ring = true };
	const struct kernel_target *usual = &k->kernels.usual;
	int r = 0;

	k->cert = cert;
	cert_judge(cert, usual, &k->usual);
	if (k->kernels.is_named || !is_usable_somewhere(cert))
		r = check_standing(k, NULL, usual->version, &k->usual);
	if (r == 0)
		r = sign_kernels_check_hash(k);
	if (r == 0)
		cert_keep_standing(cert, &fine);
	return r;
}

/* ---- of each file ---- */

int sign_kernel_of(void *data, struct source *src, const char *path, struct chain_kernel *ret)
{
	struct sign_kernels *k = data;
	struct cert_standing standing = k->usual;
	struct kernel_target kernel;
	int r = file_kernel_find(&k->kernels, src, &kernel);

	if (r < 0)
		return r;
	if (r == 1)
		cert_judge(k->cert, &kernel, &standing);
	r = check_hash(k, path, &kernel);
	if (r == 0)
		r = check_standing(k, path, kernel.version, &standing);
	if (r == 0)
		*ret = chain_kernel_of(kernel.version, &kernel.config);
	return r;
}
