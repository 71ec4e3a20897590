// SPDX-License-Identifier: MIT
/* Users of a module as phrases, lines and JSON. */
#include <errno.h>

#include "base/oom.h"
#include "base/vec.h"
#include "verb/users/users.h"

static const char *const kind_names[] = {
	[USER_HOLDER] = "holder", [USER_MOUNT] = "mount",   [USER_SWAP] = "swap",
	[USER_BLOCK] = "block",   [USER_NODE] = "node",     [USER_SOCKET] = "socket",
	[USER_CRYPTO] = "crypto", [USER_DEVICE] = "device", [USER_INTERFACE] = "interface",
};

const char *user_kind_name(enum user_kind kind)
{
	return kind_names[kind];
}

static void describe_process(const struct user *u, const char *how, struct buf *into)
{
	buf_addf(into, " %s %s (pid %d)", how, u->process, (int)u->pid);
	if (u->count > 1)
		buf_addf(into, " %u times", u->count);
}

static void describe_mount(const struct user *u, struct buf *into)
{
	buf_addf(into, "file system %s mounted on %s (%s)", u->detail, u->name, u->source);
	if (u->pid)
		buf_addf(into, " in the mount namespace of pid %d", (int)u->pid);
}

static void describe_socket(const struct user *u, struct buf *into)
{
	if (u->process) {
		buf_addf(into, "%s socket", u->name);
		describe_process(u, "of", into);
	} else
		buf_addf(into, "%u %s socket%s", u->count, u->name, u->count > 1 ? "s" : "");
}

void user_describe(const struct user *u, struct buf *into)
{
	switch (u->kind) {
	case USER_HOLDER:
		buf_addf(into, "module %s%s%s", u->name, u->references ? "" : ", through ",
			 u->references ? "" : u->source);
		break;
	case USER_MOUNT:
		describe_mount(u, into);
		break;
	case USER_SWAP:
		buf_addf(into, "swap on %s", u->name);
		break;
	case USER_BLOCK:
		buf_addf(into, "%s, %s %s", u->name, u->detail, u->source);
		break;
	case USER_NODE:
		buf_adds(into, u->name);
		describe_process(u, "open in", into);
		break;
	case USER_SOCKET:
		describe_socket(u, into);
		break;
	case USER_CRYPTO:
		buf_addf(into, "cipher %s (%s) in use", u->name, u->detail);
		break;
	case USER_DEVICE:
		buf_addf(into, "device %s (%s driver %s)", u->name, u->detail, u->source);
		break;
	case USER_INTERFACE:
		buf_addf(into, "network interface %s (%s%s%s)", u->name, u->up ? "up" : "down", u->detail ? ", " : "",
			 u->detail ? u->detail : "");
		break;
	case USER_KINDS:
		break;
	}
}

/* ---- the short form ---- */

static int add_line(struct strv *lines, struct buf *line)
{
	return strv_take(lines, buf_steal(line)) < 0 ? -ENOMEM : 0;
}

static bool is_brief(const struct user *u, bool holders)
{
	return u->kind == USER_HOLDER ? holders && u->references : u->kind < USER_DEVICE;
}

static int brief_users(const struct users *u, const char *module, bool holders, struct strv *lines)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	size_t shown = 0, more = 0;

	for (size_t i = 0; i < u->n; i++) {
		if (!is_brief(&u->items[i], holders))
			continue;
		/* The last line is for the rest. */
		if (shown == USERS_BRIEF_MAX - 1) {
			more++;
			continue;
		}
		buf_addf(&line, "%s: used by ", module);
		user_describe(&u->items[i], &line);
		if (add_line(lines, &line) < 0)
			return -ENOMEM;
		shown++;
	}
	if (more) {
		buf_addf(&line, "%s: and %zu more: kmodctl users %s", module, more, module);
		return add_line(lines, &line);
	}
	if (u->unexplained) {
		buf_addf(&line, "%s: used by something that cannot be seen (%u of %lld references)", module,
			 u->unexplained, (long long)u->refcnt);
		return add_line(lines, &line);
	}
	if (u->permanent) {
		buf_addf(&line, "%s: has no exit function, and stays until the next boot", module);
		return add_line(lines, &line);
	}
	return 0;
}

int users_brief(const struct users_query *q, bool holders, struct strv *lines)
{
	_cleanup_users_ struct users u = { 0 };
	int r = users_read(q, &u);

	if (r < 0)
		return only_oom(r);
	return brief_users(&u, q->module, holders, lines);
}
