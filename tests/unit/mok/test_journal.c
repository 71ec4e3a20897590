// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "verb/mok/journal.h"

#define THEN "11111111-2222-3333-4444-555555555555"
#define NOW "99999999-2222-3333-4444-555555555555"

static void what_is_written_is_read(void **state)
{
	_cleanup_journal_ struct journal j = { 0 };
	_cleanup_journal_ struct journal back = { 0 };
	char *dir = unit_mkdtemp();
	const struct root root = { .prefix = dir };
	struct journal_entry e = { MOK_DELETE,  MOK_BLOCKED, JOURNAL_WITNESSED,
				   { 1, 2, 3 }, THEN,        (char[]){ "A key\nof two" } };

	(void)state;
	assert_int_equal(journal_read(&root, &back), 0);
	assert_int_equal(back.n, 0);
	assert_int_equal(journal_add(&j, &e), 0);
	e.state = JOURNAL_DONE;
	e.sha256[0] = 9;
	assert_int_equal(journal_add(&j, &e), 0);
	assert_int_equal(journal_write(&root, &j), 0);
	assert_int_equal(journal_read(&root, &back), 0);
	assert_int_equal(back.n, 2);
	assert_int_equal(back.items[0].action, MOK_DELETE);
	assert_int_equal(back.items[0].list, MOK_BLOCKED);
	assert_int_equal(back.items[0].state, JOURNAL_WITNESSED);
	assert_int_equal(back.items[1].state, JOURNAL_DONE);
	assert_memory_equal(back.items[0].sha256, j.items[0].sha256, 32);
	assert_string_equal(back.items[0].boot_id, THEN);
	assert_string_equal(back.items[0].name, "A key?of two");
	unit_rmdir(dir);
}

static void one_entry_for_each_key_and_list(void **state)
{
	_cleanup_journal_ struct journal j = { 0 };
	struct journal_entry e = { MOK_ENROLL, MOK_KEYS, JOURNAL_DONE, { 1 }, THEN, (char[]){ "key" } };

	(void)state;
	journal_add(&j, &e);
	e.list = MOK_BLOCKED;
	journal_add(&j, &e);
	e.list = MOK_KEYS;
	e.action = MOK_DELETE;
	e.state = JOURNAL_ASKED;
	journal_add(&j, &e);
	assert_int_equal(j.n, 2);
	assert_int_equal(j.items[1].action, MOK_DELETE);
	assert_int_equal(journal_forget(&j, MOK_KEYS, MOK_ENROLL), 0);
	assert_int_equal(journal_forget(&j, MOK_KEYS, MOK_DELETE), 1);
	/* What is settled is no request any more. */
	assert_int_equal(journal_forget(&j, MOK_BLOCKED, MOK_ENROLL), 0);
	journal_drop(&j, MOK_BLOCKED, e.sha256);
	assert_int_equal(j.n, 0);
}

static void damaged_lines_are_left_out(void **state)
{
	static const char text[] =
		"nonsense\n"
		"enroll keys 12 " THEN " asked short digest\n"
		"enroll keys abababababababababababababababababababababababababababababababab " THEN " perhaps key\n"
		"enroll keys abababababababababababababababababababababababababababababababab " THEN " asked\n"
		"enroll keys abababababababababababababababababababababababababababababababab " THEN " asked a key";
	_cleanup_journal_ struct journal j = { 0 };

	(void)state;
	assert_int_equal(journal_parse(span_of_str(text), &j), 0);
	assert_int_equal(j.n, 1);
	assert_string_equal(j.items[0].name, "a key");
}

static void outcomes(void **state)
{
	static const struct {
		enum mok_action action;
		enum journal_state before;
		bool rebooted, published, in_list, pending, witness;
		enum mok_outcome outcome;
		enum journal_state after;
	} rows[] = {
		{ MOK_ENROLL, JOURNAL_ASKED, false, true, false, true, false, MOK_WAITS, JOURNAL_ASKED },
		{ MOK_ENROLL, JOURNAL_WITNESSED, true, true, false, true, true, MOK_NOT_SHOWN, JOURNAL_WITNESSED },
		{ MOK_ENROLL, JOURNAL_WITNESSED, true, false, false, true, true, MOK_NOT_SHOWN, JOURNAL_WITNESSED },
		{ MOK_ENROLL, JOURNAL_WITNESSED, true, true, true, false, true, MOK_ACCEPTED, JOURNAL_DONE },
		{ MOK_ENROLL, JOURNAL_WITNESSED, true, true, false, false, true, MOK_NOT_ACCEPTED, JOURNAL_REFUSED },
		{ MOK_ENROLL, JOURNAL_WITNESSED, true, true, false, false, false, MOK_LOST, JOURNAL_VANISHED },
		/* Without a witness nothing says that the variables were lost. */
		{ MOK_ENROLL, JOURNAL_ASKED, true, true, false, false, false, MOK_NOT_ACCEPTED, JOURNAL_REFUSED },
		{ MOK_ENROLL, JOURNAL_ASKED, false, true, false, false, false, MOK_TAKEN_BACK, JOURNAL_VANISHED },
		{ MOK_ENROLL, JOURNAL_WITNESSED, true, false, false, false, true, MOK_UNTOLD, JOURNAL_WITNESSED },
		{ MOK_ENROLL, JOURNAL_DONE, true, true, false, false, false, MOK_UNDONE, JOURNAL_DONE },
		{ MOK_ENROLL, JOURNAL_DONE, true, false, false, false, false, MOK_UNTOLD, JOURNAL_DONE },
		{ MOK_ENROLL, JOURNAL_REFUSED, true, true, false, false, false, MOK_NOT_ACCEPTED, JOURNAL_REFUSED },
		{ MOK_ENROLL, JOURNAL_VANISHED, true, true, false, false, true, MOK_LOST, JOURNAL_VANISHED },
		/* Enrolled after all, by whomever. */
		{ MOK_ENROLL, JOURNAL_REFUSED, true, true, true, false, false, MOK_ACCEPTED, JOURNAL_DONE },
		{ MOK_DELETE, JOURNAL_WITNESSED, true, true, false, false, true, MOK_ACCEPTED, JOURNAL_DONE },
		{ MOK_DELETE, JOURNAL_WITNESSED, true, true, true, false, true, MOK_NOT_ACCEPTED, JOURNAL_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		const struct journal_entry e = { .action = rows[i].action, .state = rows[i].before, .boot_id = THEN };
		const struct mok_sight now = { rows[i].rebooted ? NOW : THEN, rows[i].published, rows[i].in_list,
					       rows[i].pending, rows[i].witness };

		assert_int_equal(mok_outcome(&e, &now), rows[i].outcome);
		assert_int_equal(mok_outcome_state(&e, rows[i].outcome), rows[i].after);
	}
}

static void every_outcome_has_its_words(void **state)
{
	(void)state;
	for (enum mok_outcome o = MOK_WAITS; o <= MOK_UNTOLD; o++) {
		assert_true(strlen(mok_outcome_word(o)) >= 4);
		assert_true(strlen(mok_outcome_text(o)) >= 4);
	}
	assert_string_equal(mok_outcome_word(MOK_UNDONE), "vanished");
	assert_string_equal(mok_outcome_word(MOK_UNTOLD), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),     cmocka_unit_test(one_entry_for_each_key_and_list),
		cmocka_unit_test(damaged_lines_are_left_out),  cmocka_unit_test(outcomes),
		cmocka_unit_test(every_outcome_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
