// SPDX-License-Identifier: MIT
/* Every fact that is taken from a module file. */
#include <stdlib.h>

#include "image/facts.h"
#include "image/siginfo.h"

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

static void facts(const struct elf *e)
{
	struct modinfo m;
	struct parameters p;
	struct span id;

	if (modinfo_read(e, &m) == 0) {
		if (parameters_read(&m, &p) == 0)
			parameters_done(&p);
		modinfo_done(&m);
	}
	symbols(e, facts_versions);
	(void)facts_array_max(e, "x", &(uint32_t){ 0 });
	symbols(e, facts_exports);
	symbols(e, facts_imports);
	symbols(e, facts_import_names);
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
	if (trailer_peek(src, &t) == 0 && t.state == TRAILER_OK)
		siginfo_read(&t, &s);
	source_close(src);
	return 0;
}
