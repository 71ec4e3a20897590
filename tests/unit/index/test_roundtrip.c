// SPDX-License-Identifier: MIT
/* What the writer is given is what the walk gives back, for random sets of keys. */
#include "build.h"

enum { MAX_ENTRIES = 400 };

static char keys[MAX_ENTRIES][64];
static struct build_entry entries[MAX_ENTRIES];

static unsigned next_random(unsigned below)
{
	static uint32_t x = 88172645U;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % below;
}

static size_t fill_entries(const char *alphabet)
{
	size_t n = next_random(MAX_ENTRIES), chars = strlen(alphabet);

	for (size_t i = 0; i < n; i++) {
		size_t len = next_random(next_random(8) ? 20 : 60);

		for (size_t k = 0; k < len; k++)
			keys[i][k] = alphabet[next_random((unsigned)chars)];
		keys[i][len] = '\0';
		entries[i] = (struct build_entry){ keys[i], keys[i], next_random(5) };
	}
	return n;
}

/* Sorted as the file must have it; an entry's address is its age. */
static int by_key(const void *a, const void *b)
{
	const struct build_entry *x = *(const struct build_entry *const *)a, *y = *(const struct build_entry *const *)b;
	int c = strcmp(x->key, y->key);

	if (c)
		return c;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	return x > y ? -1 : 1;
}

struct expected {
	const struct build_entry *items[MAX_ENTRIES];
	size_t at;
};

static int compare(void *data, const char *key, const char *value, uint32_t priority)
{
	struct expected *e = data;
	const struct build_entry *want = e->items[e->at++];

	assert_string_equal(key, want->key);
	assert_string_equal(value, want->value);
	assert_int_equal(priority, want->priority);
	return 0;
}

static void random_sets(void **state)
{
	static const char *const alphabets[] = { "ab", "abcdefghijklmnopqrstuvwxyz_:*?", " ~xyz" };

	(void)state;
	for (unsigned round = 0; round < 600; round++) {
		size_t n = fill_entries(alphabets[round % ELEMENTSOF(alphabets)]);
		struct buf b = build_index(entries, n);
		struct index_reader r = build_open(&b);
		struct expected e = { .at = 0 };

		for (size_t i = 0; i < n; i++)
			e.items[i] = &entries[i];
		qsort(e.items, n, sizeof(e.items[0]), by_key);
		assert_int_equal(index_reader_check(&r), 0);
		assert_int_equal(index_reader_walk(&r, compare, &e), 0);
		assert_int_equal(e.at, n);
		for (size_t i = 0; i < n; i++)
			assert_string_equal(index_reader_get(&r, keys[i]), keys[i]);
		buf_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
