// SPDX-License-Identifier: MIT
/* Which parameters are listed as different. */
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"
#include "lib/fake_kernel.h"
#include "verb/report/deviations.h"

struct fixture {
	char *dir;
	struct fake_kernel fake;
	struct sys sys;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	fake_kernel_init(&f->fake, f->dir);
	f->sys = (struct sys){ .root = { .prefix = f->dir }, .kernel = &f->fake.kernel };
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rmdir(f->dir);
	free(f);
	return 0;
}

static void put(const struct fixture *f, const char *path, const char *text)
{
	unit_write(f->dir, path, text, strlen(text));
}

/* "NAME=VALUE(DEFAULT)[CONFIGURED] " of each. */
static void check(struct fixture *f, const char *want, size_t looked_at, size_t unstated, size_t left_out)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_loaded_ struct loaded loaded = { 0 };
	_cleanup_deviations_ struct deviations d = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	const struct loaded_filter every = { 0 };

	assert_int_equal(running_open(&f->sys, &running), 0);
	assert_int_equal(loaded_read(&f->sys, &every, &loaded), 0);
	assert_int_equal(deviations_read(&f->sys, &running, &loaded, &d), 0);
	for (size_t i = 0; want && i < d.n; i++)
		buf_addf(&text, "%s.%s=%s(%s)[%s] ", d.items[i].module, d.items[i].name,
			 d.items[i].current ? d.items[i].current : "?", d.items[i].stated ? d.items[i].stated : "?",
			 d.items[i].configured    ? d.items[i].configured :
			 d.items[i].is_configured ? "-" :
						    "");
	if (want)
		assert_string_equal(buf_str(&text), want);
	assert_int_equal(d.n_looked_at, looked_at);
	assert_int_equal(d.n_unstated, unstated);
	assert_int_equal(d.left_out, left_out);
}

/* The module is loaded, and has no file: only what the kernel shows and what is configured is known. */
static void what_is_configured_and_has_no_known_default_is_listed(void **state)
{
	struct fixture *f = *state;

	put(f, "proc/modules", "card 1 0 - Live 0x0\n");
	put(f, "sys/module/card/parameters/debug", "3\n");
	put(f, "sys/module/card/parameters/quiet", "Y\n");
	put(f, "etc/modprobe.d/card.conf", "options card debug=3\n");
	check(f, "card.debug=3(?)[3] ", 2, 1, 0);
}

static void what_is_beyond_the_bound_is_counted(void **state)
{
	struct fixture *f = *state;
	_cleanup_buf_ struct buf options = BUF_INIT;

	put(f, "proc/modules", "card 1 0 - Live 0x0\n");
	for (int i = 0; i < DEVIATIONS_MAX + 3; i++) {
		char path[64];

		snprintf(path, sizeof(path), "sys/module/card/parameters/p%d", i);
		put(f, path, "1\n");
		buf_addf(&options, "options card p%d=1\n", i);
	}
	put(f, "etc/modprobe.d/card.conf", buf_str(&options));
	check(f, NULL, DEVIATIONS_MAX + 3, 0, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_configured_and_has_no_known_default_is_listed, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_beyond_the_bound_is_counted, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
