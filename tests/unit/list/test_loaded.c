// SPDX-License-Identifier: MIT
/* Which modules are listed, and the walk by who uses whom. */
#include "../unit.h"

#include <errno.h>

#include "base/buf.h"
#include "lib/fake_kernel.h"
#include "verb/list/loaded.h"

struct fixture {
	char *dir;
	struct fake_kernel fake;
	struct sys sys;
	struct loaded loaded;
	struct loaded_filter filter;
	struct buf walk; /* NAME<PARENT, with + for one that came up before */
	size_t visits;
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

	loaded_done(&f->loaded);
	strv_done(&f->filter.patterns);
	buf_done(&f->walk);
	unit_rmdir(f->dir);
	free(f);
	return 0;
}

static void read_list(struct fixture *f, const char *modules)
{
	unit_puts(f->dir, "proc/modules", modules);
	assert_int_equal(loaded_read(&f->sys, &f->filter, &f->loaded), 0);
}

static ssize_t note(void *data, const struct loaded_module *m, size_t parent, bool is_again)
{
	struct fixture *f = data;

	buf_addf(&f->walk, "%s%s<%zd ", is_again ? "+" : "", m->live->name, (ssize_t)parent);
	return (ssize_t)f->visits++;
}

static void names_and_kinds_are_filtered(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(loaded_filter_add(&f->filter, "snd-*"), 0);
	assert_int_equal(loaded_filter_add(&f->filter, "[!a-r]x"), 0);
	assert_int_equal(loaded_filter_add(&f->filter, "unsigned"), 0);
	assert_int_equal(loaded_filter_add(&f->filter, ""), -EINVAL);
	assert_int_equal(loaded_filter_add(&f->filter, "a[b"), -EINVAL);
	read_list(
		f,
		"snd_a 1 0 - Live 0x0 (E)\nsnd_b 1 0 - Live 0x0 (O)\nsx 1 0 - Live 0x0 (OE)\nax 1 0 - Live 0x0 (E)\n");
	assert_int_equal(f->loaded.n, 2);
	assert_string_equal(f->loaded.items[0].live->name, "snd_a");
	assert_string_equal(f->loaded.items[1].live->name, "sx");
}

static void what_is_used_stands_below_its_users(void **state)
{
	struct fixture *f = *state;

	read_list(f, "top 1 0 - Live 0x0\nother 1 0 - Live 0x0\nmid 1 2 top,other, Live 0x0\nbase 1 1 mid, Live 0x0\n");
	assert_int_equal(loaded_walk(&f->loaded, note, f), 0);
	assert_string_equal(buf_str(&f->walk), "top<-1 mid<0 base<1 other<-1 +mid<3 ");
}

/* Each of 30 modules uses both of the next pair: 2^15 ways from the first to the last. */
static void what_came_up_is_not_repeated(void **state)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct fixture *f = *state;

	for (unsigned i = 0; i < 30; i++) {
		buf_addf(&text, "m%u 1 0 ", i);
		if (i < 2)
			buf_adds(&text, "-");
		else
			buf_addf(&text, "m%u,m%u,", (i & ~1U) - 2, (i & ~1U) - 1);
		buf_adds(&text, " Live 0x0\n");
	}
	read_list(f, buf_str(&text));
	assert_int_equal(loaded_walk(&f->loaded, note, f), 0);
	assert_int_equal(f->visits, 2 + 2 * 28);
}

static void circles_end(void **state)
{
	struct fixture *f = *state;

	read_list(f, "a 1 1 b, Live 0x0\nb 1 1 a, Live 0x0\nself 1 1 self, Live 0x0\n");
	assert_int_equal(loaded_walk(&f->loaded, note, f), 0);
	assert_string_equal(buf_str(&f->walk), "a<-1 b<0 +a<1 self<-1 +self<3 ");
}

static ssize_t refuse(void *data _unused_, const struct loaded_module *m _unused_, size_t parent _unused_,
		      bool is_again _unused_)
{
	return -ENOMEM;
}

static void a_failed_visit_ends_the_walk(void **state)
{
	struct fixture *f = *state;

	read_list(f, "a 1 0 - Live 0x0\n");
	assert_int_equal(loaded_walk(&f->loaded, refuse, f), -ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_and_kinds_are_filtered, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_used_stands_below_its_users, setup, teardown),
		cmocka_unit_test_setup_teardown(what_came_up_is_not_repeated, setup, teardown),
		cmocka_unit_test_setup_teardown(circles_end, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failed_visit_ends_the_walk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
