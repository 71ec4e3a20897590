/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Optional libraries, opened when first needed. Each user also places an ELF note, so that packagers and
 * initramfs builders see the soft dependency (UAPI group, ELF_DLOPEN_METADATA). In a file that defines DL_LINKED as 1
 * before it includes this one, the library is linked: the same tables are filled in, and there is no note.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef DL_LINKED
#define DL_LINKED 0
#endif

struct dl_symbol {
	const char *name;
	void **into;
	void *linked; /* DL_FUNCTION(): the function itself, or NULL: looked up by name */
};

#if DL_LINKED
#define DL_FUNCTION(function) ((void *)(function))
#else
#define DL_FUNCTION(function) NULL
#endif

/*
 * Opens soname, unless the table's functions are linked, and fills the table (a NULL name ends it). -ENOENT: the
 * library or a symbol is missing, and nothing is filled in. The library is never closed again.
 */
int dl_load(const char *soname, const struct dl_symbol *symbols);

/* What is used of a library. Zero but for the first two. */
struct dl_library {
	const char *soname;
	const struct dl_symbol *symbols;
	int status;
	bool tried;
};

/* dl_load(), the first time; its result, every time. Threads may share it. */
int dl_library_load(struct dl_library *l);

#define DL_NOTE_JSON(feature, description, priority, soname)                                         \
	"[{\"feature\":\"" feature "\",\"description\":\"" description "\",\"priority\":\"" priority \
	"\",\"soname\":[\"" soname "\"]}]"

/* One note, if the library is opened. At file scope; id only makes the identifier unique. */
#if DL_LINKED
#define DL_NOTE(id, feature, description, soname) struct dl_note_##id
#else
#define DL_NOTE(id, feature, description, soname)                                                         \
	__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {                  \
		struct {                                                                                  \
			uint32_t n_namesz, n_descsz, n_type;                                              \
		} nhdr;                                                                                   \
		char name[4];                                                                             \
		_Alignas(4) char desc[sizeof(DL_NOTE_JSON(feature, description, "recommended", soname))]; \
	} dl_note_##id = {                                                                                \
		{ 4, sizeof(DL_NOTE_JSON(feature, description, "recommended", soname)), 0x407c0c0a },     \
		"FDO",                                                                                    \
		DL_NOTE_JSON(feature, description, "recommended", soname),                                \
	}
#endif
