// SPDX-License-Identifier: MIT
/* modules.order of arbitrary bytes over a fixed list of modules: what it names comes first, in its order. */
#include <stdlib.h>

#include "parts.h"

#include "act/depmod/order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const paths[] = { "a.ko", "kernel/b.ko.xz", "kernel/c-d.ko", "kernel/fs/e.ko.zst",
				     "updates/f.ko.gz" };
#define N ELEMENTSOF(paths)

/* The number of the first line that is the path without its compression, or SCAN_UNORDERED. */
static uint32_t line_of(struct span text, const char *path)
{
	size_t n = (size_t)(strstr(path, ".ko") - path) + strlen(".ko");
	struct span line;

	for (uint32_t i = 0; fuzz_line(&text, &line); i++)
		if (span_eq(line, span_of(path, n)))
			return i;
	return SCAN_UNORDERED;
}

static void check(const struct scan *s, struct span text)
{
	/* A list whose last line is cut is not used at all. */
	bool used = text.n && text.p[text.n - 1] == '\n';
	unsigned seen = 0;

	if (s->n != N)
		abort();
	for (size_t i = 0; i < N; i++) {
		const struct module *m = &s->modules[i];

		if (m->position != (used ? line_of(text, m->path) : SCAN_UNORDERED))
			abort();
		if (i && m->position < m[-1].position)
			abort();
		for (size_t k = 0; k < N; k++)
			seen |= m->path == paths[k] ? 1u << k : 0;
	}
	if (seen != (1u << N) - 1)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct scan s = { .dir = "/lib/modules/f", .arena = &arena, .n = N, .cap = N };
	struct input order = { .text = BUF_INIT };

	/* The list is text, which ends at a NUL. */
	if (size && memchr(data, '\0', size))
		return 0;
	s.modules = calloc(N, sizeof(*s.modules));
	if (!s.modules || buf_add(&order.text, data, size) < 0)
		abort();
	for (size_t i = 0; i < N; i++)
		s.modules[i] = (struct module){ .path = paths[i], .name = paths[i], .position = SCAN_UNORDERED };
	if (order_sort(&s, &order) < 0)
		abort();
	check(&s, span_of(data, size));
	free(s.modules);
	buf_done(&order.text);
	return 0;
}
