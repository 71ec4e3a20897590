/* SPDX-License-Identifier: MIT */
#pragma once

/* The keys of rings and lists as text: a row for each, a cell for each fact. */

#include "verb/trust/keystore.h"
#include "verb/trust/module.h"

enum key_column {
	KEY_ORIGIN,
	KEY_SUBJECT,
	KEY_ID, /* the beginning of the next one */
	KEY_SKID,
	KEY_SERIAL,
	KEY_ALGORITHM,
	KEY_VALID,
	KEY_MODULES,
	KEY_COLUMNS
};

struct key_row {
	char *cells[KEY_COLUMNS]; /* NULL: unknown */
};

struct key_rows {
	struct key_row *items;
	size_t n, cap;
};

/*
 * Is a ring or list of this name asked for: by one of the names (with "%:" or
 * "%keyring:" before it or not, with the dot of a ring or without), or because there are none?
 */
bool key_rows_are_wanted(const char *name, int n, char **names);
/* Is there a ring or list of this name? */
bool key_rows_are_known(const char *name);
/* What was probably meant by another name, or which there are (base/nearest.h). 0, -ENOMEM. */
int key_rows_hint(const char *name, struct buf *into);
/* Appends the keys of those that are asked for. 0, -ENOMEM. */
int key_rows_collect(const struct trust_context *ctx, int n, char **names, struct key_rows *rows);
void key_rows_done(struct key_rows *rows);
#define _cleanup_key_rows_ _cleanup_(key_rows_done)
