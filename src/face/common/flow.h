/* SPDX-License-Identifier: MIT */
#pragma once

/* Lines that fit the width of a terminal: broken between words, and continued where their text begins. */

#include "base/buf.h"

/* Columns that this many bytes of text take: UTF-8; looks (display.h) and escape sequences of colors take none. */
size_t flow_width(struct span text);
/* Bytes of the longest beginning that takes no more than that many columns. */
size_t flow_fit(struct span text, size_t columns);
/*
 * A '?' in the place of each character that the locale does not have, as where C.UTF-8 is not there: libsmartcols
 * measures by the locale, and some of its versions never get past such a character.
 */
void flow_keep_readable(struct buf *text);
/*
 * Appends the line, broken where it is wider than that; columns 0: nowhere. A path or another long word gets a line of
 * its own, and only what is wider than the terminal is broken behind a '/', ',' or ':'. A command to be pasted
 * (LOOK_COMMAND) is continued with a backslash, and its words stay whole. 0, -ENOMEM.
 */
int flow_line(struct span line, unsigned columns, struct buf *into);
