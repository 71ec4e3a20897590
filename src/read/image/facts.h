/* SPDX-License-Identifier: MIT */
#pragma once

/* What a module file says about itself. All strings are borrowed from the source unless noted otherwise. */

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/strhash.h"
#include "read/image/elf.h"
#include "read/image/symtable.h"

/* ---- .modinfo: NUL-separated key=value strings ---- */

struct modinfo_item {
	const char *key; /* not terminated: key_len bytes */
	size_t key_len;
	const char *value; /* after the first '='; "" when there is none */
};

struct modinfo {
	struct modinfo_item *items; /* in file order */
	size_t n, cap;
	unsigned long_bits; /* of a long in the kernel that the file was built for; 0: not known */
};

/* -ENODATA: no .modinfo. An unterminated last string is left out. */
int modinfo_read(const struct elf *e, struct modinfo *ret);
/* The same for NUL-separated strings in memory, which must outlive the result. */
int modinfo_parse(struct span strings, struct modinfo *ret);
/*
 * One built-in module's run of modules.builtin.modinfo (`module.key=value`), module by the name rule. n is 0 when it
 * has none. -EINVAL: a string in front of it is about no module, or it is the last one and was cut off.
 */
int modinfo_parse_builtin(struct span strings, const char *module, struct modinfo *ret);
void modinfo_done(struct modinfo *m);
#define _cleanup_modinfo_ _cleanup_(modinfo_done)
/* Removes and returns the next non-empty one of NUL-separated strings; NULL: there are no more. */
const char *modinfo_next(struct span *strings);
/* First value of a key, NULL: none. */
const char *modinfo_get(const struct modinfo *m, const char *key);
/* Does the license allow GPL-only symbols and not taint the kernel (Documentation/process/license-rules.rst)? */
bool modinfo_is_gpl(const struct modinfo *m);

/* ---- symbols ---- */

struct symbol {
	const char *name;
	uint64_t crc;
	uint32_t len, hash; /* of facts_linkage() only: strlen() and symbol_hash() of the name */
	char bind;          /* 'G' 'L' 'W' 'U', 0: none */
};

/* For tables of names. One leading '.', which some architectures put in front of functions, is ignored. */
static inline uint32_t symbol_hash(const char *name, size_t len)
{
	size_t dot = len > 0 && name[0] == '.';

	return (uint32_t)strhash_n(name + dot, len - dot);
}

struct symbols {
	struct symbol *items;
	size_t n, cap;
};

/*
 * __versions: -ENODATA without it, -EINVAL: size not a multiple of 64 or a name without NUL. One leading '.' is
 * dropped.
 */
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
/*
 * The names of both without CRCs, by one walk: all that modules.dep needs. Imports as facts_imports() has them, exports
 * as facts_exports(), except that having none is not an error.
 */
int facts_linkage(const struct elf *e, struct symbols *ret_exports, struct symbols *ret_imports);
void symbols_done(struct symbols *s);
#define _cleanup_symbols_ _cleanup_(symbols_done)

/*
 * Who may use an exported symbol (include/linux/export.h): the section and the namespace string of its __ksymtab
 * entry.
 */
struct export_rule {
	bool gpl_only;
	const char *ns; /* "": none, or longer than any; else users must have it as import_ns= */
};

/* Those of all exported symbols of a file, which must stay open. */
struct export_rules {
	const struct elf *e;
	struct symtable table;
	struct map entries, spaces; /* symbol -> number in the table, from 1 on, of its __ksymtab_ and __kstrtabns_ */
};

/* Errors as for the others. */
int export_rules_read(const struct elf *e, struct export_rules *ret);
/* false: the file exports no such symbol. */
bool export_rules_find(const struct export_rules *x, const char *symbol, struct export_rule *ret);
void export_rules_done(struct export_rules *x);
#define _cleanup_export_rules_ _cleanup_(export_rules_done)

/*
 * How many values an array parameter takes: the first word of its struct kparam_array, which module_param_array() names
 * __param_arr_NAME (linux/moduleparam.h). Those of all parameters of a file, which must stay open.
 */
struct array_sizes {
	const struct elf *e;
	struct symtable table;
	struct map arrays; /* parameter -> number in the table, from 1 on */
};

/* Errors as for the others. */
int array_sizes_read(const struct elf *e, struct array_sizes *ret);
/* -ENODATA: no such symbol (not an array, or local symbols were stripped), or no word where it points. */
int array_sizes_find(const struct array_sizes *x, const char *name, uint32_t *ret);
void array_sizes_done(struct array_sizes *x);
#define _cleanup_array_sizes_ _cleanup_(array_sizes_done)

/* Build id: bytes of the GNU note in .note.gnu.build-id. -ENODATA: none. */
int facts_build_id(const struct elf *e, struct span *ret);

/* ---- parameters: parm= and parmtype= joined ---- */

struct parameter {
	const char *name; /* name_len bytes, not terminated */
	size_t name_len;
	const char *type;        /* NULL: unknown; "int", "array of charp" ... */
	const char *description; /* NULL: none; keeps leading blanks */
	unsigned long_bits;      /* as in struct modinfo */
};

struct parameters {
	struct parameter *items; /* in order of first appearance */
	size_t n, cap;
	const struct parameter **sorted; /* for parameters_find() */
};

/* Values without ':' are left out. */
int parameters_read(const struct modinfo *m, struct parameters *ret);
void parameters_done(struct parameters *p);
#define _cleanup_parameters_ _cleanup_(parameters_done)
/* '-' and '_' are the same, as for the kernel; the first of several. NULL: the module has no such parameter. */
const struct parameter *parameters_find(const struct parameters *p, const char *name, size_t name_len);
/*
 * Checks a value as the kernel's own parser of that type would (bool, int, uint, charp, arrays with commas ...). 0
 * fine or type unknown; -EINVAL: not a value of the type; -ERANGE: does not fit, where the size of a long is not known
 * not even in 64 bits. value NULL: the parameter was given without '='.
 */
int parameter_check(const struct parameter *p, const char *value, size_t value_len);
