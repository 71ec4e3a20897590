// SPDX-License-Identifier: MIT
/* The same bytes as /proc/crypto, /proc/net/protocols, /proc/swaps and /proc/devices. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "read/kernel/proctables.h"
#include "text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TRY(table)                                                      \
	static void try_##table(const uint8_t *data, size_t size)       \
	{                                                               \
		_cleanup_(table##_done) struct table t = { 0 };         \
		char *text = fuzz_text(data, size);                     \
                                                                        \
		if (!text || table##_parse(text, &t) < 0 || t.n > size) \
			abort();                                        \
		free(text);                                             \
	}

TRY(crypto_algs)
TRY(socket_protocols)
TRY(swap_areas)
TRY(device_majors)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_crypto_algs(data, size);
	try_socket_protocols(data, size);
	try_swap_areas(data, size);
	try_device_majors(data, size);
	return 0;
}
