// SPDX-License-Identifier: MIT
#include "verb/mok/witness.h"

#include "read/efi/vars.h"

#define NAME "KmodctlMokRequest"

/* A GUID of this project. */
static const struct efi_guid vendor =
	EFI_GUID(0x88f14a27, 0x6402, 0x46c6, 0xa9, 0x07, 0x33, 0x17, 0xd8, 0xf9, 0x67, 0x57);

int witness_write(const struct root *root, const char *content)
{
	return efi_var_write(root, NAME, &vendor, EFI_NV_BS_RT, span_of_str(content), 0600);
}

bool witness_is_there(const struct root *root)
{
	return efi_var_exists(root, NAME, &vendor);
}

int witness_delete(const struct root *root)
{
	return efi_var_delete(root, NAME, &vendor);
}
