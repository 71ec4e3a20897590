/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One kind of evidence each, in files of this room called why_*.c. Every call appends findings and returns 0 or -ENOMEM;
 * what cannot be read gives none. They are called in an order: why_file() opens the file that those after it look at.
 */

#include "verb/why/why.h"
#include "read/image/facts.h"

/* One module that is being looked at. */
struct subject {
	const struct why_query *q;
	const struct candidate *c;
	const char *path; /* of its file; NULL: none known */
	enum live_state state;
	bool builtin;
	struct source *src;   /* the file, once it could be read; NULL */
	struct elf elf;
	struct modinfo info;
	bool is_module;       /* elf and info are those of a module */
	struct why *found;
};

/* Opens the file for the others: is it there, sound, for this kernel? */
int why_file(struct subject *s);
/* The fix of a file that was built for something else, to the last finding. */
int why_fix_build(struct subject *s);
void subject_close_file(struct subject *s);

int why_policy(struct subject *s);   /* blacklist, commands, softdeps */
int why_pulled(struct subject *s);   /* what loads a blacklisted module all the same */
int why_copies(struct subject *s);   /* other files of the same name */
int why_packing(struct subject *s);  /* can the kernel unpack the file? */
int why_identity(struct subject *s); /* is what is loaded this file? */
int why_symbols(struct subject *s);  /* who has the symbols it needs, who has those it exports */
int why_versions(struct subject *s); /* do the CRCs of symbols fit? */
int why_options(struct subject *s);  /* configured options and whether they can work */
int why_devices(struct subject *s);  /* what its aliases are for, and who drives that */
int why_firmware(struct subject *s); /* files it asks for */

/* For a name that leads nowhere: what the kernel's configuration has under that name. */
int why_config(const struct why_query *q, const char *asked, struct why *found);

/* Files below dir that are called like the module, sorted. Appends. Links are not followed. 0, -ENOMEM. */
int module_files_named(const struct root *root, const char *dir, const char *name, struct strv *ret);

/* Has this file of a module become what is loaded under the name, as far as sysfs tells? 1, 0; -ENODATA: it does not. */
int identity_is_loaded(const struct root *root, const char *name, const struct elf *e, const struct modinfo *info);
