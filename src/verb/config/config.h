/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What is configured for modules: every line of modprobe.d(5), modules-load.d(5) and the kernel command line, with the
 * place it stands in, also those of files that others of the same name mask.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "base/arena.h"
#include "decide/plan/world.h"
#include "read/conf/modload.h"
#include "system/sys.h"

enum config_effect {
	CONFIG_COUNTS,     /* it is in effect */
	CONFIG_PARTLY,     /* a part of it is */
	CONFIG_OVERRIDDEN, /* another line counts instead */
	CONFIG_CANCELLED,  /* a line of another kind keeps it from having an effect */
	CONFIG_MASKED,     /* its file is not read, because one of a directory of higher priority has the same name */
	CONFIG_IDLE,       /* nothing that exists is concerned */
	CONFIG_UNSURE,     /* what it depends on could not be read */
};

/* Has the initramfs of the release the same? */
enum config_image_has {
	CONFIG_IMAGE_NONE,    /* it has nothing to do with the line, or there is no initramfs */
	CONFIG_IMAGE_UNKNOWN, /* it could not be read */
	CONFIG_IMAGE_SAME,    /* the line */
	CONFIG_IMAGE_OTHER,   /* the file, without the line */
	CONFIG_IMAGE_LACKS,   /* no such file */
};

struct config_line {
	const char *directive;            /* "options"; "load": a module to load at boot; "module_blacklist" */
	const char *name;                 /* module, alias or pattern, as modprobe compares it */
	const char *value;                /* what stands behind the name; NULL: nothing */
	const char *file;                 /* "/etc/modprobe.d/x.conf", "/proc/cmdline" */
	unsigned line;                    /* 0: the command line has none */
	const struct policy_entry *entry; /* NULL: directive is "load" or "module_blacklist" */
	bool by_depmod;                   /* of modules.softdep or modules.weakdep: a module brought it along */
	uint64_t rank;                    /* of its file, in the order of reading */
	size_t found;                     /* how many lines were found before it */

	/* Set by config_judge(). */
	enum config_effect effect;
	const char *why;               /* a clause; NULL: there is nothing to add */
	const struct policy_entry *by; /* the line that is the reason; NULL: a file, or none */
	const char *by_file;           /* its place, or that of the file; NULL: none */
	unsigned by_line;

	/* Set by config_image_compare(). */
	enum config_image_has in_image;
};

/* A file that is not read, because another one has the same name. */
struct config_masked {
	char *path, *by;
	struct policy *policy; /* its lines; NULL: a file of modules-load.d */
	struct modload list;
};

struct config {
	struct sys *sys;
	char *release; /* NULL: that of the machine is not known */
	struct catalog *catalog;
	struct policy *policy;
	struct modload list;
	struct plan_world world;         /* of catalog and policy */
	struct strv denied;              /* the module_blacklist= that counts, as written */
	struct strv undenied, oversized; /* those before it; those that the kernel finds too long */
	struct config_line *lines;       /* in the order of reading */
	size_t n, cap;
	struct config_masked *masked;
	size_t n_masked, cap_masked;
	struct map setters; /* parameter of a module → the last options line that sets it; of config_judge() */
	const char *hidden; /* the module asked about, if modprobe takes its name for an alias; of config_about() */
	bool is_whole;      /* all that is configured was read */
	struct arena strings;
};

/*
 * release NULL: the running one; or, if the root is that of another machine (base/root.h: root_enter()), the newest
 * that is installed there. -errno, reported.
 */
int config_open(struct sys *sys, const char *release, bool is_other_machine, struct config *ret);
void config_close(struct config *c);

/* What a name in a line stands for, in the release. */
enum config_known {
	CONFIG_MODULE,  /* a module file */
	CONFIG_BUILTIN, /* a part of the kernel */
	CONFIG_ALIAS,   /* an alias of modules, or one that is configured */
	CONFIG_NOTHING,
	CONFIG_NOT_KNOWN, /* the indexes are not there */
};

/* name: normalized as an alias. -ENOMEM. */
int config_known(const struct config *c, const char *name, enum config_known *ret);
/* Do alias lines take a module's name for other modules? modprobe looks them up first. 1, 0, -ENOMEM. */
int config_is_hidden(const struct config *c, const char *name);
/* Is it a pattern of names? */
bool config_is_pattern(const char *name);

/*
 * Sets effect, why and by of all lines. module: as far as this module is concerned, by its normalized name; NULL: any
 * that a line matches. -ENOMEM.
 */
int config_judge(struct config *c, const char *module);

/*
 * Leaves only the lines that concern a module or alias. module: its normalized name, where the name stands for one.
 * *ret_known: the name stands for something. A module whose name is an alias of another one as well has its own lines
 * and those of the other one. -ENOMEM; -EINVAL: it cannot be a name.
 */
int config_about(struct config *c, const char *name, const char **ret_module, enum config_known *ret_known);

const char *config_effect_name(enum config_effect effect); /* "in-effect", "overridden", ... */
const char *config_image_name(enum config_image_has has);  /* NULL: CONFIG_IMAGE_NONE */

#define _cleanup_config_ _cleanup_(config_close)
