// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "base/errname.h"

static void known_and_unknown(void **state)
{
	(void)state;
	assert_string_equal(errname(EPERM), "EPERM");
	assert_string_equal(errname(EKEYREJECTED), "EKEYREJECTED");
	assert_string_equal(errname(0), "?");
	assert_string_equal(errname(-EPERM), "?");
	assert_string_equal(errname(100000), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_and_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
