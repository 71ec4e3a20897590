/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Text that others choose (names of processes, files, mounts and signers, words of a configuration) on its way to a
 * terminal or a log: it must neither control the terminal nor look like a line that a tool wrote.
 *
 * Valid UTF-8 stays. Escaped are C0 controls with the newline, DEL and bytes that are not UTF-8 as \xNN, and, as \u{N},
 * C1 controls (U+0080 to U+009F), the separators of lines and paragraphs and the controls of direction (U+061C, U+200E,
 * U+200F, U+2028 to U+202E, U+2066 to U+2069). A backslash stays as it is: the result is for reading, not for reading
 * back.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Length of the valid UTF-8 sequence at p, 0 if there is none. n > 0. */
size_t printable_utf8(const uint8_t *p, size_t n);
/* The character of a valid sequence of len bytes if it is one of those that are escaped; 0: it stays, or is NUL. */
uint32_t printable_control(const uint8_t *p, size_t len);
int printable_add(struct buf *into, const void *text, size_t n);
/* Formatted. Line ends and tabs of the format itself stay; those in the arguments are escaped. */
int printable_vaddf(struct buf *into, const char *fmt, va_list ap) _printf_(2, 0);
