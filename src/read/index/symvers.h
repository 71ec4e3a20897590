/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Module.symvers: the exported symbols of a kernel build. A line is `CRC SYMBOL MODULE EXPORT_TYPE [NAMESPACE]` with
 * blanks between the words (Documentation/kbuild/modules.rst); Linux 5.4 to 5.7 wrote `CRC SYMBOL [NAMESPACE] MODULE
 * EXPORT_TYPE`. The module is a path without suffix below the build directory, or "vmlinux".
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/root.h"

#define SYMVERS_MAX ((size_t)256 << 20) /* bytes of a file that are read */

/* The strings are borrowed from the list. */
struct symvers_entry {
	const char *symbol;
	const char *module;
	const char *ns; /* "": in no namespace */
	bool gpl_only;
	const char *crc_word; /* as written in the file */
	uint64_t crc;         /* 0 if crc_word is not a hexadecimal number */
	bool has_crc;
	unsigned line; /* counted from 1 */
};

/* A list that is read line by line. Callers that do not use symvers_open() put the bytes into text. */
struct symvers {
	struct buf text; /* cut in place by symvers_next() */
	size_t pos;
	unsigned line;
};

#define SYMVERS_INIT ((struct symvers){ .text = BUF_INIT })

/* Reads the list of a regular file. 0; -errno of file_read_regular(), with *ret untouched. */
int symvers_open(const struct root *root, const char *path, struct symvers *ret);
void symvers_done(struct symvers *s);

/* 1 and the next symbol, 0 at the end. Lines of less than three words are skipped. */
int symvers_next(struct symvers *s, struct symvers_entry *ret);

/* Is this a symbol of the kernel itself? */
bool symvers_is_kernel(const struct symvers_entry *e);

#define _cleanup_symvers_ _cleanup_(symvers_done)
