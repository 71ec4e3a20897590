/* SPDX-License-Identifier: MIT */
#pragma once

/* A command as a line that can be pasted into a shell (POSIX sh, XCU 2.2). */

#include "base/buf.h"

/*
 * Appends a word so that a shell reads it as this very word: as it is, when no character of it means anything to a
 * shell, otherwise in single quotes. What a terminal must not get (base/printable.h) is written as $'\ooo', which bash,
 * ksh and zsh read, and sh from POSIX.1-2024 on. Errors stick to *into.
 */
int shellword_add(struct buf *into, const char *word);
/* The words of a NULL-terminated argv, with blanks between them. */
int shellword_join(struct buf *into, const char *const *argv);
