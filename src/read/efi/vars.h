/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * EFI variables as files of efivarfs (Documentation/filesystems/efivarfs.rst): NAME-GUID, four bytes of attributes
 * in front of the data. A write is one write(2) of attributes and data; nearly all files have the immutable flag, which
 * is cleared first and set again afterwards, also when the write failed. Reached through struct root, so that a
 * directory can stand for the firmware.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/root.h"
#include "base/span.h"
#include "read/efi/guid.h"

#define EFI_FIRMWARE_DIR "/sys/firmware"
#define EFI_DIR EFI_FIRMWARE_DIR "/efi"
#define EFI_VARS_DIR "/sys/firmware/efi/efivars"
#define EFI_MOK_TABLE_DIR "/sys/firmware/efi/mok-variables"
#define EFI_VAR_CAP (1u << 20) /* the most that is read of one variable */

enum efi_attribute {
	EFI_NON_VOLATILE = 0x1,
	EFI_BOOT_ACCESS = 0x2,
	EFI_RUNTIME_ACCESS = 0x4,
	EFI_TIME_AUTHENTICATED = 0x20,
	EFI_APPEND_WRITE = 0x40,
};
#define EFI_NV_BS_RT (EFI_NON_VOLATILE | EFI_BOOT_ACCESS | EFI_RUNTIME_ACCESS)

enum efi_presence {
	EFI_PRESENT,
	EFI_NO_FIRMWARE, /* not booted by UEFI: /sys/firmware is there, with other firmware than this */
	EFI_NOT_MOUNTED, /* UEFI, but efivarfs is not there */
	EFI_HIDDEN,      /* /sys/firmware is missing, empty or closed (containers): nothing follows from that */
};

struct efi_var {
	uint32_t attributes;
	struct buf data;
};

void efi_var_done(struct efi_var *v);

enum efi_presence efi_presence(const struct root *root);

/* The path of the file: EFI_VARS_DIR/NAME-GUID. -ENAMETOOLONG. */
int efi_var_path(const char *name, const struct efi_guid *guid, char *ret, size_t cap);
bool efi_var_exists(const struct root *root, const char *name, const struct efi_guid *guid);

/* -ENOENT: no such variable. -EBADMSG: shorter than its attributes. -EFBIG: more than EFI_VAR_CAP. */
int efi_var_read(const struct root *root, const char *name, const struct efi_guid *guid, struct efi_var *ret);
/* A variable of one byte. -EBADMSG when it has another size. */
int efi_var_read_u8(const struct root *root, const char *name, const struct efi_guid *guid, uint8_t *ret);

/*
 * Creates or overwrites. Errors of the file system: -EINVAL the firmware refuses the data or the attributes, -EACCES
 * it refuses the signature, -ENOSPC no room in NVRAM, -EROFS write-protected or mounted read-only, -EIO.
 */
int efi_var_write(const struct root *root, const char *name, const struct efi_guid *guid, uint32_t attributes,
		  struct span data, mode_t mode);
/* 0 also when it is not there. */
int efi_var_delete(const struct root *root, const char *name, const struct efi_guid *guid);

/* What the error of a write means, for messages. */
const char *efi_write_error(int error);

enum efi_list_source {
	EFI_FROM_TABLE,
	EFI_FROM_VARIABLES,
	EFI_FROM_VARIABLES_INSTEAD, /* of the table, which is damaged while they are not */
};

/*
 * A list that shim publishes ("MokListRT"): from the MOK configuration table, where it is complete, else (or when that
 * is damaged) from the variables NAME, NAME1, NAME2..., which shim fills one after the other when one is too small.
 * Appends the data to *into. -ENOENT when neither is there.
 */
int efi_read_mok_list(const struct root *root, const char *name, struct buf *into, enum efi_list_source *ret);

#define _cleanup_efi_var_ _cleanup_(efi_var_done)
