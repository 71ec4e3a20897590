// SPDX-License-Identifier: MIT
#include "read/image/elf.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

/*
 * Section headers and their names mostly lie side by side at the end: this much in front of the headers is read with
 * them.
 */
#define NAMES_AHEAD 4096

static uint64_t field(const struct elf *e, const uint8_t *p, size_t off32, size_t off64)
{
	return e->is64 ? load_u64(p + off64, e->big != NUM_HOST_BIG) : load_u32(p + off32, e->big != NUM_HOST_BIG);
}

static uint32_t word(const struct elf *e, const uint8_t *p)
{
	return load_u32(p, e->big != NUM_HOST_BIG);
}

static uint16_t half(const struct elf *e, const uint8_t *p)
{
	return load_u16(p, e->big != NUM_HOST_BIG);
}

static int read_ident(struct elf *e)
{
	struct span ident;
	uint64_t size;
	int r = source_size(e->src, &size);

	if (r < 0)
		return r;
	if (size <= EI_NIDENT)
		return -ENOEXEC;
	r = source_fetch(e->src, 0, EI_NIDENT, &ident);
	if (r < 0)
		return r;
	if (memcmp(ident.p, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	if (ident.p[EI_CLASS] != ELFCLASS32 && ident.p[EI_CLASS] != ELFCLASS64)
		return -EINVAL;
	if (ident.p[EI_DATA] != ELFDATA2LSB && ident.p[EI_DATA] != ELFDATA2MSB)
		return -EINVAL;
	e->is64 = ident.p[EI_CLASS] == ELFCLASS64;
	e->big = ident.p[EI_DATA] == ELFDATA2MSB;
	return 0;
}

/* e_type, e_machine, e_shoff, e_shentsize, and the numbers of sections and of the one with the names. */
static int read_header(struct elf *e, uint32_t *ret_names)
{
	struct span h;
	int r = source_fetch(e->src, 0, e->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), &h);

	if (r < 0)
		return r == -ERANGE ? -EINVAL : r;
	e->type = half(e, h.p + offsetof(Elf64_Ehdr, e_type));
	e->machine = half(e, h.p + offsetof(Elf64_Ehdr, e_machine));
	e->shoff = field(e, h.p, offsetof(Elf32_Ehdr, e_shoff), offsetof(Elf64_Ehdr, e_shoff));
	e->shentsize = half(e, h.p + (e->is64 ? offsetof(Elf64_Ehdr, e_shentsize) : offsetof(Elf32_Ehdr, e_shentsize)));
	e->n_sections = half(e, h.p + (e->is64 ? offsetof(Elf64_Ehdr, e_shnum) : offsetof(Elf32_Ehdr, e_shnum)));
	*ret_names = half(e, h.p + (e->is64 ? offsetof(Elf64_Ehdr, e_shstrndx) : offsetof(Elf32_Ehdr, e_shstrndx)));
	if (e->shentsize != (e->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr)) || *ret_names >= e->n_sections)
		return -EINVAL;
	return 0;
}

static struct elf_section read_section(const struct elf *e, const uint8_t *p)
{
	return (struct elf_section){
		.type = word(e, p + 4),
		.flags = field(e, p, offsetof(Elf32_Shdr, sh_flags), offsetof(Elf64_Shdr, sh_flags)),
		.offset = field(e, p, offsetof(Elf32_Shdr, sh_offset), offsetof(Elf64_Shdr, sh_offset)),
		.size = field(e, p, offsetof(Elf32_Shdr, sh_size), offsetof(Elf64_Shdr, sh_size)),
		.link = word(e, p + (e->is64 ? offsetof(Elf64_Shdr, sh_link) : offsetof(Elf32_Shdr, sh_link))),
		.info = word(e, p + (e->is64 ? offsetof(Elf64_Shdr, sh_info) : offsetof(Elf32_Shdr, sh_info))),
	};
}

static bool in_file(const struct elf_section *s, uint64_t file_size)
{
	return s->type == SHT_NULL || s->type == SHT_NOBITS ||
	       (s->offset <= file_size && s->size <= file_size - s->offset);
}

bool elf_lies_within(const struct elf *e, uint64_t n)
{
	uint64_t headers = (uint64_t)e->n_sections * e->shentsize;

	if (headers > n || e->shoff > n - headers)
		return false;
	for (uint32_t i = 0; i < e->n_sections; i++)
		if (!in_file(&e->sections[i], n))
			return false;
	return true;
}

static int read_headers(struct elf *e, struct span *ret)
{
	uint64_t n = (uint64_t)e->n_sections * e->shentsize, ahead = e->shoff < NAMES_AHEAD ? e->shoff : NAMES_AHEAD;
	struct span with_names;
	int r = source_fetch(e->src, e->shoff - ahead, n + ahead, &with_names);

	if (r < 0)
		return r == -ERANGE ? -EINVAL : r;
	return span_from(with_names, ahead, ret);
}

/* The names are valid strings once the table ends in NUL and they begin inside. */
static int name_sections(struct elf *e, struct span headers, uint32_t names_index)
{
	const struct elf_section *t = &e->sections[names_index];
	struct span names;
	int r = source_fetch(e->src, t->offset, t->size, &names);

	if (r < 0)
		return r == -ERANGE ? -EINVAL : r;
	if (names.n == 0 || names.p[names.n - 1] != '\0')
		return -EINVAL;
	for (uint32_t i = 0; i < e->n_sections; i++) {
		uint32_t at = word(e, headers.p + (size_t)i * e->shentsize);

		if (at >= names.n)
			return -EINVAL;
		e->sections[i].name = (const char *)names.p + at;
	}
	return 0;
}

static int read_sections(struct elf *e, uint32_t names_index)
{
	struct span headers;
	uint64_t size;
	int r = read_headers(e, &headers);

	if (r == 0)
		r = source_size(e->src, &size);
	if (r < 0)
		return r;
	e->sections = reallocarray(NULL, e->n_sections, sizeof(*e->sections));
	if (!e->sections)
		return -ENOMEM;
	for (uint32_t i = 0; i < e->n_sections; i++) {
		e->sections[i] = read_section(e, headers.p + (size_t)i * e->shentsize);
		if (!in_file(&e->sections[i], size))
			return -EINVAL;
	}
	return name_sections(e, headers, names_index);
}

int elf_open(struct source *src, struct elf *ret)
{
	struct elf e = { .src = src };
	uint32_t names;
	int r = read_ident(&e);

	if (r == 0)
		r = read_header(&e, &names);
	if (r == 0)
		r = read_sections(&e, names);
	if (r < 0) {
		elf_done(&e);
		return r;
	}
	*ret = e;
	return 0;
}

void elf_done(struct elf *e)
{
	free(e->sections);
	*e = (struct elf){ 0 };
}

const struct elf_section *elf_find(const struct elf *e, const char *name)
{
	for (uint32_t i = 0; i < e->n_sections; i++) {
		const struct elf_section *s = &e->sections[i];

		/* Most names differ in their second byte; the first is a dot. */
		if (s->name[0] != name[0] || (name[0] && s->name[1] != name[1]))
			continue;
		if (s->type != SHT_NULL && s->type != SHT_NOBITS && strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

int elf_bytes(const struct elf *e, const struct elf_section *s, struct span *ret)
{
	if (s->type == SHT_NULL || s->type == SHT_NOBITS) {
		*ret = span_of("", 0);
		return 0;
	}
	return source_fetch(e->src, s->offset, s->size, ret);
}
