// SPDX-License-Identifier: MIT
/* What the kernel's log and trace say about when modules were loaded. */
#include "../unit.h"

#include "read/kernel/loadtimes.h"

static void assert_module(const struct loadtime *t, const char *want)
{
	assert_true(span_is(t->module, want));
}

static void a_call_names_module_and_process(void **state)
{
	struct loadtime t;

	(void)state;
	assert_true(loadtime_of_log("calling  foo_init+0x0/0x1000 [foo] @ 212", &t));
	assert_int_equal(t.event, LOADTIME_CALLED);
	assert_module(&t, "foo");
	assert_true(t.has_pid);
	assert_int_equal(t.pid, 212);
	assert_false(t.has_took);
}

static void a_return_says_how_it_ended_and_how_long_it_took(void **state)
{
	struct loadtime t;

	(void)state;
	assert_true(loadtime_of_log("initcall foo_init+0x0/0x1000 [foo] returned -19 after 1234 usecs", &t));
	assert_int_equal(t.event, LOADTIME_RETURNED);
	assert_module(&t, "foo");
	assert_int_equal(t.result, -19);
	assert_true(t.has_took);
	assert_int_equal(t.took, 1234);
}

static void other_lines_of_the_log_are_left_out(void **state)
{
	static const char *const lines[] = {
		"",
		"calling  foo_init+0x0/0x1000 @ 1",
		"calling  foo_init+0x0/0x1000 [] @ 1",
		"calling  foo_init+0x0/0x1000 [foo @ 1",
		"calling  foo_init+0x0/0x1000 [foo] @ x",
		"calling foo_init+0x0/0x1000 [foo] @ 1",
		"initcall foo_init+0x0/0x1000 [foo] returned 0",
		"initcall foo_init+0x0/0x1000 [foo] returned after 1 usecs",
		"initcall foo_init+0x0/0x1000 [foo] returned 0 after 99999999999999999999 usecs",
		"initcall foo_init+0x0/0x1000 [foo] returned 0 after 5 msecs",
		"initcall",
	};
	struct loadtime t;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(lines); i++)
		assert_false(loadtime_of_log(lines[i], &t));
}

static void events_of_a_trace(void **state)
{
	struct loadtime t;

	(void)state;
	assert_true(loadtime_of_trace("        modprobe-512     [001] .....    12.000345: module_load: foo OE", &t));
	assert_int_equal(t.event, LOADTIME_ENTERED);
	assert_module(&t, "foo");
	assert_int_equal(t.usec, 12000345);
	assert_int_equal(t.pid, 512);
	assert_true(span_is(t.process, "modprobe"));
	assert_true(loadtime_of_trace("        modprobe-512     (    512) [001] d..1.     0.5: module_load: foo", &t) ==
		    false);
	assert_true(loadtime_of_trace("   (udev-worker)-9 (      9) [000] d..1.     0.500000: "
				      "initcall_start: func=a+0x0/0x1 [b]",
				      &t));
	assert_int_equal(t.event, LOADTIME_CALLED);
	assert_module(&t, "b");
	assert_true(loadtime_of_trace(
		"           a b c-1       [000]     3.000001: initcall_finish: func=a+0x0/0x1 [b] ret=-12", &t));
	assert_int_equal(t.event, LOADTIME_RETURNED);
	assert_int_equal(t.result, -12);
	assert_int_equal(t.usec, 3000001);
	assert_true(span_is(t.process, "a b c"));
}

/* A process may call itself what an event is called. */
static void the_name_of_a_process_is_no_event(void **state)
{
	struct loadtime t;

	(void)state;
	assert_false(loadtime_of_trace(" module_load: x-7       [000] .....     1.000000: sched_switch: module_load: y",
				       &t));
	assert_true(loadtime_of_trace("  -1 [0] . 1.0: -7       [000] .....     1.000000: module_load: y", &t));
	assert_module(&t, "y");
	assert_int_equal(t.pid, 7);
}

static void damaged_lines_of_a_trace_are_left_out(void **state)
{
	static const char *const lines[] = {
		"",
		"# tracer: nop",
		"        modprobe-512     [001] .....    12.345: module_load: foo",
		"        modprobe-512     [001] .....    12345678: module_load: foo",
		"        modprobe-512     [001 .....    12.345678: module_load: foo",
		"        modprobe-512     (12 [001] .....    12.345678: module_load: foo",
		"        modprobe-        [001] .....    12.345678: module_load: foo",
		"        modprobe-512     [001] .....    12.345678: module_load: ",
		"        modprobe-512     [001] .....    12.345678: module_free: foo",
		"        modprobe-512     [001] .....    99999999999999999.345678: module_load: foo",
	};
	struct loadtime t;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(lines); i++)
		assert_false(loadtime_of_trace(lines[i], &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_names_module_and_process),
		cmocka_unit_test(a_return_says_how_it_ended_and_how_long_it_took),
		cmocka_unit_test(other_lines_of_the_log_are_left_out),
		cmocka_unit_test(events_of_a_trace),
		cmocka_unit_test(the_name_of_a_process_is_no_event),
		cmocka_unit_test(damaged_lines_of_a_trace_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
