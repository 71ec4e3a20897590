// SPDX-License-Identifier: MIT
/* Every fact that is taken from a module file. */
#include <stdlib.h>
#include <string.h>

#include "read/image/facts.h"
#include "read/image/siginfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void symbols(const struct elf *e, int (*facts)(const struct elf *e, struct symbols *ret))
{
	struct symbols s;

	if (facts(e, &s) < 0)
		return;
	for (size_t i = 0; i < s.n; i++) {
		if (!s.items[i].name)
			abort();
	}
	symbols_done(&s);
}

/* The same names in the same order. */
static void compare_names(const struct symbols *a, const struct symbols *b)
{
	if (a->n != b->n)
		abort();
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i].name, b->items[i].name) != 0)
			abort();
}

/* The walk that depmod makes finds what the others find. */
static void linkage(const struct elf *e)
{
	struct symbols exports, imports, wanted;
	int r;

	if (facts_linkage(e, &exports, &imports) < 0)
		return;
	r = facts_exports(e, &wanted);
	if (r == 0) {
		compare_names(&exports, &wanted);
		symbols_done(&wanted);
	} else if (exports.n > 0) {
		abort();
	}
	if (facts_imports(e, &wanted) < 0)
		abort();
	compare_names(&imports, &wanted);
	symbols_done(&wanted);
	symbols_done(&exports);
	symbols_done(&imports);
}

static void facts(const struct elf *e)
{
	struct modinfo m;
	struct array_sizes sizes = { 0 };
	struct parameters p;
	struct span id;

	if (modinfo_read(e, &m) == 0) {
		if (parameters_read(&m, &p) == 0)
			parameters_done(&p);
		modinfo_done(&m);
	}
	symbols(e, facts_versions);
	if (array_sizes_read(e, &sizes) == 0)
		(void)array_sizes_find(&sizes, "x", &(uint32_t){ 0 });
	array_sizes_done(&sizes);
	symbols(e, facts_exports);
	symbols(e, facts_imports);
	linkage(e);
	(void)facts_build_id(e, &id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source *src;
	struct trailer t;
	struct siginfo s;
	struct elf e;

	if (source_open_span(span_of(data, size), "fuzz", NULL, &src) < 0)
		return 0;
	if (elf_open(src, &e) == 0) {
		facts(&e);
		elf_done(&e);
	}
	if (source_trailer(src, &t) == 0 && t.state == TRAILER_OK)
		siginfo_read(&t, &s);
	source_close(src);
	return 0;
}
