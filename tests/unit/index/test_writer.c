// SPDX-License-Identifier: MIT
#include "build.h"

/* The worked example of docs/formats/index.md: modules net and net-a. */
static void dep_example_bytes(void **state)
{
	static const char want[] = "\xb0\x07\xf4\x57\x00\x02\x00\x01\x20\x00\x00\x0c"
				   "nn\xe0\x00\x00\x12"
				   "et\0__\xc0\x00\x00\x38"
				   "\0\0\0\x01\0\0\0\0k/net.ko: k/net-a.ko\0"
				   "a\0\0\0\0\x01\0\0\0\x01k/net-a.ko:";
	struct buf b = BUILD({ "net", "k/net.ko: k/net-a.ko", 0 }, { "net_a", "k/net-a.ko:", 1 });

	(void)state;
	assert_int_equal(b.n, sizeof(want));
	assert_memory_equal(b.p, want, sizeof(want));
	buf_done(&b);
}

static void alias_example_bytes(void **state)
{
	static const char want[] = "\xb0\x07\xf4\x57\x00\x02\x00\x01\x20\x00\x00\x0c"
				   "zz\x20\x00\x00\x12"
				   "[_\xc0\x00\x00\x28\0\0\0\0\0\0\0\0\0\0\0\0\xc0\x00\x00\x37"
				   "-]\0\0\0\0\x01\0\0\0\0net\0"
				   "*\0\0\0\0\x02\0\0\0\0net\0\0\0\0\x01net_a";
	struct buf b = BUILD({ "z_*", "net", 0 }, { "z[-]", "net", 0 }, { "z_*", "net_a", 1 });

	(void)state;
	assert_int_equal(b.n, sizeof(want));
	assert_memory_equal(b.p, want, sizeof(want));
	buf_done(&b);
}

static void no_keys_are_a_header_alone(void **state)
{
	static const char want[] = "\xb0\x07\xf4\x57\x00\x02\x00\x01\x00\x00\x00\x0c";
	struct buf b = build_index(NULL, 0);

	(void)state;
	assert_int_equal(b.n, 12);
	assert_memory_equal(b.p, want, 12);
	buf_done(&b);
}

static void appends_behind_what_is_there(void **state)
{
	struct index_writer *w = index_writer_new();
	struct buf b = BUF_INIT, alone = BUILD({ "key", "v", 3 });

	(void)state;
	buf_adds(&b, "before");
	assert_int_equal(index_writer_add(w, "key", "v", 3), 0);
	assert_int_equal(index_writer_finish(w, &b), 0);
	assert_int_equal(b.n, 6 + alone.n);
	assert_memory_equal(b.p + 6, alone.p, alone.n);
	index_writer_free(w);
	buf_done(&b);
	buf_done(&alone);
}

static int collect(void *data, const char *key, const char *value, uint32_t priority)
{
	buf_addf(data, "%s=%s/%u ", key, value, priority);
	return 0;
}

static void equal_priorities_newest_first(void **state)
{
	struct buf b = BUILD({ "k", "a", 5 }, { "k", "b", 1 }, { "k", "c", 5 }, { "k", "c", 5 }, { "k", "d", 9 });
	struct index_reader r = build_open(&b);
	struct buf got = BUF_INIT;

	(void)state;
	assert_int_equal(index_reader_walk(&r, collect, &got), 0);
	assert_string_equal(buf_str(&got), "k=b/1 k=c/5 k=c/5 k=a/5 k=d/9 ");
	buf_done(&got);
	buf_done(&b);
}

/* More than the sort's small ranges, and keys that are equal for several words of eight bytes. */
static void many_values_of_long_equal_keys(void **state)
{
	static const char *const keys[] = { "abcdefgh", "abcdefghabcdefgh", "abcdefghabcdefghx" };
	struct index_writer *w = index_writer_new();
	struct buf b = BUF_INIT, got = BUF_INIT, want = BUF_INIT;
	struct index_reader r;

	(void)state;
	for (uint32_t i = 0; i < 90; i++)
		assert_int_equal(index_writer_add(w, keys[i % 3], "v", 100 - i), 0);
	assert_int_equal(index_writer_finish(w, &b), 0);
	r = build_open(&b);
	assert_int_equal(index_reader_walk(&r, collect, &got), 0);
	for (uint32_t k = 0; k < 3; k++)
		for (uint32_t i = 0; i < 30; i++)
			buf_addf(&want, "%s=v/%u ", keys[k], 100 - 87 - k + 3 * i);
	assert_string_equal(buf_str(&got), buf_str(&want));
	index_writer_free(w);
	buf_done(&b);
	buf_done(&got);
	buf_done(&want);
}

static void eight_bit_text_is_refused(void **state)
{
	struct index_writer *w = index_writer_new();

	(void)state;
	assert_int_equal(index_writer_add(w, "k\xc3\xa4", "v", 0), -EINVAL);
	assert_int_equal(index_writer_add(w, "k", "\x80", 0), -EINVAL);
	index_writer_free(w);
}

static void control_characters_are_refused(void **state)
{
	struct index_writer *w = index_writer_new();
	char text[] = "0123456789abcdef~";

	(void)state;
	assert_int_equal(index_writer_add(w, text, text, 0), 0);
	for (unsigned c = 1; c < 0x80; c++) {
		for (size_t i = 0; i < sizeof(text) - 1; i++) {
			char was = text[i];
			bool plain = c >= 0x20 && c != 0x7f;

			text[i] = (char)c;
			assert_int_equal(index_writer_add(w, text, "", 0), plain ? 0 : -EINVAL);
			assert_int_equal(index_writer_add(w, "k", text, 0), plain ? 0 : -EINVAL);
			text[i] = was;
		}
	}
	index_writer_free(w);
}

/* Every key is a prefix of the next: as deep as a trie can get. */
static void deep_nesting_needs_no_stack(void **state)
{
	enum { DEPTH = 2000 };
	static char text[DEPTH + 1];
	struct index_writer *w = index_writer_new();
	struct index_reader r;
	struct buf b = BUF_INIT;

	(void)state;
	memset(text, 'x', DEPTH);
	for (unsigned i = 0; i < DEPTH; i++)
		assert_int_equal(index_writer_add(w, text + i, "v", i), 0);
	assert_int_equal(index_writer_finish(w, &b), 0);
	r = build_open(&b);
	assert_int_equal(index_reader_check(&r), 0);
	assert_string_equal(index_reader_get(&r, text), "v");
	index_writer_free(w);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dep_example_bytes),
		cmocka_unit_test(alias_example_bytes),
		cmocka_unit_test(no_keys_are_a_header_alone),
		cmocka_unit_test(appends_behind_what_is_there),
		cmocka_unit_test(equal_priorities_newest_first),
		cmocka_unit_test(many_values_of_long_equal_keys),
		cmocka_unit_test(eight_bit_text_is_refused),
		cmocka_unit_test(control_characters_are_refused),
		cmocka_unit_test(deep_nesting_needs_no_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
