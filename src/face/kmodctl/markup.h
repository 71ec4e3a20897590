/* SPDX-License-Identifier: MIT */
#pragma once

/* Text that others choose inside XML and HTML: it must neither end an element nor begin one, nor control a reader. */

#include "base/buf.h"

/*
 * Appends the text, printable (base/printable.h) and with & < > " ' as entities; U+FFFE and U+FFFF, which XML does not
 * allow, are escaped too. Sticky error.
 */
int markup_add(struct buf *into, const char *text);
/* The same, cut to that many characters of what is shown; what is left out ends in an ellipsis. */
int markup_cut(struct buf *into, const char *text, size_t characters);
/* The text between two pieces of markup: "<td>", "</td>". NULL: an unknown text, shown as a dash. Sticky error. */
int markup_between(struct buf *into, const char *before, const char *text, const char *after);
