// SPDX-License-Identifier: MIT
/*
 * The cache of module facts: with the checksum as it came, and with a right one, so that what lies behind it is
 * reached.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "act/depmod/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the header names the program's version, where an entry begins, and where it names its path. */
#define TOOL_AT 40
#define TOOL_SIZE 16
#define FIRST_ENTRY 192
#define ENTRY_SIZE 80
#define PATH_AT 48

/* As if this version had written it: else every seed would be rejected by its header after a release. */
static void make_ours(char *bytes, size_t size)
{
	static const char tool[TOOL_SIZE] = KMODCTL_VERSION;

	if (size >= TOOL_AT + TOOL_SIZE)
		memcpy(bytes + TOOL_AT, tool, TOOL_SIZE);
	cache_seal(bytes, size);
}

/* Looks every entry up by its own path and key, and walks all that it lends. */
static size_t use(const struct cache *c)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	size_t total = 0;

	for (uint32_t i = 0; i < c->n && i < 1000; i++) {
		const uint8_t *entry = c->bytes.p + FIRST_ENTRY + (size_t)i * ENTRY_SIZE;
		struct filekey key;
		struct record r;
		const char *path, *s;
		uint32_t at, place;

		memcpy(&key, entry, sizeof(key));
		memcpy(&at, entry + PATH_AT, sizeof(at));
		if (span_cstr(c->bytes, at, &path) < 0 || !cache_find(c, path, &key, i / 2, &place) ||
		    !cache_facts(c, place, &arena, &r))
			continue;
		for (int l = 0; l < RECORD_LISTS; l++)
			while ((s = record_next(&r.lists[l])))
				total += strlen(s);
	}
	return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *copy = malloc(size ? size : 1);
	struct cache c;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	if (cache_open_span(span_of(copy, size), &c) == 0)
		use(&c);
	make_ours(copy, size);
	if (cache_open_span(span_of(copy, size), &c) == 0 && use(&c) > size * (uint64_t)RECORD_LISTS * 1000)
		abort();
	return 0;
}
