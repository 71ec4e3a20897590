/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Changes to the parameters of one module in the text of a modprobe.d(5) file. Only `options` lines of that module
 * change; every other byte stays. Pure: the caller reads and replaces the file.
 */

#include "base/buf.h"
#include "base/span.h"
#include "base/vec.h"

struct edit_change {
	const char *name;  /* parameter; '-' and '_' are the same */
	const char *value; /* NULL: the parameter is removed */
	bool bare;         /* set without a value (a bool parameter's `name`); value is then not NULL but unused */
};

/* Letters, digits, '_', '-' and '.'. */
bool edit_is_name(const char *name);
/*
 * The first change that cannot be written: its value has a newline, control character or double quote, or its name is
 * not a single word. NULL: all can be written.
 */
const struct edit_change *edit_unwritable(const struct edit_change *changes, size_t n);
/*
 * Appends the changed text to *ret. A parameter that is set appears once, in the module's last options line; a line
 * that has no parameter left is removed; if there is no options line, one is added at the end.
 * -EINVAL: edit_unwritable(), or a NUL in the file.
 */
int edit_options(struct span old, const char *module, const struct edit_change *changes, size_t n, struct buf *ret);

/* Whether a word sets this parameter: "name" or "name=...", '-' and '_' the same. */
bool edit_word_is(const char *word, const char *name);
