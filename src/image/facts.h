/* SPDX-License-Identifier: MIT */
#pragma once

/* What a module file says about itself. All strings are borrowed from the source unless noted. */

#include <stdbool.h>
#include <stdint.h>

#include "image/elf.h"

/* ---- .modinfo: NUL-separated key=value strings ---- */

struct modinfo_item {
	const char *key;   /* not terminated: key_len bytes */
	size_t key_len;
	const char *value; /* behind the first '='; "" when there is none */
};

struct modinfo {
	struct modinfo_item *items; /* in file order */
	size_t n, cap;
};

/* -ENODATA: no .modinfo. An unterminated last string is left out. */
int modinfo_read(const struct elf *e, struct modinfo *ret);
/* Of NUL-separated strings anywhere; they must outlive it. */
int modinfo_parse(struct span strings, struct modinfo *ret);
/* One built-in module's run of modules.builtin.modinfo (`module.key=value`), module by the name rule. n is 0 when it has none. */
int modinfo_parse_builtin(struct span strings, const char *module, struct modinfo *ret);
void modinfo_done(struct modinfo *m);
/* First value of a key, NULL: none. */
const char *modinfo_get(const struct modinfo *m, const char *key);

/* ---- symbols ---- */

struct symbol {
	const char *name;
	uint64_t crc;
	char bind; /* 'G' 'L' 'W' 'U', 0: none */
};

struct symbols {
	struct symbol *items;
	size_t n, cap;
};

/* __versions: -ENODATA without it, -EINVAL: size not a multiple of 64 or a name without NUL. One leading '.' is dropped. */
int facts_versions(const struct elf *e, struct symbols *ret);
/*
 * Exported symbols: every __crc_NAME of .symtab, else the strings of __ksymtab_strings with crc 0. -ENODATA: neither.
 * The crc is the value of an absolute or undefined symbol, else the 32-bit word it points to in its section
 * (UINT64_MAX when that is out of range).
 */
int facts_exports(const struct elf *e, struct symbols *ret);
/*
 * Needed symbols: undefined .symtab entries in table order ('W' weak, 'U'), crc from __versions or 0; then unused
 * __versions entries. -EINVAL: no .symtab or .strtab, or names out of range.
 */
int facts_imports(const struct elf *e, struct symbols *ret);
/* The same names without CRCs, cheaper: only what modules.dep needs. */
int facts_import_names(const struct elf *e, struct symbols *ret);
void symbols_done(struct symbols *s);

/*
 * How many values an array parameter takes: the first word of its struct kparam_array, which module_param_array() calls
 * __param_arr_NAME (linux/moduleparam.h). -ENODATA: no such symbol (no array, or local symbols were stripped).
 */
int facts_array_max(const struct elf *e, const char *name, uint32_t *ret);

/* Build id: bytes of the GNU note in .note.gnu.build-id. -ENODATA: none. */
int facts_build_id(const struct elf *e, struct span *ret);

/* ---- parameters: parm= and parmtype= joined ---- */

struct parameter {
	const char *name; /* name_len bytes, not terminated */
	size_t name_len;
	const char *type;        /* NULL: unknown; "int", "array of charp" ... */
	const char *description; /* NULL: none; keeps leading blanks */
};

struct parameters {
	struct parameter *items; /* in order of first appearance */
	size_t n, cap;
};

/* Values without ':' are left out. */
int parameters_read(const struct modinfo *m, struct parameters *ret);
void parameters_done(struct parameters *p);
/* '-' and '_' are the same, as for the kernel. NULL: the module has no such parameter. */
const struct parameter *parameters_find(const struct parameters *p, const char *name, size_t name_len);
/*
 * Checks a value as the kernel's own parser of that type would (bool, int, uint, charp, arrays with commas ...). 0 fine or type unknown;
 * -EINVAL: not a value of the type; -ERANGE: does not fit. value NULL: the parameter was given without '='.
 */
int parameter_check(const struct parameter *p, const char *value, size_t value_len);
