// SPDX-License-Identifier: MIT
/* A signed module: trailer, message and the verdict over it, with a certificate that the seeds' messages name. */
#include <stdlib.h>
#include <string.h>

#include "act/sign/cert.h"
#include "act/sign/cms.h"
#include "act/sign/mldsa.h"
#include "act/sign/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* tests/fuzz/seeds/cms were signed with it: CN "fuzz", P-256. */
static const char certificate[] =
#include "fuzz_cms_certificate.inc"
	;

static const struct keyring *keyring(void)
{
	static struct keyring ring;
	struct cert *c;

	if (ring.n == 0 && cert_parse(span_of_str(certificate), "fuzz", NULL, &c) == 0 && keyring_take(&ring, c) < 0)
		abort();
	return &ring;
}

/* The input's beginning, as a signature of each size that there is. */
static void read_mldsa(const uint8_t *data, size_t size)
{
	static const struct {
		const char *name;
		size_t size;
	} kinds[] = { { "ML-DSA-44", 2420 }, { "ML-DSA-65", 3309 }, { "ML-DSA-87", 4627 } };

	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		mldsa_is_formed(kinds[i].name, span_of(data, size < kinds[i].size ? size : kinds[i].size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned kernels[] = { 601, 612, 700 };
	struct verify_result v;
	const char *why = "";
	struct cms c;

	read_mldsa(data, size);
	for (size_t i = 0; i < ELEMENTSOF(kernels); i++)
		if (verify_bytes(span_of(data, size), keyring(), kernels[i], &v) == 0 &&
		    (v.state >= VERIFY_STATES || !v.cause[0]))
			abort();
	if (cms_parse(span_of(data, size), &c, &why) == 0) {
		if (c.length > size)
			abort();
		cms_done(&c);
	} else if (!*why) {
		abort();
	}
	return 0;
}
