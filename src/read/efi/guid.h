/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * EFI_GUID as it lies in memory and files: the first three fields little endian, the rest as written (UEFI 2.10,
 * appendix A).
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define EFI_GUID_LEN 16
#define EFI_GUID_TEXT 37 /* "8be4df61-93ca-11d2-aa0d-00e098032b8c" and NUL */

struct efi_guid {
	uint8_t b[EFI_GUID_LEN];
};

/* From the notation a-b-c-d1,d2-e1..e6 of the specifications. */
#define EFI_GUID(a, b, c, d1, d2, e1, e2, e3, e4, e5, e6)                                                     \
	((struct efi_guid){ { (a)&0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, (a) >> 24, (b)&0xff, (b) >> 8, \
			      (c)&0xff, (c) >> 8, d1, d2, e1, e2, e3, e4, e5, e6 } })

#define EFI_GUID_GLOBAL EFI_GUID(0x8be4df61, 0x93ca, 0x11d2, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c)
#define EFI_GUID_SECURITY EFI_GUID(0xd719b2cb, 0x3d3a, 0x4596, 0xa3, 0xbc, 0xda, 0xd0, 0x0e, 0x67, 0x65, 0x6f)
#define EFI_GUID_SHIM EFI_GUID(0x605dab50, 0xe046, 0x4300, 0xab, 0xb6, 0x3d, 0xd8, 0x10, 0xdd, 0x8b, 0x23)
#define EFI_GUID_MICROSOFT EFI_GUID(0x77fa9abd, 0x0359, 0x4d32, 0xbd, 0x60, 0x28, 0xf4, 0xe7, 0x8f, 0x78, 0x4b)

static inline bool efi_guid_eq(const struct efi_guid *a, const struct efi_guid *b)
{
	return memcmp(a->b, b->b, EFI_GUID_LEN) == 0;
}

/* Lower case, as in the names of efivarfs. */
void efi_guid_text(const struct efi_guid *guid, char ret[EFI_GUID_TEXT]);
/* From that text, in either case. -EINVAL. */
int efi_guid_parse(const char *text, struct efi_guid *ret);
