/* SPDX-License-Identifier: MIT */
#pragma once

/* One module that modinfo speaks of: its facts, and how they are printed. */

#include <stdio.h>

#include "base/diag.h"
#include "base/json.h"
#include "base/root.h"
#include "read/image/facts.h"
#include "read/image/siginfo.h"
#include "read/index/catalog.h"

struct modinfo_subject {
	const char *name; /* borrowed */
	const char *path; /* borrowed; NULL: built into the kernel */
	struct source *src;
	struct elf elf;
	struct modinfo info;
	struct parameters parameters;
	struct span build_id;   /* n is 0: none */
	bool is_signed;
	struct siginfo signature;
};

/*
 * Reads everything. path NULL: from the catalog's modules.builtin.modinfo; a release without that file has nothing to
 * say and is no error. -errno, not reported unless the file itself could not be read.
 */
int modinfo_subject_read(const struct root *root, const struct catalog *catalog, const char *name, const char *path,
			 struct scratch *scratch, struct diag *diag, struct modinfo_subject *ret);
void modinfo_subject_done(struct modinfo_subject *s);

struct modinfo_style {
	const char *field; /* NULL: all */
	char separator;    /* '\n', or NUL: then most lines are key=value */
};

/* `filename:` (and `name:` for a built-in module), for which nothing need be read. Returns true when that was all that is asked for. */
bool modinfo_print_head(FILE *out, const char *name, const char *path, const struct modinfo_style *style);
/* Everything else. Parameters that cannot be read are reported. */
int modinfo_print(FILE *out, const struct modinfo_subject *s, const struct modinfo_style *style, struct diag *diag);
/* One object of docs/json.md. */
int modinfo_json(struct json *j, const struct modinfo_subject *s);
