// SPDX-License-Identifier: MIT
#include "build.h"

#include <fnmatch.h>

/* All values, each followed by a blank. */
static char *found(const struct buf *b, const char *key)
{
	struct index_reader r = build_open(b);
	struct index_values values = { 0 };
	struct buf out = BUF_INIT;

	assert_int_equal(index_reader_search(&r, key, &values), 0);
	for (size_t i = 0; i < values.n; i++)
		buf_addf(&out, "%s ", values.items[i].value);
	index_values_done(&values);
	return buf_steal(&out);
}

static void expect(const struct buf *b, const char *key, const char *want)
{
	char *got = found(b, key);

	assert_string_equal(got, want);
	free(got);
}

static void priority_then_key_order(void **state)
{
	struct buf b = BUILD({ "a*", "late", 9 }, { "ab*", "z", 2 }, { "*", "y", 2 }, { "abc", "early", 0 });

	(void)state;
	expect(&b, "abc", "early y z late ");
	buf_done(&b);
}

static void every_pattern_counts(void **state)
{
	struct buf b = BUILD({ "x*", "m", 1 }, { "*y", "m", 1 });

	(void)state;
	expect(&b, "xy", "m m ");
	buf_done(&b);
}

static void brackets(void **state)
{
	struct buf b = BUILD({ "a[0-3x]", "range", 0 }, { "b[!0-3]", "not", 0 }, { "c[]a]", "close", 0 },
			     { "d[a-]", "dash", 0 }, { "e[\\]]", "escape", 0 }, { "f[a-cx-z]?", "two", 0 });

	(void)state;
	expect(&b, "a2", "range ");
	expect(&b, "ax", "range ");
	expect(&b, "a4", "");
	expect(&b, "b4", "not ");
	expect(&b, "b1", "");
	expect(&b, "b", "");
	expect(&b, "c]", "close ");
	expect(&b, "ca", "close ");
	expect(&b, "d-", "dash ");
	expect(&b, "da", "dash ");
	expect(&b, "db", "");
	expect(&b, "e]", "escape ");
	expect(&b, "fyq", "two ");
	expect(&b, "fd", "");
	buf_done(&b);
}

/* Keys lose their '-', brackets keep theirs: such an alias cannot be met by a normalised key. */
static void dash_in_brackets_stays(void **state)
{
	struct buf b = BUILD({ "x[-a]y", "m", 0 });

	(void)state;
	expect(&b, "x_y", "");
	expect(&b, "x-y", "m ");
	buf_done(&b);
}

static void classes_and_open_brackets_as_fnmatch(void **state)
{
	struct buf b = BUILD({ "a[[:digit:]]*", "class", 0 }, { "b*[x", "open", 0 });

	(void)state;
	expect(&b, "a7z", "class ");
	expect(&b, "az7", "");
	expect(&b, "bcc[x", "open ");
	expect(&b, "bx", "");
	buf_done(&b);
}

static void backslash_before_and_behind_the_first_wildcard(void **state)
{
	struct buf b = BUILD({ "a\\b*", "before", 0 }, { "*\\*", "behind", 0 });

	(void)state;
	expect(&b, "a\\bc", "before ");
	expect(&b, "abc", "");
	expect(&b, "x*", "behind ");
	expect(&b, "xy", "");
	buf_done(&b);
}

/* A wildcard of the key counts literally too when it stands on an edge of the trie. */
static void wildcards_in_the_key(void **state)
{
	struct buf edge = BUILD({ "ab*", "m", 0 }, { "abc", "n", 0 }), prefix = BUILD({ "ab*", "m", 0 });

	(void)state;
	expect(&edge, "ab*", "m m ");
	expect(&prefix, "ab*", "m ");
	buf_done(&edge);
	buf_done(&prefix);
}

static void long_keys(void **state)
{
	struct buf b = BUILD({ "dmi*:svnA*:pnB?C:*", "m", 0 }, { "dmi*x", "n", 0 });
	char key[1000];

	(void)state;
	for (size_t fill = 0; fill < 400; fill += 7) {
		memset(key, '\0', sizeof(key));
		memcpy(key, "dmi", 3);
		memset(key + 3, 'q', fill);
		strcat(key, ":svnAcme:pnBbC:");
		memset(key + strlen(key), 'r', fill / 2);
		expect(&b, key, "m ");
		strcat(key, "x");
		expect(&b, key, "m n ");
	}
	buf_done(&b);
}

/* Backtracking matchers need 2^30 steps for this. */
static void hostile_pattern(void **state)
{
	struct buf b = BUILD({ "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", "m", 0 });
	char key[1001];

	(void)state;
	memset(key, 'a', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	expect(&b, key, "");
	key[sizeof(key) - 2] = 'b';
	expect(&b, key, "m ");
	buf_done(&b);
}

static void eight_bit_keys(void **state)
{
	struct buf b = BUILD({ "a*c", "m", 0 }, { "a?c", "n", 1 }, { "a[!b]c", "o", 2 });

	(void)state;
	expect(&b,
	       "a\xff"
	       "c",
	       "m n o ");
	expect(&b, "\xff", "");
	buf_done(&b);
}

/* xorshift: the same cases in every run. */
static unsigned next_random(unsigned below)
{
	static uint32_t x = 2463534242U;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return x % below;
}

static void random_text(char *into, size_t max, const char *alphabet)
{
	size_t n = 1 + next_random((unsigned)max), chars = strlen(alphabet);

	for (size_t i = 0; i < n; i++)
		into[i] = alphabet[next_random((unsigned)chars)];
	into[n] = '\0';
}

/* What the search must say of one pattern: literal up to the first wildcard, fnmatch(3) from there on. */
static bool oracle(const char *pattern, const char *key)
{
	size_t n = strcspn(pattern, "*?[");

	if (strncmp(pattern, key, n) != 0)
		return false;
	return pattern[n] ? fnmatch(pattern + n, key + n, 0) == 0 : key[n] == '\0';
}

enum { PATTERNS = 24 };

static void compare_round(char patterns[PATTERNS][40], const char *key)
{
	struct build_entry entries[PATTERNS];
	char values[PATTERNS][4];
	struct buf b, want = BUF_INIT;
	char *got;

	for (uint32_t i = 0; i < PATTERNS; i++) {
		snprintf(values[i], sizeof(values[i]), "%u", i);
		entries[i] = (struct build_entry){ patterns[i], values[i], i };
		if (oracle(patterns[i], key))
			buf_addf(&want, "%u ", i);
	}
	b = build_index(entries, PATTERNS);
	got = found(&b, key);
	if (strcmp(got, buf_str(&want)) != 0) {
		for (size_t i = 0; i < PATTERNS; i++)
			print_message("%zu: %s\n", i, patterns[i]);
		fail_msg("key %s: found %s, fnmatch says %s", key, got, buf_str(&want));
	}
	free(got);
	buf_done(&b);
	buf_done(&want);
}

/* Keys without wildcards: these have their own test. */
static void same_as_fnmatch(void **state)
{
	char patterns[PATTERNS][40], key[200];

	(void)state;
	for (unsigned round = 0; round < 6000; round++) {
		for (size_t i = 0; i < PATTERNS; i++)
			random_text(patterns[i], 12, round % 2 ? "aab*?[]!-\\c^:" : "aaabbc**?-");
		random_text(key, round % 10 ? 8 : 150, "aaabbc-]!\\:");
		compare_round(patterns, key);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(priority_then_key_order),
		cmocka_unit_test(every_pattern_counts),
		cmocka_unit_test(brackets),
		cmocka_unit_test(dash_in_brackets_stays),
		cmocka_unit_test(classes_and_open_brackets_as_fnmatch),
		cmocka_unit_test(backslash_before_and_behind_the_first_wildcard),
		cmocka_unit_test(wildcards_in_the_key),
		cmocka_unit_test(long_keys),
		cmocka_unit_test(hostile_pattern),
		cmocka_unit_test(eight_bit_keys),
		cmocka_unit_test(same_as_fnmatch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
