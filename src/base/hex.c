// SPDX-License-Identifier: MIT
#include "base/hex.h"

int hex_colons(struct span bytes, size_t wrap, struct buf *into)
{
	for (size_t i = 0; i < bytes.n; i++) {
		buf_addf(into, "%02X", bytes.p[i]);
		if (i + 1 == bytes.n)
			break;
		buf_adds(into, wrap && (i + 1) % wrap == 0 ? ":\n\t\t" : ":");
	}
	return buf_error(into);
}

int hex_plain(struct span bytes, struct buf *into)
{
	for (size_t i = 0; i < bytes.n; i++)
		buf_addf(into, "%02x", bytes.p[i]);
	return buf_error(into);
}
