// SPDX-License-Identifier: MIT
/* The parts of the state of the machine: the kernel's log, the indexes. */
#include "../plan/fixture.h"

#include "lib/fake_kernel.h"
#include "verb/status/status.h"

static const struct fixture_live loaded[] = { { .name = "a", .state = LIVE_LIVE }, { 0 } };

struct part {
	struct fixture f;
	struct fake_kernel fake;
	struct sys sys;
	struct why_query q;
	struct arena strings;
	struct status_failures failures;
	struct status_index index;
};

static int setup(void **state)
{
	struct part *p = calloc(1, sizeof(*p));

	fixture_open(&p->f, "", loaded);
	fake_kernel_init(&p->fake, p->f.dir);
	p->sys = (struct sys){ .root = p->f.root, .kernel = &p->fake.kernel };
	p->q = (struct why_query){ .sys = &p->sys, .world = &p->f.world, .release = "5.0.0" };
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct part *p = *state;

	fixture_close(&p->f);
	free(p->failures.items);
	arena_done(&p->strings);
	strv_done(&p->index.unlisted);
	strv_done(&p->index.gone);
	free(p);
	return 0;
}

/* "NAME=CAUSE " of what failed, with + where it is loaded now. */
static char *failures_of(struct part *p, const char *log)
{
	struct buf text = BUF_INIT;

	unit_puts(p->f.dir, "dev/kmsg", log);
	free(p->failures.items);
	p->failures = (struct status_failures){ 0 };
	assert_int_equal(status_read_failures(&p->q, &p->strings, &p->failures), 0);
	for (size_t i = 0; i < p->failures.n; i++)
		buf_addf(&text, "%s%s=%s ", p->failures.items[i].name ? p->failures.items[i].name : "?",
			 p->failures.items[i].loaded ? "+" : "", p->failures.items[i].cause);
	return text.p ? text.p : strdup("");
}

static void assert_failures(struct part *p, const char *log, const char *expected)
{
	_cleanup_free_ char *text = failures_of(p, log);

	assert_string_equal(text, expected);
}

static void refused_modules_are_named_once(void **state)
{
	struct part *p = *state;

	assert_failures(p, "3,0,1,-;x-y: Unknown symbol s (err -2)\n3,1,1,-;x_y: Unknown symbol t (err -2)\n",
			"x_y=Unknown symbol t (err -2) ");
	assert_int_equal(p->failures.n_open, 1);
}

static void what_was_loaded_later_is_no_longer_open(void **state)
{
	struct part *p = *state;

	assert_failures(p, "3,0,1,-;a: Unknown symbol s (err -2)\n", "a+=Unknown symbol s (err -2) ");
	assert_int_equal(p->failures.n_open, 0);
}

static void refusals_without_a_name(void **state)
{
	assert_failures(*state, "3,0,1,-;Loading of unsigned module is rejected\n",
			"?=unsigned, and signatures are enforced ");
	assert_failures(*state,
			"5,0,1,-;Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7\n",
			"?=unsigned, and the kernel is locked down ");
}

static void what_user_space_logs(void **state)
{
	assert_failures(*state, "30,0,1,-;systemd-modules-load[7]: Failed to insert module 'q': No such device\n",
			"q=No such device ");
	/* It cannot speak for the kernel. */
	assert_failures(*state, "12,0,1,-;q: Unknown symbol s (err -2)\n", "");
}

static void remarks_and_other_lines_are_no_failures(void **state)
{
	assert_failures(
		*state,
		"4,0,1,-;q: module verification failed: signature and/or required key missing - tainting kernel\n"
		"4,1,1,-;q: loading out-of-tree module taints kernel.\n"
		"6,2,1,-;usb 1-1: Unknown symbol is a product\n"
		"6,3,1,-;: Unknown symbol s\n6,4,1,-;q:Unknown symbol s\n",
		"");
}

static void many_modules_fail(void **state)
{
	_cleanup_buf_ struct buf log = BUF_INIT;
	struct part *p = *state;

	for (unsigned i = 0; i < STATUS_FAILURES_MAX + 9; i++)
		buf_addf(&log, "3,%u,1,-;m%u: Unknown symbol s (err -2)\n", i, i);
	free(failures_of(p, buf_str(&log)));
	assert_int_equal(p->failures.n, STATUS_FAILURES_MAX);
}

/* The files of every module in the index. */
static void install_all(const struct part *p)
{
	static const char *const files[] = { "a/foo-bar",
					     "a/on",
					     "b/zed",
					     "a",
					     "b",
					     "c",
					     "d",
					     "e",
					     "f",
					     "g",
					     "h",
					     "lib/crc-itu-t",
					     "fw/firewire-core",
					     "fw/firewire-ohci" };

	for (size_t i = 0; i < ELEMENTSOF(files); i++) {
		char path[128];

		snprintf(path, sizeof(path), FIXTURE_DIR "/kernel/%s.ko", files[i]);
		unit_puts(p->f.dir, path + 1, "");
	}
}

static void indexes_that_fit(void **state)
{
	struct part *p = *state;

	install_all(p);
	/* depmod takes one of two files of a name. */
	unit_puts(p->f.dir, "lib/modules/5.0.0/updates/a.ko.xz", "");
	assert_int_equal(status_read_index(&p->q, &p->index), 0);
	assert_int_equal(p->index.state, INDEX_CURRENT);
}

static void a_file_too_many_and_one_too_few(void **state)
{
	struct part *p = *state;

	install_all(p);
	unit_puts(p->f.dir, "lib/modules/5.0.0/extra/new.ko", "");
	unit_link(p->f.dir, "lib/modules/5.0.0/kernel/g.ko", "nowhere");
	assert_int_equal(status_read_index(&p->q, &p->index), 0);
	assert_int_equal(p->index.state, INDEX_STALE);
	assert_string_equal(p->index.unlisted.items[0], "extra/new.ko");
	assert_string_equal(p->index.gone.items[0], FIXTURE_DIR "/kernel/g.ko");
}

static void flags_have_their_letters(void **state _unused_)
{
	assert_int_equal(status_taint_flag(0)->letter, 'P');
	assert_int_equal(status_taint_flag(13)->letter, 'E');
	assert_true(status_taint_flag(7)->is_trouble);
	assert_null(status_taint_flag(STATUS_TAINT_BITS - 1));
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(refused_modules_are_named_once),
		test(what_was_loaded_later_is_no_longer_open),
		test(refusals_without_a_name),
		test(what_user_space_logs),
		test(remarks_and_other_lines_are_no_failures),
		test(many_modules_fail),
		test(indexes_that_fit),
		test(a_file_too_many_and_one_too_few),
		test(flags_have_their_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
