// SPDX-License-Identifier: MIT
#include "efi/guid.h"

#include <stdio.h>

#include "base/num.h"

void efi_guid_text(const struct efi_guid *guid, char ret[EFI_GUID_TEXT])
{
	const uint8_t *b = guid->b;

	snprintf(ret, EFI_GUID_TEXT, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", load_le32(b),
		 load_le16(b + 4), load_le16(b + 6), b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}
