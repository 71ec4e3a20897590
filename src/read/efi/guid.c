// SPDX-License-Identifier: MIT
#include "read/efi/guid.h"

#include <errno.h>
#include <stdio.h>

#include "base/hex.h"
#include "base/num.h"

void efi_guid_text(const struct efi_guid *guid, char ret[EFI_GUID_TEXT])
{
	const uint8_t *b = guid->b;

	snprintf(ret, EFI_GUID_TEXT, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", load_le32(b), load_le16(b + 4),
		 load_le16(b + 6), b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

int efi_guid_parse(const char *text, struct efi_guid *ret)
{
	/* The order in which the octets are written. */
	static const uint8_t order[EFI_GUID_LEN] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct efi_guid guid;

	for (size_t i = 0; i < EFI_GUID_LEN; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return -EINVAL;
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return -EINVAL;
		guid.b[order[i]] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	if (*text)
		return -EINVAL;
	*ret = guid;
	return 0;
}
