// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "lib/fake_kernel.h"

#define ALPHA  \
	"\x7f" \
	"ELF\0name=alpha\0depends=\0"
#define BETA   \
	"\x7f" \
	"ELF\0name=beta\0depends=alpha\0"

struct world {
	char *dir;
	struct fake_kernel fake;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->dir = unit_mkdtemp();
	assert_int_equal(fake_kernel_init(&w->fake, w->dir), 0);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	fake_kernel_done(&w->fake);
	unit_rmdir(w->dir);
	free(w);
	return 0;
}

static void assert_file(const struct world *w, const char *path, const char *want)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(file_read(&w->fake.root, path, 65536, &b), 0);
	assert_string_equal(buf_str(&b), want);
}

#define INIT(w, image, options) kernel_init_module(&(w)->fake.kernel, image, sizeof(image), options)

static void load_shows_in_proc_and_sys(void **state)
{
	struct world *w = *state;

	assert_int_equal(INIT(w, ALPHA, "a=1 b=\"x y\" flag"), 0);
	assert_file(w, "/proc/modules", "alpha 26 0 - Live 0x0000000000000000\n");
	assert_file(w, "/sys/module/alpha/initstate", "live\n");
	assert_file(w, "/sys/module/alpha/refcnt", "0\n");
	assert_file(w, "/sys/module/alpha/parameters/b", "x y\n");
	assert_file(w, "/sys/module/alpha/parameters/flag", "Y\n");
	assert_file(w, "/fake/log", "init alpha options=a=1 b=\"x y\" flag = 0\n");
}

static void dependencies_hold(void **state)
{
	struct world *w = *state;

	assert_int_equal(INIT(w, BETA, ""), -ENOENT);
	assert_int_equal(INIT(w, ALPHA, ""), 0);
	assert_int_equal(INIT(w, BETA, ""), 0);
	assert_file(w, "/sys/module/alpha/refcnt", "1\n");
	assert_true(root_exists(&w->fake.root, "/sys/module/alpha/holders/beta"));
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "alpha", O_NONBLOCK), -EAGAIN);
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "beta", O_NONBLOCK), 0);
	assert_file(w, "/sys/module/alpha/refcnt", "0\n");
	assert_false(root_exists(&w->fake.root, "/sys/module/alpha/holders/beta"));
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "alpha", O_NONBLOCK), 0);
	assert_file(w, "/proc/modules", "");
	assert_false(root_exists(&w->fake.root, "/sys/module/alpha"));
}

static void errors_of_the_kernel_itself(void **state)
{
	struct world *w = *state;

	assert_int_equal(INIT(w, ALPHA, ""), 0);
	assert_int_equal(INIT(w, ALPHA, ""), -EEXIST);
	assert_int_equal(INIT(w, "no module", ""), -ENOEXEC);
	assert_int_equal(kernel_init_module(&w->fake.kernel, "", 0, ""), -EINVAL);
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "nosuch", O_NONBLOCK), -ENOENT);
}

static void scripted_errors_are_counted(void **state)
{
	struct world *w = *state;

	unit_puts(w->dir, "fake/errors", "init alpha EPERM 2\ndelete * EBUSY\n");
	assert_int_equal(INIT(w, ALPHA, ""), -EPERM);
	assert_int_equal(INIT(w, ALPHA, ""), -EPERM);
	assert_int_equal(INIT(w, ALPHA, ""), 0);
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "alpha", O_NONBLOCK), -EBUSY);
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "alpha", O_NONBLOCK), -EBUSY);
}

static void permanent_and_used_modules_stay(void **state)
{
	struct world *w = *state;

	unit_puts(w->dir, "proc/modules", "p 1 0 [permanent], Live 0x0\nu 1 2 - Live 0x0\n");
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "p", O_NONBLOCK), -EBUSY);
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "u", O_NONBLOCK), -EAGAIN);
	assert_int_equal(kernel_delete_module(&w->fake.kernel, "u", O_NONBLOCK | O_TRUNC), 0);
}

static int finit(struct world *w, const void *image, size_t n, int flags)
{
	char path[4096];
	_cleanup_close_ int fd = -1;

	unit_write(w->dir, "m.ko", image, n);
	snprintf(path, sizeof(path), "%s/m.ko", w->dir);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	return kernel_finit_module(&w->fake.kernel, fd, "", flags);
}

static void compressed_files_need_flag_and_format(void **state)
{
	static const char xz[] = "\xfd"
				 "7zXZ\0 and so on";
	struct world *w = *state;

	assert_int_equal(finit(w, xz, sizeof(xz), 0), -ENOEXEC);
	assert_int_equal(finit(w, xz, sizeof(xz), KERNEL_FINIT_COMPRESSED), -EOPNOTSUPP);
	unit_puts(w->dir, "sys/module/compression", "zstd\n");
	assert_int_equal(finit(w, xz, sizeof(xz), KERNEL_FINIT_COMPRESSED), -EINVAL);
	assert_int_equal(finit(w, ALPHA, sizeof(ALPHA), 8), -EINVAL);
	assert_int_equal(finit(w, ALPHA, sizeof(ALPHA), 0), 0);
}

static void release_from_the_root(void **state)
{
	struct world *w = *state;
	struct utsname u;

	assert_int_equal(kernel_uname(&w->fake.kernel, &u), 0);
	assert_string_equal(u.release, FAKE_RELEASE);
	unit_puts(w->dir, "proc/sys/kernel/osrelease", "5.0.0\n");
	assert_int_equal(kernel_uname(&w->fake.kernel, &u), 0);
	assert_string_equal(u.release, "5.0.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(load_shows_in_proc_and_sys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(dependencies_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(errors_of_the_kernel_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(scripted_errors_are_counted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(permanent_and_used_modules_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(compressed_files_need_flag_and_format, set_up, tear_down),
		cmocka_unit_test_setup_teardown(release_from_the_root, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
