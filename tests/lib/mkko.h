/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Tiny module files of any class and byte order, made from a text recipe: one directive per line, `#` begins a
 * comment line, blank lines count for nothing. A word ends at a blank; TEXT is the rest of the line with the escapes
 * \n \t \\ \0 \xHH; HEX is pairs of hexadecimal digits, or @FILE for the bytes of a file; numbers are C literals.
 *
 *   class 32|64               default 64
 *   order little|big          default little
 *   machine N, type N         e_machine (62 or 3), e_type (1, relocatable)
 *   info TEXT                 a string of .modinfo
 *   export NAME [CRC]         name in __ksymtab_strings; with a CRC also a local __crc_NAME in __kcrctab
 *   export-abs NAME CRC       the same with an absolute global __crc_NAME
 *   export-rule NAME all|gpl [NAMESPACE]   the same with entries of __ksymtab or __ksymtab_gpl and of the namespace
 *   array NAME N              a local __param_arr_NAME in .rodata that begins with the 32-bit word N
 *   string NAME               only in __ksymtab_strings (as symbol namespaces are)
 *   need NAME, weak NAME      undefined symbol
 *   local NAME                a local symbol of .text
 *   relocate SECTION OFFSET TYPE   an entry of .relaSECTION
 *   init NAME                 the same, and there the global init_module
 *   version NAME CRC          a record of __versions
 *   build-id HEX              .note.gnu.build-id
 *   section NAME HEX          any other section
 *   nobits NAME SIZE          a section without content in the file
 *   unterminated SECTION      the last byte (its NUL) of .modinfo, .strtab, .shstrtab ... is dropped
 *   trailer ID_TYPE SIGNER KEY_ID SIGNATURE   appended signature; the three are HEX or `-` for nothing
 *   trailer-hash N            the hash number of that trailer
 *   append HEX                bytes behind everything so far
 *   poke OFFSET HEX           overwrites; a negative offset counts from the end
 *   cut N                     drops N bytes from the end; `keep N` keeps the first N
 *   compress gz|xz|zst        packs the whole
 *
 * The last six act in their order, after the ELF file is complete.
 */

#include "base/buf.h"

/* Appends the file to *into. 0, or -EINVAL with the reason on standard error. */
int mkko_build(const char *recipe, struct buf *into);
