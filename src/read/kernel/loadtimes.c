// SPDX-License-Identifier: MIT
#include "read/kernel/loadtimes.h"

#include <errno.h>
#include <string.h>

/* The name of a task stands right-justified in so many columns, whatever bytes it has. */
#define TASK_COLUMNS 16
#define USEC_PER_SEC 1000000u
#define USEC_DIGITS 6

static bool take(const char **p, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*p, text, n) != 0)
		return false;
	*p += n;
	return true;
}

/* "foo_init+0x0/0x1000 [foo]": the module of a function. */
static bool take_module(const char **p, struct span *ret)
{
	const char *name = *p + strcspn(*p, " ");
	size_t n;

	if (!take(&name, " ["))
		return false;
	n = strcspn(name, "] ");
	if (n == 0 || name[n] != ']')
		return false;
	*ret = span_of(name, n);
	*p = name + n + 1;
	return true;
}

static bool take_signed(const char **p, int64_t *ret)
{
	bool negative = take(p, "-");
	uint64_t n;

	if (!scan_u64(p, &n) || n > INT64_MAX)
		return false;
	*ret = negative ? -(int64_t)n : (int64_t)n;
	return true;
}

bool loadtime_of_log(const char *text, struct loadtime *ret)
{
	struct loadtime t = { 0 };

	if (take(&text, "calling  ")) {
		t.event = LOADTIME_CALLED;
		if (!take_module(&text, &t.module) || !take(&text, " @ ") || !scan_u64(&text, &t.pid))
			return false;
		t.has_pid = true;
	} else {
		t.event = LOADTIME_RETURNED;
		t.has_took = true;
		if (!take(&text, "initcall ") || !take_module(&text, &t.module) || !take(&text, " returned ") ||
		    !take_signed(&text, &t.result) || !take(&text, "after ") || !scan_u64(&text, &t.took) ||
		    !take(&text, "usecs"))
			return false;
	}
	*ret = t;
	return true;
}

/* ---- a line of the trace: "  modprobe-123  [000] .....  1.234567: module_load: foo OE" ---- */

static void skip_blanks(const char **p)
{
	*p += strspn(*p, " ");
}

static bool take_task(const char **p, struct loadtime *t)
{
	const char *name = *p;

	if (strnlen(*p, TASK_COLUMNS) < TASK_COLUMNS)
		return false;
	*p += TASK_COLUMNS;
	skip_blanks(&name);
	t->process = name < *p ? span_of(name, (size_t)(*p - name)) : span_of(name, 0);
	t->has_pid = take(p, "-") && scan_u64(p, &t->pid);
	return t->has_pid;
}

/* "1.234567: " */
static bool take_time(const char **p, uint64_t *ret)
{
	uint64_t seconds, rest;
	const char *digits;

	if (!scan_u64(p, &seconds) || !take(p, "."))
		return false;
	digits = *p;
	return scan_u64(p, &rest) && *p - digits == USEC_DIGITS && take(p, ": ") &&
	       !mul_overflows(seconds, USEC_PER_SEC, ret) && !add_overflows(*ret, rest, ret);
}

/* What stands between process and time: the thread group in parentheses, the CPU in brackets, flags. */
static bool skip_columns(const char **p)
{
	uint64_t cpu;

	if (**p == '(') {
		*p += strcspn(*p, ")");
		if (!take(p, ")"))
			return false;
	}
	skip_blanks(p);
	if (!take(p, "[") || !scan_u64(p, &cpu) || !take(p, "]"))
		return false;
	skip_blanks(p);
	if (**p && !strchr("0123456789", **p))
		*p += strcspn(*p, " ");
	skip_blanks(p);
	return true;
}

static bool take_event(const char **p, struct loadtime *t)
{
	if (take(p, "module_load: ")) {
		size_t n = strcspn(*p, " ");

		t->event = LOADTIME_ENTERED;
		t->module = span_of(*p, n);
		return n > 0;
	}
	if (take(p, "initcall_start: func=")) {
		t->event = LOADTIME_CALLED;
		return take_module(p, &t->module);
	}
	t->event = LOADTIME_RETURNED;
	return take(p, "initcall_finish: func=") && take_module(p, &t->module) && take(p, " ret=") &&
	       take_signed(p, &t->result);
}

bool loadtime_of_trace(const char *line, struct loadtime *ret)
{
	struct loadtime t = { 0 };

	if (!take_task(&line, &t) || !skip_columns(&line) || !take_time(&line, &t.usec) || !take_event(&line, &t))
		return false;
	*ret = t;
	return true;
}
