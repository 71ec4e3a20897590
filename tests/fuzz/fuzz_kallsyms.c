// SPDX-License-Identifier: MIT
/* /proc/kallsyms of arbitrary bytes: exactly the third words are names. */
#include "scratch.h"

#include "parts.h"
#include "text.h"

#include "read/kernel/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name of a line: what follows its second blank, up to a tab. NULL: it has none. The caller's. */
static char *name_of(struct span line)
{
	const uint8_t *end = line.p + line.n, *type = memchr(line.p, ' ', line.n), *name, *tab;

	name = type ? memchr(type + 1, ' ', (size_t)(end - type - 1)) : NULL;
	if (!name)
		return NULL;
	name++;
	tab = memchr(name, '\t', (size_t)(end - name));
	return span_dup(span_of(name, (size_t)((tab ? tab : end) - name)));
}

static void check(const struct kallsyms *k, struct span text)
{
	struct span line;
	size_t named = 0;

	while (fuzz_line(&text, &line)) {
		_cleanup_free_ char *name = name_of(line);

		if (name && !kallsyms_has(k, name))
			abort();
		named += name != NULL;
	}
	if (k->names.n > named || kallsyms_has(k, "no such\tname"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root root = scratch_root();
	struct kallsyms k;

	/* The kernel writes no NUL; the text ends at one. */
	if (size > 4096 || (size && memchr(data, '\0', size)))
		return 0;
	scratch_write("proc/kallsyms", data, size);
	if (kallsyms_read(&root, &k) == 0) {
		check(&k, span_of(data, size));
		kallsyms_done(&k);
	}
	return 0;
}
