// SPDX-License-Identifier: MIT
/* What an initramfs has of the configuration, and how old it is. */
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>

#include "lib/fake_kernel.h"
#include "verb/config/image.h"

struct fixture {
	char *dir;
	struct fake_kernel fake;
	struct sys sys;
	struct config config;
	struct config_image image;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	fake_kernel_init(&f->fake, f->dir);
	f->sys = (struct sys){ .root = { .prefix = f->dir }, .kernel = &f->fake.kernel };
	unit_puts(f->dir, "etc/modprobe.d/a.conf", "blacklist a\nblacklist b\n");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	config_image_close(&f->image);
	config_close(&f->config);
	unit_rmdir(f->dir);
	free(f);
	return 0;
}

/* A file of an archive. */
static void archive(struct buf *into, const char *name, unsigned mode, const char *content)
{
	buf_addf(into, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 1U, mode, 0U, 0U, 1U, 0U,
		 strlen(content), 0U, 0U, 0U, 0U, strlen(name) + 1, 0U);
	buf_add(into, name, strlen(name) + 1);
	while (into->n % 4)
		buf_addc(into, '\0');
	buf_adds(into, content);
	while (into->n % 4)
		buf_addc(into, '\0');
}

static void put_image(struct fixture *f, const struct buf *image)
{
	unit_write(f->dir, "boot/initrd.img-6.1", image->p, image->n);
}

static void compare(struct fixture *f)
{
	assert_int_equal(config_open(&f->sys, "6.1", false, &f->config), 0);
	assert_int_equal(config_image_open(&f->config, &f->image), 0);
	assert_int_equal(config_image_compare(&f->config, &f->image), 0);
	assert_int_equal(f->config.n, 2);
}

static void lines_are_compared_whatever_stands_around_them(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf image = BUF_INIT;

	archive(&image, "./etc/modprobe.d/a.conf", S_IFREG, "# older\nblacklist b\n");
	archive(&image, "TRAILER!!!", 0, "");
	put_image(f, &image);
	compare(f);
	assert_null(config_image_trouble(&f->image));
	assert_int_equal(f->config.lines[0].in_image, CONFIG_IMAGE_OTHER);
	assert_int_equal(f->config.lines[1].in_image, CONFIG_IMAGE_SAME);
}

static void the_last_archive_counts(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf image = BUF_INIT;

	archive(&image, "etc/modprobe.d/a.conf", S_IFREG, "blacklist a\nblacklist b\n");
	archive(&image, "TRAILER!!!", 0, "");
	buf_add(&image, "\0\0\0\0", 4);
	archive(&image, "/etc/modprobe.d/a.conf", S_IFREG, "blacklist a\n");
	put_image(f, &image);
	compare(f);
	assert_int_equal(f->config.lines[0].in_image, CONFIG_IMAGE_SAME);
	assert_int_equal(f->config.lines[1].in_image, CONFIG_IMAGE_OTHER);
}

static void a_file_that_is_not_there_is_missed_and_a_link_is_not_known(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf image = BUF_INIT;

	archive(&image, "etc/modprobe.d/b.conf", S_IFREG, "blacklist a\n");
	put_image(f, &image);
	compare(f);
	assert_int_equal(f->config.lines[0].in_image, CONFIG_IMAGE_LACKS);
	config_image_close(&f->image);
	archive(&image, "etc/modprobe.d/a.conf", S_IFLNK, "b.conf");
	put_image(f, &image);
	assert_int_equal(config_image_open(&f->config, &f->image), 0);
	assert_int_equal(config_image_compare(&f->config, &f->image), 0);
	assert_int_equal(f->config.lines[0].in_image, CONFIG_IMAGE_UNKNOWN);
}

static void what_cannot_be_read_is_unknown(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf image = BUF_INIT;
	static const char *const contents[] = { "\x02\x21\x4c\x18 lz4", "070701 too short", "no archive", "" };

	assert_int_equal(config_open(&f->sys, "6.1", false, &f->config), 0);
	for (size_t i = 0; i < ELEMENTSOF(contents); i++) {
		buf_clear(&image);
		buf_adds(&image, contents[i]);
		put_image(f, &image);
		assert_int_equal(config_image_open(&f->config, &f->image), 0);
		assert_non_null(config_image_trouble(&f->image));
		assert_int_equal(config_image_compare(&f->config, &f->image), 0);
		assert_int_equal(f->config.lines[0].in_image, CONFIG_IMAGE_UNKNOWN);
		config_image_close(&f->image);
	}
}

static void set_time(const struct fixture *f, const char *name, time_t when)
{
	_cleanup_free_ char *path = NULL;
	const struct timespec times[2] = { { when, 0 }, { when, 0 } };

	assert_true(asprintf(&path, "%s/%s", f->dir, name) > 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void an_image_is_as_much_older_as_the_file_was_changed_later(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf image = BUF_INIT;

	archive(&image, "TRAILER!!!", 0, "");
	put_image(f, &image);
	compare(f);
	set_time(f, "boot/initrd.img-6.1", 1000000);
	set_time(f, "etc/modprobe.d/a.conf", 1000000 + 86400);
	assert_int_equal(config_image_age(&f->config, &f->image, "/etc/modprobe.d/a.conf"), 86400);
	set_time(f, "etc/modprobe.d/a.conf", 999999);
	assert_int_equal(config_image_age(&f->config, &f->image, "/etc/modprobe.d/a.conf"), 0);
	assert_int_equal(config_image_age(&f->config, &f->image, "/etc/modprobe.d/none.conf"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_compared_whatever_stands_around_them, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_archive_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_missed_and_a_link_is_not_known, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(an_image_is_as_much_older_as_the_file_was_changed_later, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
