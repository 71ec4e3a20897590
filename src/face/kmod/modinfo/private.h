/* SPDX-License-Identifier: MIT */
#pragma once

/* How modinfo prints a module. */

#include <stdio.h>

#include "base/json.h"
#include "system/module.h"

struct modinfo_style {
	const char *field; /* NULL: all */
	char separator;    /* '\n', or NUL: then most lines are key=value */
};

/*
 * `filename:` (and `name:` for a built-in module), for which no file needs to be read. Returns true when nothing else
 * is requested.
 */
bool modinfo_print_head(FILE *out, const char *name, const char *path, const struct modinfo_style *style);
/* Everything else. Parameters that cannot be read are reported. */
int modinfo_print(FILE *out, const struct modinfo_subject *s, const struct modinfo_style *style, struct diag *diag);
/* One object of docs/json.md. */
int modinfo_json(struct json *j, const struct modinfo_subject *s);
