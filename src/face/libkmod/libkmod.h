/* SPDX-License-Identifier: MIT */
#ifndef LIBKMOD_H
#define LIBKMOD_H

/*
 * The C interface for programs that work with Linux kernel modules: a drop-in for the library of the same
 * name and soname (libkmod.so.2). Types are opaque, functions return 0 or a count, or a negative errno.
 *
 * A context and everything made from it belong to one thread at a time; different contexts are independent.
 * Strings that a function returns belong to the object that they were requested from and live as long as it does.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- context ------------------------------------------------------------------------------------------ */

struct kmod_ctx;

/*
 * dirname: the release's module directory; NULL: /lib/modules/`uname -r`. Need not exist.
 * config_paths: NULL-terminated list of modprobe.d files and directories; NULL: the system's; an empty list: none.
 * Configuration and kernel command line are read here. The caller owns one reference. NULL: out of memory.
 */
struct kmod_ctx *kmod_new(const char *dirname, const char *const *config_paths);
struct kmod_ctx *kmod_ref(struct kmod_ctx *ctx);
/* Returns NULL when this was the last reference. Every module object holds one, too. */
struct kmod_ctx *kmod_unref(struct kmod_ctx *ctx);

/*
 * Where messages go; log_fn NULL: nowhere. format usually ends in a newline. Messages above the priority
 * (syslog levels; default LOG_ERR, or $KMOD_LOG) are not passed.
 */
void kmod_set_log_fn(struct kmod_ctx *ctx,
		     void (*log_fn)(void *log_data, int priority, const char *file, int line, const char *fn,
				    const char *format, va_list args),
		     const void *data);
int kmod_get_log_priority(const struct kmod_ctx *ctx);
void kmod_set_log_priority(struct kmod_ctx *ctx, int priority);
void *kmod_get_userdata(const struct kmod_ctx *ctx);
void kmod_set_userdata(struct kmod_ctx *ctx, const void *userdata);

const char *kmod_get_dirname(const struct kmod_ctx *ctx);

/* ---- indexes ------------------------------------------------------------------------------------------ */

/*
 * Keeps the indexes mapped, for programs that look up many modules. Without it each look-up opens what it
 * needs. A failure leaves none loaded and is harmless.
 */
int kmod_load_resources(struct kmod_ctx *ctx);
void kmod_unload_resources(struct kmod_ctx *ctx);

enum kmod_resources {
	KMOD_RESOURCES_OK = 0,
	KMOD_RESOURCES_MUST_RELOAD = 1,   /* an index changed: unload and load again */
	KMOD_RESOURCES_MUST_RECREATE = 2, /* a configuration path changed: make a new context */
};

/* Whether what the context holds is still what is on disk: an enum kmod_resources. */
int kmod_validate_resources(struct kmod_ctx *ctx);

enum kmod_index {
	KMOD_INDEX_MODULES_DEP = 0,
	KMOD_INDEX_MODULES_ALIAS,
	KMOD_INDEX_MODULES_SYMBOL,
	KMOD_INDEX_MODULES_BUILTIN_ALIAS,
	KMOD_INDEX_MODULES_BUILTIN,
	_KMOD_INDEX_PAD = 1U << 31,
};

/* Writes an index as text to fd. -ENOENT: no such index type, -ENOSYS: its file cannot be used. */
int kmod_dump_index(struct kmod_ctx *ctx, enum kmod_index type, int fd);

/* ---- lists -------------------------------------------------------------------------------------------- */

/* A list is its first entry; an empty list is NULL. */
struct kmod_list;

/* The entry after or before curr; NULL at either end. */
struct kmod_list *kmod_list_next(const struct kmod_list *list, const struct kmod_list *curr);
struct kmod_list *kmod_list_prev(const struct kmod_list *list, const struct kmod_list *curr);
struct kmod_list *kmod_list_last(const struct kmod_list *list);

#define kmod_list_foreach(list_entry, first_entry) \
	for (list_entry = first_entry; list_entry != NULL; list_entry = kmod_list_next(first_entry, list_entry))

#define kmod_list_foreach_reverse(list_entry, first_entry)                 \
	for (list_entry = kmod_list_last(first_entry); list_entry != NULL; \
	     list_entry = kmod_list_prev(first_entry, list_entry))

/* ---- configuration ------------------------------------------------------------------------------------ */

struct kmod_config_iter;

/* Iterators over the merged configuration, positioned before the first entry; the caller frees them. */
struct kmod_config_iter *kmod_config_get_blacklists(const struct kmod_ctx *ctx);
struct kmod_config_iter *kmod_config_get_install_commands(const struct kmod_ctx *ctx);
struct kmod_config_iter *kmod_config_get_remove_commands(const struct kmod_ctx *ctx);
struct kmod_config_iter *kmod_config_get_aliases(const struct kmod_ctx *ctx);
struct kmod_config_iter *kmod_config_get_options(const struct kmod_ctx *ctx);
struct kmod_config_iter *kmod_config_get_softdeps(const struct kmod_ctx *ctx);
struct kmod_config_iter *kmod_config_get_weakdeps(const struct kmod_ctx *ctx);
/* NULL when the iterator is at no entry. A value lives until the next call on the iterator; blacklists have none. */
const char *kmod_config_iter_get_key(const struct kmod_config_iter *iter);
const char *kmod_config_iter_get_value(const struct kmod_config_iter *iter);
/* false at the end; the next call then starts again from the beginning. */
bool kmod_config_iter_next(struct kmod_config_iter *iter);
void kmod_config_iter_free_iter(struct kmod_config_iter *iter);

/* ---- modules ------------------------------------------------------------------------------------------ */

struct kmod_module;

/* Any name; whether such a module exists is not checked. */
int kmod_module_new_from_name(struct kmod_ctx *ctx, const char *name, struct kmod_module **mod);
/* A file, which must exist. -EEXIST: the context knows a module of this name from another file. */
int kmod_module_new_from_path(struct kmod_ctx *ctx, const char *path, struct kmod_module **mod);
/* All modules that a name, alias or modalias string stands for. *list must be empty. 0 with an empty list: none. */
int kmod_module_new_from_lookup(struct kmod_ctx *ctx, const char *given_alias, struct kmod_list **list);
/* The module of exactly this name, installed or built in. 0 with *mod untouched: none. */
int kmod_module_new_from_name_lookup(struct kmod_ctx *ctx, const char *modname, struct kmod_module **mod);
/* All loaded modules, in the order of /proc/modules. */
int kmod_module_new_from_loaded(struct kmod_ctx *ctx, struct kmod_list **list);

struct kmod_module *kmod_module_ref(struct kmod_module *mod);
struct kmod_module *kmod_module_unref(struct kmod_module *mod);
/* Frees a list of modules and the reference that each entry holds. */
int kmod_module_unref_list(struct kmod_list *list);
/* The module of a list entry: a new reference. */
struct kmod_module *kmod_module_get_module(const struct kmod_list *entry);

/* Flags of kmod_module_remove_module() */
enum kmod_remove {
	KMOD_REMOVE_FORCE = O_TRUNC,
	KMOD_REMOVE_NOWAIT = O_NONBLOCK, /* always in effect */
	KMOD_REMOVE_NOLOG = 1,           /* a failure is not logged */
};

/* Flags of kmod_module_insert_module() */
enum kmod_insert {
	KMOD_INSERT_FORCE_VERMAGIC = 0x1,
	KMOD_INSERT_FORCE_MODVERSION = 0x2,
};

/* Flags of kmod_module_probe_insert_module() */
enum kmod_probe {
	KMOD_PROBE_FORCE_VERMAGIC = 0x00001,
	KMOD_PROBE_FORCE_MODVERSION = 0x00002,
	KMOD_PROBE_IGNORE_COMMAND = 0x00004,
	KMOD_PROBE_IGNORE_LOADED = 0x00008,
	KMOD_PROBE_DRY_RUN = 0x00010,
	KMOD_PROBE_FAIL_ON_LOADED = 0x00020,

	/* also returned: the module is blacklisted and was therefore not loaded */
	KMOD_PROBE_APPLY_BLACKLIST_ALL = 0x10000,
	KMOD_PROBE_APPLY_BLACKLIST = 0x20000,
	KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY = 0x40000,
};

/* Flags of kmod_module_apply_filter() */
enum kmod_filter {
	KMOD_FILTER_BLACKLIST = 0x00001,
	KMOD_FILTER_BUILTIN = 0x00002,
};

int kmod_module_remove_module(struct kmod_module *mod, unsigned int flags);
/* Loads this one file, without dependencies and configuration. */
int kmod_module_insert_module(struct kmod_module *mod, unsigned int flags, const char *options);
/*
 * Loads a module with its dependencies, softdeps, options and commands. run_install replaces the shell for install
 * commands; print_action is called for each step. 0, a negative errno, or the blacklist flag that applied.
 */
int kmod_module_probe_insert_module(struct kmod_module *mod, unsigned int flags, const char *extra_options,
				    int (*run_install)(struct kmod_module *m, const char *cmdline, void *data),
				    const void *data,
				    void (*print_action)(struct kmod_module *m, bool install, const char *options));

const char *kmod_module_get_name(const struct kmod_module *mod);
const char *kmod_module_get_path(const struct kmod_module *mod);
const char *kmod_module_get_options(const struct kmod_module *mod);
const char *kmod_module_get_install_commands(const struct kmod_module *mod);
const char *kmod_module_get_remove_commands(const struct kmod_module *mod);
/* Hard dependencies in load order. */
struct kmod_list *kmod_module_get_dependencies(const struct kmod_module *mod);
int kmod_module_get_softdeps(const struct kmod_module *mod, struct kmod_list **pre, struct kmod_list **post);
int kmod_module_get_weakdeps(const struct kmod_module *mod, struct kmod_list **weak);
int kmod_module_get_filtered_blacklist(const struct kmod_ctx *ctx, const struct kmod_list *input,
				       struct kmod_list **output) __attribute__((deprecated));
int kmod_module_apply_filter(const struct kmod_ctx *ctx, enum kmod_filter filter_type, const struct kmod_list *input,
			     struct kmod_list **output);

/* ---- the running kernel ------------------------------------------------------------------------------- */

enum kmod_module_initstate {
	KMOD_MODULE_BUILTIN = 0,
	KMOD_MODULE_LIVE,
	KMOD_MODULE_COMING,
	KMOD_MODULE_GOING,
	_KMOD_MODULE_PAD = 1U << 31,
};

const char *kmod_module_initstate_str(enum kmod_module_initstate state);
/* An enum kmod_module_initstate, or -ENOENT: not in the kernel. */
int kmod_module_get_initstate(const struct kmod_module *mod);
int kmod_module_get_refcnt(const struct kmod_module *mod);
struct kmod_list *kmod_module_get_holders(const struct kmod_module *mod);
struct kmod_list *kmod_module_get_sections(const struct kmod_module *mod);
const char *kmod_module_section_get_name(const struct kmod_list *entry);
unsigned long kmod_module_section_get_address(const struct kmod_list *entry);
void kmod_module_section_free_list(struct kmod_list *list);
/* Bytes in memory. */
long kmod_module_get_size(const struct kmod_module *mod);

/* ---- the module file ---------------------------------------------------------------------------------- */

/* The functions that fill a list return the number of entries; *list must be NULL before. */

int kmod_module_get_info(const struct kmod_module *mod, struct kmod_list **list);
const char *kmod_module_info_get_key(const struct kmod_list *entry);
const char *kmod_module_info_get_value(const struct kmod_list *entry);
void kmod_module_info_free_list(struct kmod_list *list);

int kmod_module_get_versions(const struct kmod_module *mod, struct kmod_list **list);
const char *kmod_module_version_get_symbol(const struct kmod_list *entry);
uint64_t kmod_module_version_get_crc(const struct kmod_list *entry);
void kmod_module_versions_free_list(struct kmod_list *list);

int kmod_module_get_symbols(const struct kmod_module *mod, struct kmod_list **list);
const char *kmod_module_symbol_get_symbol(const struct kmod_list *entry);
uint64_t kmod_module_symbol_get_crc(const struct kmod_list *entry);
void kmod_module_symbols_free_list(struct kmod_list *list);

enum kmod_symbol_bind {
	KMOD_SYMBOL_NONE = '\0',
	KMOD_SYMBOL_LOCAL = 'L',
	KMOD_SYMBOL_GLOBAL = 'G',
	KMOD_SYMBOL_WEAK = 'W',
	KMOD_SYMBOL_UNDEF = 'U'
};

int kmod_module_get_dependency_symbols(const struct kmod_module *mod, struct kmod_list **list);
const char *kmod_module_dependency_symbol_get_symbol(const struct kmod_list *entry);
int kmod_module_dependency_symbol_get_bind(const struct kmod_list *entry);
uint64_t kmod_module_dependency_symbol_get_crc(const struct kmod_list *entry);
void kmod_module_dependency_symbols_free_list(struct kmod_list *list);

#ifdef __cplusplus
}
#endif
#endif
