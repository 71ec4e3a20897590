// SPDX-License-Identifier: MIT
#include "record.h"

#include <errno.h>

/* Records that Debian's mokutil 0.6 wrote for the same texts (--hash-file). */
struct golden {
	const char *text;
	unsigned method;
	uint64_t rounds;
	const char *salt;
	uint8_t first[4], last[4];
	size_t hash_len;
};

static const struct golden goldens[] = {
	{ "$5$saltsalt$yA7RbrCioflzGFhffY5AeAphDBUy6I3JGI0Dd7Vo634",
	  3,
	  5000,
	  "saltsalt",
	  { 0x74, 0xed, 0xf4, 0xae },
	  { 0x25, 0x69, 0x48, 0x61 },
	  32 },
	{ "$5$rounds=7000$saltsalt$99B1aIYNxdeQ.RcDCUz6BDHNZNkmxcoN7.5xbvsXlB0",
	  3,
	  7000,
	  "saltsalt",
	  { 0x0c, 0x45, 0x7d, 0x3e },
	  { 0x70, 0xe7, 0x71, 0x23 },
	  32 },
	{ "$6$saltsalt$0pjkZsbgtspUTDnmCgS9rOCW5UxySN4XD8DY4k4FkXbIggATSLgvQDJ5mCm.fzIA2E6rHdbgQkWm19ypglSOZ0",
	  4,
	  5000,
	  "saltsalt",
	  { 0xc2, 0x25, 0x5e, 0xcb },
	  { 0x1c, 0xe2, 0x69, 0xa5 },
	  64 },
};

static void records_are_mokutils(void **state)
{
	uint8_t r[MOKPW_RECORD];

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(goldens); i++) {
		const struct golden *g = &goldens[i];

		assert_int_equal(mokpw_record(g->text, r), 0);
		assert_int_equal(load_le16(r), g->method);
		assert_int_equal(load_le64(r + 2), g->rounds);
		assert_int_equal(load_le16(r + 10), strlen(g->salt));
		assert_string_equal((char *)r + 12, g->salt);
		assert_memory_equal(r + 44, g->first, 4);
		assert_memory_equal(r + 44 + g->hash_len - 4, g->last, 4);
		for (size_t k = 44 + g->hash_len; k < sizeof(r); k++)
			assert_int_equal(r[k], 0);
		assert_true(record_is_of(r, "labpass1"));
		assert_false(record_is_of(r, "labpass2"));
	}
}

static void blowfish_keeps_its_text(void **state)
{
	uint8_t r[MOKPW_RECORD];

	(void)state;
	assert_int_equal(mokpw_record("$2y$05$abcdefghijklmnopqrstuu3S65JEhFsz.BSKh1fgNqr.2rT4wYIyy", r), 0);
	assert_int_equal(load_le16(r), MOKPW_BLOWFISH);
	assert_int_equal(load_le64(r + 2), 0);
	assert_int_equal(load_le16(r + 10), 30);
	assert_string_equal((char *)r + 12, "$2y$05$abcdefghijklmnopqrstuu");
	assert_memory_equal(r + 44, "3S65JEhFsz.BSKh1fgNqr.2rT4wYIyy", 31);
	assert_true(record_is_of(r, "labpass1"));
	assert_false(record_is_of(r, "labpass"));
}

static void a_fresh_record_holds_the_password(void **state)
{
	char text[384], again[384];
	uint8_t r[MOKPW_RECORD];

	(void)state;
	assert_int_equal(mokpw_crypt("correct horse", text, sizeof(text)), 0);
	assert_int_equal(mokpw_crypt("correct horse", again, sizeof(again)), 0);
	assert_string_not_equal(text, again);
	assert_int_equal(mokpw_record(text, r), 0);
	assert_int_equal(load_le16(r), MOKPW_SHA512);
	assert_true(record_is_of(r, "correct horse"));
	assert_false(record_is_of(r, "correct horsf"));
}

static void texts_of_any_method_are_compared(void **state)
{
	(void)state;
	assert_int_equal(mokpw_is("$y$j9T$abcdefgh$rh7DZIEDzhlJylr6EZFoxcD2w3MuzHiAvU7GkF1MGK6", "labpass1"), 1);
	assert_int_equal(mokpw_is("$y$j9T$abcdefgh$rh7DZIEDzhlJylr6EZFoxcD2w3MuzHiAvU7GkF1MGK6", "labpass2"), 0);
	assert_int_equal(mokpw_is("*", "*"), 0);
}

static void lengths_are_bounded(void **state)
{
	char text[384], long_one[258];

	(void)state;
	memset(long_one, 'a', 257);
	long_one[257] = '\0';
	assert_int_equal(mokpw_crypt("", text, sizeof(text)), -ERANGE);
	assert_int_equal(mokpw_crypt(long_one, text, sizeof(text)), -ERANGE);
	long_one[256] = '\0';
	assert_int_equal(mokpw_crypt(long_one, text, sizeof(text)), 0);
}

#define HASH "0pjkZsbgtspUTDnmCgS9rOCW5UxySN4XD8DY4k4FkXbIggATSLgvQDJ5mCm.fzIA2E6rHdbgQkWm19ypglSOZ0"

static void damaged_texts_are_refused(void **state)
{
	static const char *const bad[] = {
		"$6$saltsalt$short",
		"$6$saltsalt",
		"$6$$" HASH,
		"$6$seventeencharacte$" HASH,
		"$6$saltsalt$0pjkZsbgtspUTDnmCgS9rOCW5UxySN4XD8DY4k4FkXbIggATSLgvQDJ5mCm.fzIA2E6rHdbgQkWm19ypglSOZ0x",
		"$6$saltsalt$0pjkZsbgtspUTDnmCgS9rOCW5UxySN4XD8DY4k4FkXb:ggATSLgvQDJ5mCm.fzIA2E6rHdbgQkWm19ypglSOZ0",
		"$5$rounds=many$saltsalt$yA7RbrCioflzGFhffY5AeAphDBUy6I3JGI0Dd7Vo634",
		"$5$rounds=7000",
		"$2y$05$abcdefghijklmnopqrstuu3S65JEhFsz",
	};
	uint8_t r[MOKPW_RECORD];

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(mokpw_record(bad[i], r), -EBADMSG);
	assert_int_equal(mokpw_record("$y$j9T$abcdefgh$rh7DZIEDzhlJylr6EZFoxcD2w3MuzHiAvU7GkF1MGK6", r), -ENOTSUP);
	assert_int_equal(mokpw_record("abQohKvadMBfY", r), -ENOTSUP);
	assert_int_equal(mokpw_record("", r), -ENOTSUP);
}

static void switches_hold_the_password_in_ucs2(void **state)
{
	uint8_t r[MOKPW_SWITCH];

	(void)state;
	assert_int_equal(mokpw_switch(1, "labpass12", r), 0);
	assert_memory_equal(r, "\1\0\0\0\x09\0\0\0l\0a\0b\0p\0a\0s\0s\0001\0002\0\0", 28);
	for (size_t i = 26; i < sizeof(r); i++)
		assert_int_equal(r[i], 0);
	assert_int_equal(mokpw_switch(1, "1234567", r), -ERANGE);
	assert_int_equal(mokpw_switch(1, "12345678901234567", r), -ERANGE);
}

static void suggestions_are_the_same_on_three_keyboards(void **state)
{
	char a[MOKPW_SUGGESTED + 1], b[MOKPW_SUGGESTED + 1];

	(void)state;
	assert_int_equal(mokpw_suggest(a), 0);
	assert_int_equal(mokpw_suggest(b), 0);
	assert_int_equal(strlen(a), MOKPW_SUGGESTED);
	assert_string_not_equal(a, b);
	assert_int_equal(strspn(a, "bcdefghijklnoprstuvx"),
			 MOKPW_SUGGESTED); /* neither q a z w y m nor digits and signs */
}

static void passwords_are_typed_on_a_us_keyboard(void **state)
{
	static const char *const no[] = { "пароль12", "pässword", "tab\there", "esc\033" };
	uint8_t record[MOKPW_SWITCH];

	(void)state;
	assert_true(mokpw_is_typable("A b~c!\"9"));
	assert_int_equal(mokpw_switch(1, "labpass~ 12", record), 0);
	for (size_t i = 0; i < ELEMENTSOF(no); i++)
		assert_false(mokpw_is_typable(no[i]));
	assert_int_equal(mokpw_switch(1, no[1], record), -EILSEQ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_mokutils),
		cmocka_unit_test(blowfish_keeps_its_text),
		cmocka_unit_test(a_fresh_record_holds_the_password),
		cmocka_unit_test(texts_of_any_method_are_compared),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(damaged_texts_are_refused),
		cmocka_unit_test(switches_hold_the_password_in_ucs2),
		cmocka_unit_test(passwords_are_typed_on_a_us_keyboard),
		cmocka_unit_test(suggestions_are_the_same_on_three_keyboards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
