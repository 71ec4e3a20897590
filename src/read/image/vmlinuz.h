/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The kernel image of a release, unpacked (Documentation/arch/x86/boot.rst: setup_sects at 0x1f1, payload_offset and
 * payload_length at 0x248). Only from there can the built-in certificates be read.
 */

#include "base/buf.h"
#include "base/root.h"
#include "base/span.h"

/* No kernel unpacks to more than this. */
#define VMLINUZ_UNPACKED_MAX (UINT64_C(256) << 20)

/*
 * From /boot/vmlinuz-RELEASE or /lib/modules/RELEASE/vmlinuz. -ENOENT, -EACCES: it is often for root only; -ENOEXEC:
 * not an x86 boot image; -ENOSYS: packed in a way that cannot be undone here. Reports nothing: the image is a hint.
 */
int vmlinuz_read(const struct root *root, const char *release, struct buf *into);
/* The packed kernel in an image. -ENOEXEC. */
int vmlinuz_payload(struct span image, struct span *ret);
