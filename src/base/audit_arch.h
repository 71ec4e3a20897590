/* SPDX-License-Identifier: MIT */
#pragma once

/* The value that a seccomp filter sees for calls of this program's own architecture, where it is known. */

#include <linux/audit.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_I386
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && !defined(__ARMEB__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define AUDIT_ARCH_HERE AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_S390X
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_PPC64LE
#elif defined(__powerpc64__)
#define AUDIT_ARCH_HERE AUDIT_ARCH_PPC64
#elif defined(__loongarch64) && defined(AUDIT_ARCH_LOONGARCH64)
#define AUDIT_ARCH_HERE AUDIT_ARCH_LOONGARCH64
#endif
