// SPDX-License-Identifier: MIT
#include "mkko.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/num.h"
#include "base/vec.h"
#include "read/image/codec.h"
#include "read/image/trailer.h"

#define RECIPE_FILE_MAX ((size_t)64 << 20)

struct section {
	char *name;
	uint32_t type, link, info;
	uint64_t entry_size, bss_size, offset;
	struct buf bytes;
};

struct symbol_row {
	char *name;
	uint64_t value;
	uint16_t section;
	uint8_t bind;
};

struct mkko {
	bool is64, big;
	uint16_t machine, type;
	struct section *sections;
	size_t n, cap;
	struct symbol_row *symbols;
	size_t n_symbols, cap_symbols;
	struct strv unterminated;
	uint8_t trailer_hash;
};

static void die_of_memory(void)
{
	fputs("mkko: out of memory\n", stderr);
	exit(1);
}

static void *need_memory(void *p)
{
	if (!p)
		die_of_memory();
	return p;
}

/* ---- words of a line ---- */

/* In place: \n \t \\ \0 \xHH. Returns the number of bytes. */
static size_t unescape(char *s)
{
	char *to = s;

	for (char *from = s; *from;) {
		unsigned byte;

		if (*from != '\\') {
			*to++ = *from++;
		} else if (from[1] == 'x' && sscanf(from + 2, "%2x", &byte) == 1) {
			*to++ = (char)byte;
			from += 4;
		} else {
			*to++ = from[1] == 'n' ? '\n' : from[1] == 't' ? '\t' : from[1] == '0' ? '\0' : from[1];
			from += from[1] ? 2 : 1;
		}
	}
	*to = '\0';
	return (size_t)(to - s);
}

static int add_hex(struct buf *into, const char *hex)
{
	const struct root root = ROOT_REAL;

	if (strcmp(hex, "-") == 0)
		return 0;
	if (hex[0] == '@')
		return file_read(&root, hex + 1, RECIPE_FILE_MAX, into);
	for (; *hex; hex += 2) {
		unsigned byte;

		if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]) ||
		    sscanf(hex, "%2x", &byte) != 1)
			return -EINVAL;
		buf_addc(into, (char)byte);
	}
	return buf_error(into);
}

/* ---- sections ---- */

static struct section *section_named(struct mkko *m, const char *name, uint32_t type)
{
	for (size_t i = 0; i < m->n; i++) {
		if (strcmp(m->sections[i].name, name) == 0)
			return &m->sections[i];
	}
	if (vec_room(&m->sections, m->n, &m->cap) < 0)
		die_of_memory();
	m->sections[m->n] = (struct section){ .name = need_memory(strdup(name)), .type = type };
	return &m->sections[m->n++];
}

static void put(const struct mkko *m, struct buf *b, unsigned width, uint64_t v)
{
	for (unsigned i = 0; i < width; i++)
		buf_addc(b, (char)(v >> 8 * (m->big ? width - 1 - i : i)));
}

/* A field as wide as an address of the class. */
static void put_word(const struct mkko *m, struct buf *b, uint64_t v)
{
	put(m, b, m->is64 ? 8 : 4, v);
}

static void add_string(struct mkko *m, const char *section, const char *s, size_t n)
{
	struct section *to = section_named(m, section, SHT_PROGBITS);

	buf_add(&to->bytes, s, n);
	buf_addc(&to->bytes, '\0');
}

static void add_symbol(struct mkko *m, const char *prefix, const char *name, uint8_t bind, uint16_t section,
		       uint64_t value)
{
	struct symbol_row row = { .bind = bind, .section = section, .value = value };

	if (vec_room(&m->symbols, m->n_symbols, &m->cap_symbols) < 0 || asprintf(&row.name, "%s%s", prefix, name) < 0)
		die_of_memory();
	m->symbols[m->n_symbols++] = row;
}

/* ---- directives that shape the ELF file ---- */

static int do_class(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	m->is64 = strcmp(w[1], "64") == 0;
	m->machine = m->is64 ? EM_X86_64 : EM_386;
	return m->is64 || strcmp(w[1], "32") == 0 ? 0 : -EINVAL;
}

static int do_order(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	m->big = strcmp(w[1], "big") == 0;
	return m->big || strcmp(w[1], "little") == 0 ? 0 : -EINVAL;
}

static int do_machine(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	m->machine = (uint16_t)strtoul(w[1], NULL, 0);
	return 0;
}

static int do_type(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	m->type = (uint16_t)strtoul(w[1], NULL, 0);
	return 0;
}

static int do_info(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	add_string(m, ".modinfo", w[1], unescape(w[1]));
	return 0;
}

static int do_string(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	add_string(m, "__ksymtab_strings", w[1], strlen(w[1]));
	return 0;
}

static int do_export(struct mkko *m, char **w, struct buf *out)
{
	struct section *crcs;

	do_string(m, w, out);
	if (!w[2])
		return 0;
	crcs = section_named(m, "__kcrctab", SHT_PROGBITS);
	add_symbol(m, "__crc_", w[1], STB_LOCAL, (uint16_t)(crcs - m->sections + 1), crcs->bytes.n);
	put(m, &crcs->bytes, 4, strtoull(w[2], NULL, 0));
	return 0;
}

static int do_array(struct mkko *m, char **w, struct buf *out _unused_)
{
	struct section *data = section_named(m, ".rodata", SHT_PROGBITS);

	add_symbol(m, "__param_arr_", w[1], STB_LOCAL, (uint16_t)(data - m->sections + 1), data->bytes.n);
	put(m, &data->bytes, 4, strtoull(w[2], NULL, 0));
	return 0;
}

static int do_export_abs(struct mkko *m, char **w, struct buf *out)
{
	do_string(m, w, out);
	add_symbol(m, "__crc_", w[1], STB_GLOBAL, SHN_ABS, strtoull(w[2], NULL, 0));
	return 0;
}

/* As EXPORT_SYMBOL, EXPORT_SYMBOL_GPL and EXPORT_SYMBOL_NS leave it. */
static int do_export_rule(struct mkko *m, char **w, struct buf *out)
{
	struct section *table =
		section_named(m, strcmp(w[2], "gpl") == 0 ? "__ksymtab_gpl" : "__ksymtab", SHT_PROGBITS);
	struct section *strings;

	add_symbol(m, "__ksymtab_", w[1], STB_LOCAL, (uint16_t)(table - m->sections + 1), table->bytes.n);
	put(m, &table->bytes, 4, 0);
	do_string(m, w, out);
	strings = section_named(m, "__ksymtab_strings", SHT_PROGBITS);
	add_symbol(m, "__kstrtabns_", w[1], STB_LOCAL, (uint16_t)(strings - m->sections + 1), strings->bytes.n);
	add_string(m, "__ksymtab_strings", w[3] ? w[3] : "", w[3] ? strlen(w[3]) : 0);
	return 0;
}

static int do_need(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	add_symbol(m, "", w[1], strcmp(w[0], "weak") == 0 ? STB_WEAK : STB_GLOBAL, SHN_UNDEF, 0);
	return 0;
}

static int do_local(struct mkko *m, char **w, struct buf *out)
{
	struct section *text = section_named(m, ".text", SHT_PROGBITS);

	(void)out;
	add_symbol(m, "", w[1], STB_LOCAL, (uint16_t)(text - m->sections + 1), text->bytes.n);
	put(m, &text->bytes, 4, 0);
	return 0;
}

static int do_relocate(struct mkko *m, char **w, struct buf *out _unused_)
{
	_cleanup_free_ char *name = NULL;
	struct section *rela;
	size_t target = (size_t)(section_named(m, w[1], SHT_PROGBITS) - m->sections);

	if (asprintf(&name, ".rela%s", w[1]) < 0)
		die_of_memory();
	rela = section_named(m, name, SHT_RELA);
	rela->info = (uint32_t)target + 1;
	rela->entry_size = sizeof(Elf64_Rela);
	put(m, &rela->bytes, 8, strtoull(w[2], NULL, 0));
	put(m, &rela->bytes, 8, strtoull(w[3], NULL, 0));
	put(m, &rela->bytes, 8, 0);
	return 0;
}

/* As module_init() leaves it. */
static int do_init(struct mkko *m, char **w, struct buf *out)
{
	struct section *text = section_named(m, ".text", SHT_PROGBITS);

	add_symbol(m, "", "init_module", STB_GLOBAL, (uint16_t)(text - m->sections + 1), text->bytes.n);
	return do_local(m, w, out);
}

static int do_version(struct mkko *m, char **w, struct buf *out)
{
	struct section *s = section_named(m, "__versions", SHT_PROGBITS);
	size_t start = s->bytes.n, room = m->is64 ? 56 : 60;

	(void)out;
	put_word(m, &s->bytes, strtoull(w[2], NULL, 0));
	buf_add(&s->bytes, w[1], strnlen(w[1], room));
	while (s->bytes.n < start + 64)
		buf_addc(&s->bytes, '\0');
	return 0;
}

static int do_build_id(struct mkko *m, char **w, struct buf *out)
{
	struct section *s = section_named(m, ".note.gnu.build-id", SHT_NOTE);
	_cleanup_buf_ struct buf id = BUF_INIT;
	int r = add_hex(&id, w[1]);

	(void)out;
	put(m, &s->bytes, 4, 4);
	put(m, &s->bytes, 4, id.n);
	put(m, &s->bytes, 4, NT_GNU_BUILD_ID);
	buf_add(&s->bytes, "GNU", 4);
	buf_add(&s->bytes, id.p, id.n);
	while (s->bytes.n % 4 != 0)
		buf_addc(&s->bytes, '\0');
	return r;
}

static int do_section(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	return add_hex(&section_named(m, w[1], SHT_PROGBITS)->bytes, w[2]);
}

static int do_nobits(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	section_named(m, w[1], SHT_NOBITS)->bss_size = strtoull(w[2], NULL, 0);
	return 0;
}

static int do_unterminated(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	return strv_add(&m->unterminated, w[1]);
}

static int do_trailer_hash(struct mkko *m, char **w, struct buf *out)
{
	(void)out;
	m->trailer_hash = (uint8_t)strtoul(w[1], NULL, 0);
	return 0;
}

/* ---- directives that act on the finished file ---- */

static int do_trailer(struct mkko *m, char **w, struct buf *out)
{
	size_t start = out->n, lengths[3];
	uint8_t info[8] = { 0, m->trailer_hash, (uint8_t)strtoul(w[1], NULL, 0) };

	for (size_t i = 0; i < 3; i++) {
		if (add_hex(out, w[2 + i]) < 0)
			return -EINVAL;
		lengths[i] = out->n - start;
		start = out->n;
	}
	info[3] = (uint8_t)lengths[0];
	info[4] = (uint8_t)lengths[1];
	buf_add(out, info, sizeof(info));
	buf_add_be32(out, (uint32_t)lengths[2]);
	return buf_adds(out, TRAILER_MAGIC);
}

static int do_append(struct mkko *m, char **w, struct buf *out)
{
	(void)m;
	return add_hex(out, w[1]);
}

static int do_poke(struct mkko *m, char **w, struct buf *out)
{
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	long long at = strtoll(w[1], NULL, 0);

	(void)m;
	if (at < 0)
		at += (long long)out->n;
	if (add_hex(&bytes, w[2]) < 0 || at < 0 || (size_t)at > out->n || bytes.n > out->n - (size_t)at)
		return -EINVAL;
	memcpy(out->p + at, bytes.p, bytes.n);
	return 0;
}

static int do_cut(struct mkko *m, char **w, struct buf *out)
{
	size_t n = strtoull(w[1], NULL, 0);

	(void)m;
	if (n > out->n)
		return -EINVAL;
	out->n = strcmp(w[0], "cut") == 0 ? out->n - n : n;
	return 0;
}

static int do_compress(struct mkko *m, char **w, struct buf *out)
{
	const struct codec *c = strcmp(w[1], "gz") == 0 ? &codec_gz : strcmp(w[1], "xz") == 0 ? &codec_xz : &codec_zst;
	_cleanup_buf_ struct buf packed = BUF_INIT;
	int r = c->pack(buf_span(out), "recipe", NULL, &packed);

	(void)m;
	buf_clear(out);
	return r < 0 ? r : buf_add(out, packed.p, packed.n);
}

static const struct directive {
	const char *name;
	unsigned args; /* least number of words behind the name */
	bool text, at_end;
	int (*run)(struct mkko *m, char **words, struct buf *out);
} directives[] = {
	{ "class", 1, false, false, do_class },
	{ "order", 1, false, false, do_order },
	{ "machine", 1, false, false, do_machine },
	{ "type", 1, false, false, do_type },
	{ "info", 1, true, false, do_info },
	{ "export", 1, false, false, do_export },
	{ "array", 2, false, false, do_array },
	{ "export-abs", 2, false, false, do_export_abs },
	{ "export-rule", 2, false, false, do_export_rule },
	{ "string", 1, false, false, do_string },
	{ "need", 1, false, false, do_need },
	{ "weak", 1, false, false, do_need },
	{ "local", 1, false, false, do_local },
	{ "init", 1, false, false, do_init },
	{ "relocate", 3, false, false, do_relocate },
	{ "version", 2, false, false, do_version },
	{ "build-id", 1, false, false, do_build_id },
	{ "section", 2, false, false, do_section },
	{ "nobits", 2, false, false, do_nobits },
	{ "unterminated", 1, false, false, do_unterminated },
	{ "trailer-hash", 1, false, false, do_trailer_hash },
	{ "trailer", 4, false, true, do_trailer },
	{ "append", 1, false, true, do_append },
	{ "poke", 2, false, true, do_poke },
	{ "cut", 1, false, true, do_cut },
	{ "keep", 1, false, true, do_cut },
	{ "compress", 1, false, true, do_compress },
};

/* ---- the file ---- */

static void put_symbol(const struct mkko *m, struct buf *b, uint32_t name, const struct symbol_row *s)
{
	put(m, b, 4, name);
	if (!m->is64) {
		put(m, b, 4, s->value);
		put(m, b, 4, 0);
	}
	put(m, b, 1, ELF64_ST_INFO(s->bind, STT_NOTYPE));
	put(m, b, 1, 0);
	put(m, b, 2, s->section);
	if (m->is64) {
		put(m, b, 8, s->value);
		put(m, b, 8, 0);
	}
}

/* Adds the local or the global ones, in recipe order. Returns how many. */
static size_t put_symbols(const struct mkko *m, bool local, struct buf *table, struct buf *names)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_symbols; i++) {
		if ((m->symbols[i].bind == STB_LOCAL) != local)
			continue;
		put_symbol(m, table, (uint32_t)names->n, &m->symbols[i]);
		buf_add(names, m->symbols[i].name, strlen(m->symbols[i].name) + 1);
		n++;
	}
	return n;
}

static void add_symbol_table(struct mkko *m)
{
	const struct symbol_row none = { 0 };
	struct section *symbols, *names;
	size_t locals;

	section_named(m, ".symtab", SHT_SYMTAB);
	names = section_named(m, ".strtab", SHT_STRTAB);
	symbols = section_named(m, ".symtab", SHT_SYMTAB);
	buf_addc(&names->bytes, '\0');
	put_symbol(m, &symbols->bytes, 0, &none);
	locals = put_symbols(m, true, &symbols->bytes, &names->bytes);
	put_symbols(m, false, &symbols->bytes, &names->bytes);
	symbols->link = (uint32_t)(names - m->sections + 1);
	symbols->info = (uint32_t)locals + 1;
	symbols->entry_size = m->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

static void put_header(const struct mkko *m, struct buf *b, uint64_t shoff)
{
	const uint8_t ident[EI_NIDENT] = {
		0x7f, 'E', 'L', 'F', m->is64 ? ELFCLASS64 : ELFCLASS32, m->big ? ELFDATA2MSB : ELFDATA2LSB, EV_CURRENT
	};

	buf_add(b, ident, sizeof(ident));
	put(m, b, 2, m->type);
	put(m, b, 2, m->machine);
	put(m, b, 4, EV_CURRENT);
	put_word(m, b, 0);
	put_word(m, b, 0);
	put_word(m, b, shoff);
	put(m, b, 4, 0);
	put(m, b, 2, m->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	put(m, b, 2, 0);
	put(m, b, 2, 0);
	put(m, b, 2, m->is64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
	put(m, b, 2, m->n + 1);
	put(m, b, 2, m->n);
}

static void put_section(const struct mkko *m, struct buf *b, const struct section *s, uint32_t name)
{
	put(m, b, 4, name);
	put(m, b, 4, s->type);
	put_word(m, b, s->type == SHT_PROGBITS ? SHF_ALLOC : 0);
	put_word(m, b, 0);
	put_word(m, b, s->offset);
	put_word(m, b, s->bss_size ? s->bss_size : s->bytes.n);
	put(m, b, 4, s->link);
	put(m, b, 4, s->info);
	put_word(m, b, 8);
	put_word(m, b, s->entry_size);
}

/* Section names; *ret_at[i] is the place of section i's. */
static void add_names(struct mkko *m, uint32_t *ret_at)
{
	struct section *names = section_named(m, ".shstrtab", SHT_STRTAB);

	buf_addc(&names->bytes, '\0');
	for (size_t i = 0; i < m->n; i++) {
		ret_at[i] = (uint32_t)names->bytes.n;
		buf_add(&names->bytes, m->sections[i].name, strlen(m->sections[i].name) + 1);
	}
}

static void drop_terminators(struct mkko *m)
{
	for (size_t i = 0; i < m->unterminated.n; i++) {
		struct section *s = section_named(m, m->unterminated.items[i], SHT_PROGBITS);

		s->bytes.n -= s->bytes.n > 0;
	}
}

static void write_elf(struct mkko *m, struct buf *out)
{
	const struct section none = { .name = NULL };
	uint64_t at = m->is64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
	_cleanup_free_ uint32_t *names = NULL;

	add_symbol_table(m);
	names = need_memory(calloc(m->n + 1, sizeof(*names)));
	add_names(m, names);
	drop_terminators(m);
	for (size_t i = 0; i < m->n; i++) {
		m->sections[i].offset = at;
		at += m->sections[i].bytes.n;
	}
	put_header(m, out, at);
	for (size_t i = 0; i < m->n; i++)
		buf_add(out, m->sections[i].bytes.p, m->sections[i].bytes.n);
	put_section(m, out, &none, 0);
	for (size_t i = 0; i < m->n; i++)
		put_section(m, out, &m->sections[i], names[i]);
}

/* ---- recipes ---- */

static const struct directive *find_directive(const char *name)
{
	for (size_t i = 0; i < ELEMENTSOF(directives); i++) {
		if (strcmp(directives[i].name, name) == 0)
			return &directives[i];
	}
	return NULL;
}

/* Splits line into at most 7 words and a NULL; the second is the whole rest for a directive that takes text. */
static unsigned split(char *line, char *words[8])
{
	const struct directive *d;
	unsigned n = 0;

	for (char *p = line + strspn(line, " \t"); *p && n < 7; p += strspn(p, " \t")) {
		words[n++] = p;
		d = find_directive(words[0]);
		if (n == 2 && d && d->text)
			break;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	words[n] = NULL;
	return n;
}

static int run_line(struct mkko *m, char *line, bool at_end, struct buf *out)
{
	char *words[8];
	unsigned n = split(line, words);
	const struct directive *d;

	if (n == 0 || words[0][0] == '#')
		return 0;
	d = find_directive(words[0]);
	if (!d || n - 1 < d->args)
		return -EINVAL;
	return d->at_end == at_end ? d->run(m, words, out) : 0;
}

static int run_lines(struct mkko *m, const char *recipe, bool at_end, struct buf *out)
{
	_cleanup_free_ char *copy = need_memory(strdup(recipe));
	char *rest = copy, *line;
	int r = 0;

	for (unsigned number = 1; r == 0 && (line = strsep(&rest, "\n")); number++) {
		r = run_line(m, line, at_end, out);
		if (r < 0)
			fprintf(stderr, "mkko: line %u: %s\n", number, strerror(-r));
	}
	return r;
}

static void mkko_done(struct mkko *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->sections[i].name);
		buf_done(&m->sections[i].bytes);
	}
	for (size_t i = 0; i < m->n_symbols; i++)
		free(m->symbols[i].name);
	free(m->sections);
	free(m->symbols);
	strv_done(&m->unterminated);
}

int mkko_build(const char *recipe, struct buf *into)
{
	struct mkko m = { .is64 = true, .machine = EM_X86_64, .type = ET_REL };
	_cleanup_buf_ struct buf out = BUF_INIT;
	int r = run_lines(&m, recipe, false, &out);

	if (r == 0) {
		write_elf(&m, &out);
		r = run_lines(&m, recipe, true, &out);
	}
	mkko_done(&m);
	return r < 0 ? r : buf_add(into, out.p, out.n);
}
