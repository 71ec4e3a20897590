// SPDX-License-Identifier: MIT
/* The parts of a signed file lie side by side inside of it. */
#include <stdlib.h>

#include "read/image/siginfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trailer t = trailer_read(span_of(data, size));
	struct siginfo s;

	if (t.state == TRAILER_NONE && t.payload.n != size)
		abort();
	if (t.state != TRAILER_OK)
		return 0;
	if (t.payload.n + t.signer.n + t.key_id.n + t.signature.n + TRAILER_INFO_LEN + TRAILER_MAGIC_LEN != size)
		abort();
	siginfo_read(&t, &s);
	return 0;
}
