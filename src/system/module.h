/* SPDX-License-Identifier: MIT */
#pragma once

/* One module, with everything that its file, or modules.builtin.modinfo, says about it. */

#include "base/diag.h"
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
	struct span build_id; /* n is 0: none */
	bool is_signed;
	struct siginfo signature;
};

/*
 * What the catalog's modules.builtin.modinfo says about a built-in module. -ENOENT: there is no such file; -EINVAL, and
 * reported when diag is given: the file is damaged.
 */
int module_read_builtin(const struct catalog *catalog, const char *name, struct diag *diag, struct modinfo *ret);
/*
 * Reads everything. path NULL: from the catalog's modules.builtin.modinfo; a release without that file is not an
 * error, and the result is empty. -errno; reported to diag, if one is given,
 * when the file itself could not be read.
 */
int modinfo_subject_read(const struct root *root, const struct catalog *catalog, const char *name, const char *path,
			 struct scratch *scratch, struct diag *diag, struct modinfo_subject *ret);
void modinfo_subject_done(struct modinfo_subject *s);

#define _cleanup_modinfo_subject_ _cleanup_(modinfo_subject_done)
