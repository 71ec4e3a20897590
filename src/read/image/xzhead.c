// SPDX-License-Identifier: MIT
#include "read/image/xzhead.h"

#define STREAM_HEADER 12
#define CHECK_AT 7
#define CHECK_MAX 15
#define CHECK_CRC32 1

int xzhead_check(struct span head, uint8_t *ret)
{
	static const uint8_t magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0, 0 };

	if (head.n < STREAM_HEADER || !span_starts(head, magic, sizeof(magic)) || head.p[CHECK_AT] > CHECK_MAX)
		return -EINVAL;
	*ret = head.p[CHECK_AT];
	return 0;
}

bool xzhead_kernel_can(uint8_t check)
{
	return check <= CHECK_CRC32;
}

const char *xzhead_check_name(uint8_t check)
{
	static const char *const names[CHECK_MAX + 1] = {
		[0] = "none", [1] = "CRC32", [4] = "CRC64", [10] = "SHA-256"
	};

	return check <= CHECK_MAX && names[check] ? names[check] : "unknown";
}
