// SPDX-License-Identifier: MIT
#include "act/load/chain.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/num.h"
#include "read/kernel/processes.h"

#define VARIABLE "MODPROBE_ANCESTORS"
#define STAT_MAX 4096
/* Fields between the name of the process and the time of its start, in proc(5). */
#define STAT_START 20

/* One command that is being run. */
struct link {
	struct span what, name, pid;
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

/*
 * Appends "PID.START" of a process, where START is when it began: a number that another process may have got meanwhile.
 * "PID" where /proc cannot be read. false: it is a zombie, which waits for nothing any more.
 */
static bool identify(const struct root *root, uint32_t pid, struct buf *into)
{
	_cleanup_buf_ struct buf stat = BUF_INIT;
	char path[PROCESS_PATH_MAX];
	const char *p;

	buf_addf(into, "%u", (unsigned)pid);
	snprintf(path, sizeof(path), "/proc/%u/stat", (unsigned)pid);
	/* The name of the process, in brackets, may have blanks and brackets. */
	if (file_read(root, path, STAT_MAX, &stat) < 0 || !(p = strrchr(buf_str(&stat), ')')) || !*++p)
		return true;
	if (p[1] == 'Z' || p[1] == 'X')
		return false;
	for (int blanks = 0; blanks < STAT_START && p; blanks++)
		p = strchr(p + 1, ' ');
	if (p)
		buf_addf(into, ".%.*s", (int)strcspn(p + 1, " "), p + 1);
	return true;
}

/* A number that cannot be read stands for a process that is there. */
static bool is_running(const struct root *root, const struct link *l)
{
	_cleanup_buf_ struct buf found = BUF_INIT;
	struct span rest = l->pid;
	struct span number = cut(&rest, '.');
	char text[16] = "";
	uint32_t pid;

	if (number.n >= sizeof(text))
		return true;
	memcpy(text, number.p, number.n);
	if (parse_u32(text, 10, &pid) < 0)
		return true;
	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		return false;
	return identify(root, pid, &found) &&
	       (!rest.n || !memchr(found.p, '.', found.n) || span_is(l->pid, buf_str(&found)));
}

static void add_name(struct buf *path, struct span name)
{
	if (path->n)
		buf_adds(path, " -> ");
	buf_add(path, (const char *)name.p, name.n);
}

static struct span ancestors(void)
{
	const char *list = getenv(VARIABLE);

	return span_of_str(list ? list : "");
}

bool chain_is_below(void)
{
	return ancestors().n > 0;
}

enum chain_state chain_check(const struct root *root, const char *what, const char *name, struct buf *path)
{
	struct span list = ancestors();
	enum chain_state state = CHAIN_FREE;
	unsigned depth = 0;
	struct link l;

	for (; next_link(&list, &l); depth++) {
		bool running = is_running(root, &l);

		if (running && span_is(l.what, what) && span_is(l.name, name)) {
			buf_clear(path);
			state = CHAIN_LOOP;
		}
		add_name(path, l.name);
		buf_adds(path, running ? "" : " (ended)");
	}
	add_name(path, span_of_str(name));
	return state == CHAIN_FREE && depth >= CHAIN_DEPTH_MAX ? CHAIN_DEEP : state;
}

int chain_variable(const struct root *root, const char *what, const char *name, struct buf *into)
{
	const char *list = getenv(VARIABLE);

	buf_addf(into, VARIABLE "=%s%s%s:%s:", list ? list : "", list && *list ? " " : "", what, name);
	identify(root, (uint32_t)getpid(), into);
	return buf_error(into);
}
