/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One function for each kind of evidence, in the files of this room. Each appends findings and returns 0 or -ENOMEM;
 * what cannot be read yields no finding.
 */

#include "verb/why/subject.h"

int why_state(struct subject *s);     /* is it in the kernel already? */
int why_policy(struct subject *s);    /* blacklist, commands, softdeps */
int why_misread(struct subject *s);   /* lines that miss it, files that are not read */
int why_ignored(struct subject *s);   /* files and lines that are not taken into account */
int why_listed(struct subject *s);    /* is it to be loaded at boot? */
int why_pulled(struct subject *s);    /* what loads a blacklisted module nevertheless */
int why_denied(struct subject *s);    /* module_blacklist= */
int why_supported(struct subject *s); /* does the kernel load modules at all? */
int why_process(struct subject *s);   /* may this process load anything? */
int why_privilege(struct subject *s); /* the same, but what only an ordinary user may not is no obstacle */
int why_copies(struct subject *s);    /* other files of the same name */
int why_file(struct subject *s);      /* is the file there, and can it be read? */
int why_object(struct subject *s);    /* is it a module? */
int why_built_for(struct subject *s); /* for this kernel, and not loaded under another name? */
int why_format(struct subject *s);    /* both, after a refusal */
int why_machine(struct subject *s);   /* is it for this kind of machine? */
/* Is it surely for another kind of machine than a kernel that calls its own so? */
bool why_is_foreign(const struct elf *e, const char *uts);
int why_packing(struct subject *s);   /* can the kernel unpack the file? */
int why_identity(struct subject *s);  /* is what is loaded this file? */
int why_signature(struct subject *s); /* does the kernel accept the signature? */
#ifdef KMODCTL_SMALL
/* The tools of an initramfs run before a policy is loaded. */
static inline int why_guards(struct subject *s _unused_)
{
	return 0;
}
static inline int why_initcall(struct subject *s _unused_)
{
	return 0;
}
static inline int why_relocations(struct subject *s _unused_)
{
	return 0;
}
static inline int why_types(struct subject *s _unused_)
{
	return 0;
}
static inline int why_alias_misses(struct subject *s _unused_, const char *dir _unused_)
{
	return 0;
}
#else
int why_alias_misses(struct subject *s, const char *dir); /* a line that leads an alias to no module */
int why_types(struct subject *s);                         /* does the kernel's log say that its types do not fit? */
int why_relocations(struct subject *s);                   /* can its relocations be applied? */
int why_guards(struct subject *s);                        /* does another security module refuse the file? */
int why_initcall(struct subject *s);                      /* initcall_blacklist= */
#endif
int why_needs(struct subject *s);     /* the modules that it depends on */
int why_chain(struct subject *s);     /* would those be loaded themselves? After why_needs() */
int why_needed(struct subject *s);    /* who has the symbols it needs */
int why_rules(struct subject *s);     /* may it use them? */
int why_exported(struct subject *s);  /* who has the symbols it exports */
int why_versions(struct subject *s);  /* do the CRCs of symbols match? */
int why_options(struct subject *s);   /* configured options and whether they can work */
int why_initramfs(struct subject *s); /* does the initramfs have what is configured? */
int why_devices(struct subject *s);   /* which devices its aliases match, and what drives them */
/* Its init function returned ENODEV: what there is of devices for it. */
int why_without_device(struct subject *s);
/* The last record of each device in the kernel's log, into buffers that are empty. */
int why_read_device_log(struct subject *s, const struct modalias *const *devices, size_t n, struct buf *ret);
/* A device that its driver has left alone, and what the log says of it. */
int why_unbound(struct subject *s, const struct modalias *d, const struct buf *last);
int why_aliases(struct subject *s);  /* do its aliases lead to it? After why_devices() */
int why_firmware(struct subject *s); /* files it asks for */
int why_users(struct subject *s);    /* who uses it, if it is loaded */

/* Do the commands of an install line, for a shell, end without having done anything but print? */
bool why_command_does_nothing(const struct root *root, const char *commands);
/* Do they run modprobe for the module itself, without --ignore-install? */
bool why_command_loads_again(const char *commands, const char *name);
/* Do they fail, because a command among them does not exist? It is put into ret then. */
bool why_command_is_missing(const struct root *root, const char *commands, char *ret, size_t cap);
/* The install line that keeps modprobe from loading the module; NULL: none. */
const struct policy_entry *why_denied_by(const struct why_query *q, const char *name);

/* Is another name written where this module, by its normalized name, was meant? 1, 0, -ENOMEM. */
int why_means(const char *written, const char *name);
bool why_is_alias(const struct modinfo_item *item);
/* Does an alias of the module match this string? */
bool why_has_alias_for(const struct modinfo *info, const char *modalias);

/* A link whose target is not there. */
bool why_leads_nowhere(const struct root *root, const char *path);
/* Adds to the last finding the fix for a module's file that is not there. */
int why_fix_missing(struct subject *s, const char *path);
/* An obstacle, if the kernel's configuration says that it loads no modules at all. */
int why_kernel_supports(const struct why_query *q, struct why *found);
/* For a name that resolves to nothing: what the kernel's configuration says about it. */
int why_config(const struct why_query *q, const char *asked, struct why *found);
/* For such a name: 1 after an obstacle, if DKMS has the module; 0. */
int why_dkms(const struct why_query *q, const char *asked, struct why *found);
/* The package of DKMS that has built a module for the release, "NAME/VERSION". 1, 0, -ENOMEM. */
int dkms_find(const struct why_query *q, const char *module, struct buf *ret);

/* Is what is loaded under the name this file of a module, as far as sysfs shows? 1, 0; -ENODATA: it does not. */
int identity_is_loaded(const struct root *root, const char *name, const struct elf *e, const struct modinfo *info);
