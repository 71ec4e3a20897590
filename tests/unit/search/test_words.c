// SPDX-License-Identifier: MIT
/* Where a word is found in what is known of a module. */
#include "../unit.h"

#include "verb/search/words.h"

static const char info_text[] = "description=Intel(R) PRO/1000 Network Driver\0"
				"alias=pci:v00008086d000010D3sv*sd*bc*sc*i*\0"
				"alias=pci:v00001AF4d*sv*sd*bc*sc*i*\0"
				"alias=fs-thing\0"
				"firmware=vendor/fw-1.bin";

/* "PLACE TEXT" for the word, in a module e1000e that exports usb_register_dev. */
static void check(const char *dir, const char *word, const char *want)
{
	const struct root root = { .prefix = dir };
	struct symbol symbols[] = { { .name = "usb_register_dev" } };
	const struct symbols exports = { symbols, 1, 1 };
	_cleanup_modinfo_ struct modinfo info = { 0 };
	const struct search_facts facts = { "e1000e", &info, &exports };
	struct search_words words;
	struct search_match match;
	_cleanup_arena_ struct arena strings = ARENA_INIT;
	char got[256];

	assert_int_equal(modinfo_parse(span_of(info_text, sizeof(info_text)), &info), 0);
	assert_int_equal(search_words_open(&root, &word, 1, &words), 0);
	assert_int_equal(search_word_find(&words, &words.items[0], &facts, &strings, &match), 0);
	snprintf(got, sizeof(got), "%s %s", search_place_name(match.place), match.text ? match.text : "");
	assert_string_equal(got, want);
	search_words_done(&words);
}

static void each_place_is_searched_the_best_first(void **state)
{
	check(*state, "e1000e", "exact-name e1000e");
	check(*state, "E1000", "name e1000e");
	check(*state, "pro/1000", "description Intel(R) PRO/1000 Network Driver");
	check(*state, "fs_thing", "alias fs-thing");
	check(*state, "thing", "alias fs-thing");
	check(*state, "register-dev", "symbol usb_register_dev");
	check(*state, "fw-1", "firmware vendor/fw-1.bin");
	check(*state, "nosuch", "nowhere ");
}

/* Aliases are full of digits, and symbols of syllables. */
static void aliases_and_symbols_are_searched_by_their_parts(void **state)
{
	check(*state, "0010D3", "nowhere ");
	check(*state, "egister", "nowhere ");
	check(*state, "pci:v00008086d000010D3sv00000001sd00000002bc02sc00i00",
	      "alias pci:v00008086d000010D3sv*sd*bc*sc*i*");
}

static void ids_of_devices_are_found_in_aliases_only(void **state)
{
	check(*state, "8086:10D3", "device 8086:10d3");
	check(*state, "1af4:1041", "device 1af4:1041");
	check(*state, "8086:10d4", "nowhere ");
	check(*state, "dead:beef", "nowhere ");
}

static void names_of_hwdata_lead_to_devices(void **state)
{
	unit_puts(*state, "usr/share/hwdata/pci.ids",
		  "8086  Intel Corporation\n\t10d3  82574L Gigabit\n1af4  Red Hat, Inc.\n1000  Broadcom\n");
	check(*state, "82574l", "device 8086:10d3 Intel Corporation 82574L Gigabit");
	check(*state, "red hat", "device 1af4:* Red Hat, Inc.");
	check(*state, "corporation", "device 8086:10d3 Intel Corporation 82574L Gigabit");
	check(*state, "broadcom", "nowhere ");
	check(*state, "8086:10d3", "device 8086:10d3 Intel Corporation 82574L Gigabit");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(each_place_is_searched_the_best_first),
		unit_test_in_dir(aliases_and_symbols_are_searched_by_their_parts),
		unit_test_in_dir(ids_of_devices_are_found_in_aliases_only),
		unit_test_in_dir(names_of_hwdata_lead_to_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
