// SPDX-License-Identifier: MIT
#include "unit.h"

#include <fnmatch.h>

#include "base/buf.h"
#include "read/conf/globs.h"

/* The ids of all that match, rising, as text: "0 2 5". */
static void find(const struct globs *g, size_t n, const char *name, struct buf *into)
{
	unsigned char *found = calloc(n + 1, 1);
	struct globs_search search;
	size_t id;

	globs_start(&search, g, name, n);
	while (globs_next(&search, &id)) {
		assert_int_equal(found[id], 0);
		found[id] = 1;
	}
	for (size_t i = 0; i < n; i++)
		if (found[i])
			buf_addf(into, "%s%zu", into->n ? " " : "", i);
	free(found);
}

static void make(struct globs *g, const char *const *patterns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(globs_add(g, patterns[i], i), 0);
	assert_int_equal(globs_index(g), 0);
}

static void expect(const char *const *patterns, size_t n, const char *name, const char *want)
{
	_cleanup_globs_ struct globs g = { 0 };
	_cleanup_buf_ struct buf got = BUF_INIT;

	make(&g, patterns, n);
	find(&g, n, name, &got);
	assert_string_equal(buf_str(&got), want);
}

static void each_pattern_that_matches_is_found_once(void **state)
{
	static const char *const patterns[] = { "aa*", "*a", "*", "a?", "*aa*", "b*", "[ab]a", "a", "*ba*" };

	(void)state;
	expect(patterns, ELEMENTSOF(patterns), "aa", "0 1 2 3 4 6");
	expect(patterns, ELEMENTSOF(patterns), "baaaa", "1 2 4 5 8");
	expect(patterns, ELEMENTSOF(patterns), "", "2");
	expect(patterns, 0, "aa", "");
}

static void later_patterns_do_not_count(void **state)
{
	static const char *const patterns[] = { "x*", "*b", "a*", "*" };
	_cleanup_globs_ struct globs g = { 0 };
	struct globs_search search;
	size_t id = 0, n = 0;

	(void)state;
	make(&g, patterns, ELEMENTSOF(patterns));
	globs_start(&search, &g, "ab", 2);
	while (globs_next(&search, &id))
		n++;
	assert_int_equal(n, 1);
	assert_int_equal(id, 1);
}

static unsigned next_random(unsigned *seed, unsigned below)
{
	*seed = *seed * 1103515245 + 12345;
	return *seed / 65536 % below;
}

static char *random_word(unsigned *seed, const char *alphabet, unsigned most)
{
	unsigned n = next_random(seed, most + 1);
	char *word = calloc(n + 1, 1);

	for (unsigned i = 0; i < n; i++)
		word[i] = alphabet[next_random(seed, (unsigned)strlen(alphabet))];
	return word;
}

/* Brackets that do not end, begin with "]" or hold backslashes are cut into pieces with care. */
static void fnmatch_finds_the_same(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		_cleanup_globs_ struct globs g = { 0 };
		char *patterns[12];

		for (size_t i = 0; i < ELEMENTSOF(patterns); i++)
			patterns[i] = random_word(&seed, round % 2 ? "aabb*?" : "aab*?[]\\!^-:", 10);
		make(&g, (const char *const *)patterns, ELEMENTSOF(patterns));
		for (int i = 0; i < 20; i++) {
			_cleanup_free_ char *name = random_word(&seed, i % 4 ? "aab" : "aab]\\[-*", 8);
			_cleanup_buf_ struct buf want = BUF_INIT, got = BUF_INIT;

			for (size_t k = 0; k < ELEMENTSOF(patterns); k++)
				if (fnmatch(patterns[k], name, 0) == 0)
					buf_addf(&want, "%s%zu", want.n ? " " : "", k);
			find(&g, ELEMENTSOF(patterns), name, &got);
			assert_string_equal(buf_str(&got), buf_str(&want));
		}
		for (size_t i = 0; i < ELEMENTSOF(patterns); i++)
			free(patterns[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pattern_that_matches_is_found_once),
		cmocka_unit_test(later_patterns_do_not_count),
		cmocka_unit_test(fnmatch_finds_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
