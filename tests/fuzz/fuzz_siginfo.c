// SPDX-License-Identifier: MIT
/* The input is the PKCS#7 message of a trailer. */
#include <stdlib.h>
#include <string.h>

#include "read/image/siginfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span part, const uint8_t *data, size_t size)
{
	if (part.n > 0 && (part.p < data || part.p + part.n > data + size))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trailer t = { .state = TRAILER_OK, .id_type = TRAILER_PKCS7, .signature = span_of(data, size) };
	struct siginfo s;

	siginfo_read(&t, &s);
	if (strnlen(s.signer, sizeof(s.signer)) == sizeof(s.signer) || !s.hash || !s.id_type)
		abort();
	inside(s.key_id, data, size);
	inside(s.signature, data, size);
	inside(s.issuer, data, size);
	inside(s.hash_oid, data, size);
	inside(s.signature_oid, data, size);
	return 0;
}
