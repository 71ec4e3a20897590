// SPDX-License-Identifier: MIT
#include "act/load/chain.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

#define VARIABLE "MODPROBE_ANCESTORS"

/* One command that is being run. */
struct link {
	struct span what, name, pid; /* what is empty: either kind */
};

static struct span cut(struct span *text, char at)
{
	struct span all = *text;
	size_t n = 0, used;

	while (n < all.n && all.p[n] != (uint8_t)at)
		n++;
	used = n < all.n ? n + 1 : n;
	*text = span_of(all.p + used, all.n - used);
	return span_of(all.p, n);
}

/* The name may have colons of its own: usb:x1. */
static void cut_pid(struct span name_and_pid, struct link *ret)
{
	const uint8_t *colon = memrchr(name_and_pid.p, ':', name_and_pid.n);
	size_t n = colon ? (size_t)(colon - name_and_pid.p) : name_and_pid.n;

	ret->name = span_of(name_and_pid.p, n);
	ret->pid = span_of(name_and_pid.p + n + (colon ? 1 : 0), name_and_pid.n - n - (colon ? 1 : 0));
}

static bool next_link(struct span *text, struct link *ret)
{
	while (text->n > 0) {
		struct span word = cut(text, ' ');

		ret->what = cut(&word, ':');
		cut_pid(word, ret);
		if (ret->name.n > 0)
			return true;
	}
	return false;
}

/* A number that cannot be read stands for a process that is there. */
static bool is_running(const struct link *l)
{
	char text[16] = "";
	uint32_t pid;

	if (l->pid.n >= sizeof(text))
		return true;
	memcpy(text, l->pid.p, l->pid.n);
	return parse_u32(text, 10, &pid) < 0 || kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

static void add_name(struct buf *path, struct span name)
{
	if (path->n)
		buf_adds(path, " -> ");
	buf_add(path, (const char *)name.p, name.n);
}

/* Of a modprobe that sets no list: its module, unless the list has it. "": none. */
static const char *foreign_module(struct span list)
{
	const char *module = getenv("MODPROBE_MODULE");
	struct link l;

	while (module && next_link(&list, &l))
		if (span_is(l.name, module))
			return "";
	return module ? module : "";
}

static struct span ancestors(void)
{
	const char *list = getenv(VARIABLE);

	return span_of_str(list ? list : "");
}

enum chain_state chain_check(const char *what, const char *name, struct buf *path)
{
	struct span list = ancestors();
	const char *foreign = foreign_module(list);
	enum chain_state state = CHAIN_FREE;
	unsigned depth = *foreign ? 1 : 0;
	struct link l;

	for (; next_link(&list, &l); depth++) {
		if (span_is(l.what, what) && span_is(l.name, name) && is_running(&l)) {
			buf_clear(path);
			state = CHAIN_LOOP;
		}
		add_name(path, l.name);
	}
	if (*foreign) {
		if (strcmp(foreign, name) == 0)
			state = CHAIN_LOOP;
		add_name(path, span_of_str(foreign));
	}
	add_name(path, span_of_str(name));
	return state == CHAIN_FREE && depth >= CHAIN_DEPTH_MAX ? CHAIN_DEEP : state;
}

int chain_variable(const char *what, const char *name, struct buf *into)
{
	const char *list = getenv(VARIABLE), *foreign = foreign_module(ancestors());

	buf_addf(into, VARIABLE "=%s%s", list ? list : "", list && *list ? " " : "");
	if (*foreign)
		buf_addf(into, ":%s: ", foreign);
	buf_addf(into, "%s:%s:%ld", what, name, (long)getpid());
	return buf_error(into);
}
