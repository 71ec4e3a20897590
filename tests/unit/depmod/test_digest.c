// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>

#include "act/depmod/digest.h"

/* Of the sizes around a step, a change of any byte, and another size, give another digest. */
static void every_byte_counts(void **state _unused_)
{
	char bytes[100];

	for (size_t n = 0; n < sizeof(bytes); n++) {
		uint64_t digest;

		memset(bytes, 0, sizeof(bytes));
		digest = digest_of(span_of(bytes, n));
		assert_true(digest == digest_of(span_of(bytes, n)));
		assert_true(digest != digest_of(span_of(bytes, n + 1)));
		for (size_t i = 0; i < n; i++) {
			bytes[i] = 1;
			assert_true(digest != digest_of(span_of(bytes, n)));
			bytes[i] = 0;
		}
	}
}

/* As docs/formats/depmod-cache.md tells it: files of one host must not change with the compiler. */
static void value_is_that_of_the_format(void **state _unused_)
{
	assert_true(digest_of(span_of("", 0)) == UINT64_C(0x5b492271704d79f1));
	assert_true(digest_of(span_of("abcdefghijklmnopqrstuvwxyz0123456789", 36)) == UINT64_C(0x648cb24af2e78f67));
}

static void file_has_the_digest_of_its_bytes(void **state)
{
	static const size_t sizes[] = { 0, 1, 31, 32, 65535, 65536, 65537, 200000 };
	struct fixture *f = *state;
	int dir = open(f->dir, O_RDONLY | O_DIRECTORY);
	char *bytes = malloc(200000);
	uint64_t digest;

	assert_true(dir >= 0 && bytes);
	for (size_t i = 0; i < 200000; i++)
		bytes[i] = (char)(i * 7 >> 3);
	for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
		unit_write(f->dir, "file", bytes, sizes[i]);
		assert_int_equal(digest_of_file(dir, "file", &digest), 0);
		assert_true(digest == digest_of(span_of(bytes, sizes[i])));
	}
	assert_int_equal(digest_of_file(dir, "none", &digest), -ENOENT);
	assert_int_equal(digest_of_file(dir, ".", &digest), -EINVAL);
	assert_int_equal(symlinkat("file", dir, "link"), 0);
	assert_int_equal(digest_of_file(dir, "link", &digest), -ELOOP);
	close(dir);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_counts),
		cmocka_unit_test(value_is_that_of_the_format),
		FIXTURE_TEST(file_has_the_digest_of_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
