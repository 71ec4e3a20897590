// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>

#include "read/kernel/calls.h"

static void uname_is_the_running_kernels(void **state _unused_)
{
	struct utsname got, want;

	assert_int_equal(uname(&want), 0);
	assert_int_equal(kernel_uname(&kernel_real, &got), 0);
	assert_string_equal(got.release, want.release);
}

/* Bad arguments only: nothing may really be loaded or removed here. */
static void errors_are_negative_errno(void **state _unused_)
{
	assert_true(kernel_finit_module(&kernel_real, -1, "", 0) < 0);
	assert_true(kernel_init_module(&kernel_real, NULL, 0, "") < 0);
	assert_true(kernel_delete_module(&kernel_real, "kmodctl-no-such-module", O_NONBLOCK) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uname_is_the_running_kernels),
		cmocka_unit_test(errors_are_negative_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
