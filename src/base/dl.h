/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Optional libraries, opened when first needed. Each user also places an ELF note, so that packagers and
 * initramfs builders see the soft dependency (UAPI group, ELF_DLOPEN_METADATA).
 */

#include <stdint.h>

struct dl_symbol {
	const char *name;
	void **into;
};

/*
 * Opens soname and fills the table (a NULL name ends it). -ENOENT: the library or a symbol is missing, and nothing is
 * filled in. The library is never closed again.
 */
int dl_load(const char *soname, const struct dl_symbol *symbols);

#define DL_NOTE_JSON(feature, description, priority, soname)                                         \
	"[{\"feature\":\"" feature "\",\"description\":\"" description "\",\"priority\":\"" priority \
	"\",\"soname\":[\"" soname "\"]}]"

/* One note. At file scope; id only makes the identifier unique. */
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
