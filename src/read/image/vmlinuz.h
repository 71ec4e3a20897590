/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The kernel image of a release, unpacked. Only from there can the built-in certificates be read. The forms:
 *   x86     bzImage (Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, payload_offset and payload_length at
 *           0x248)
 *   arm64   Image, not packed (Documentation/arch/arm64/booting.rst: magic at 0x38), or as a whole with gzip
 *   any     packed for EFI ("zimg" at 4; offset and size of the packed kernel follow)
 *   s390x   "S390EP" at 0x10008; the packed kernel is the last thing in the image, at a place that nothing names
 */

#include "base/buf.h"
#include "base/root.h"
#include "base/span.h"

/* No kernel unpacks to more than this. */
#define VMLINUZ_UNPACKED_MAX (UINT64_C(256) << 20)

struct codec;
struct vmlinuz_packed {
	struct span bytes;
	const struct codec *codec; /* NULL: they are the kernel itself */
	uint32_t size;             /* that they unpack to, as the image has it */
};

/*
 * From /boot/vmlinuz-RELEASE or /lib/modules/RELEASE/vmlinuz. -ENOENT, -EACCES: it is often for root only; -ENOEXEC:
 * none of these forms; -ENOSYS: packed in a way that cannot be undone here. Reports nothing: the image is a hint.
 */
int vmlinuz_read(const struct root *root, const char *release, struct buf *into);
/* The same of the bytes of an image, in place of what was in *into. */
int vmlinuz_unpack(struct span image, struct buf *into);
/* The packed kernel in an image whose form says where it is: all but s390x. -ENOEXEC, -ENOSYS. */
int vmlinuz_find(struct span image, struct vmlinuz_packed *ret);
