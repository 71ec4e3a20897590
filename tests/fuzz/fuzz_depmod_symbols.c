// SPDX-License-Identifier: MIT
/*
 * The kernel's symbols for depmod -F and -E: a prefix character, System.map and Module.symvers in one input. Both are
 * read into one table, in which every name is found again and belongs to the kernel.
 */
#include "scratch.h"

#include "parts.h"

#include "base/strhash.h"
#include "act/depmod/symtab.h"
#include "read/index/symvers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MARK "__ksymtab_"

static bool knows(const struct symtab *t, const char *name)
{
	const struct symtab_entry *e = symtab_find(t, name, (uint32_t)strhash(name));

	return e && e->owner == SYMTAB_KERNEL;
}

static void check_table(const struct symtab *t)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i <= t->mask; i++) {
		const struct symtab_entry *e = &t->slots[i];

		if (!e->name)
			continue;
		n++;
		if (e->owner != SYMTAB_KERNEL || e->hash != (uint32_t)strhash(e->name))
			abort();
		/* A name that begins with what look-ups drop is found without it. */
		if (e->name[0] != '.' && (!t->prefix || e->name[0] != t->prefix) && !knows(t, e->name))
			abort();
	}
	if (n != t->n || n > t->mask / 2 + 1 || (t->prefix != '_' && !knows(t, "__this_module")))
		abort();
}

/* Every exported name of the map is in the table. */
static void check_map(const struct symtab *t, struct span text)
{
	struct span line;

	while (fuzz_line(&text, &line)) {
		_cleanup_free_ char *copy = span_dup(line);
		char *name = strchr(copy, ' ');

		name = name ? strchr(name + 1, ' ') : NULL;
		name = name && t->prefix && name[1] == t->prefix ? name + 1 : name;
		if (!name || strncmp(name + 1, MARK, strlen(MARK)) != 0)
			continue;
		name += 1 + strlen(MARK);
		if (name[0] != '.' && (!t->prefix || name[0] != t->prefix) && !knows(t, name))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	const struct root root = scratch_root();
	struct span rest = span_of(data, size), prefix = fuzz_part(&rest), map = fuzz_part(&rest), list = rest;
	struct symtab t;

	if (size > 8192 || (size && memchr(data, '\0', size)))
		return 0;
	scratch_write("System.map", map.p, map.n);
	scratch_write("Module.symvers", list.p, list.n);
	if (symtab_init(&t, 0, prefix.n ? (char)prefix.p[0] : 0) < 0 ||
	    symtab_read_map(&t, &root, "/System.map", &arena, NULL) < 0)
		abort();
	check_table(&t);
	check_map(&t, map);
	if (symtab_read_symvers(&t, &root, "/Module.symvers", &arena, NULL) < 0)
		abort();
	check_table(&t);
	check_map(&t, map);
	symtab_done(&t);
	return 0;
}
