// SPDX-License-Identifier: MIT
/* The input is the PKCS#7 message of a trailer. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "read/image/sigalg.h"
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
	_cleanup_buf_ struct buf name = BUF_INIT;
	struct siginfo s;
	const char *hash;

	siginfo_read(&t, &s);
	if (strnlen(s.signer, sizeof(s.signer)) == sizeof(s.signer) || !s.hash || !s.id_type)
		abort();
	inside(s.key_id, data, size);
	inside(s.signature, data, size);
	inside(s.issuer, data, size);
	if (siginfo_ring_name(s.issuer_entries, &name) < 0)
		abort();
	(void)sigalg_knows_certificate(s.signature_oid, 612, &hash);
	inside(s.hash_oid, data, size);
	inside(s.signature_oid, data, size);
	return 0;
}
