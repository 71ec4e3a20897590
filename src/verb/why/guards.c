// SPDX-License-Identifier: MIT
/*
 * Security modules that judge the module's file otherwise than by its signature: which of them can refuse it, and after
 * a refusal, which one has. Of that, only the kernel's log tells more than the errno.
 */
#ifndef KMODCTL_SMALL
#include <errno.h>
#include <string.h>

#include "base/errname.h"
#include "read/kernel/guards.h"
#include "verb/why/parts.h"

/* What is known about it: "SELinux: enforcing (/sys/fs/selinux/enforce)", "IPE: unknown: PATH: reason". */
static void describe(enum guard g, const struct guard_state *s, struct buf *into)
{
	if (into->n)
		buf_adds(into, "; ");
	if (s->active == LOCK_UNKNOWN)
		buf_addf(into, "%s: unknown: %s: %s", guard_name(g), s->source,
			 s->error ? strerror(-s->error) : s->text);
	else
		buf_addf(into, "%s: %s (%s)", guard_name(g), s->text, s->source);
}

/* The line of the log in which it says so; NULL. */
static const char *logged(const struct subject *s, enum guard g)
{
	for (size_t i = 0; s->kmsg && i < s->kmsg->n; i++)
		if (guard_logged(g, s->kmsg->items[i].text))
			return s->kmsg->items[i].text;
	return NULL;
}

static int tell_logged(struct subject *s, enum guard g, const char *line)
{
	int r = why_add(s->found, WHY_OBSTACLE, WHY_SECURITY_DENIED, NULL, "%s refused it, says the kernel's log: %s",
			guard_name(g), line);

	return r < 0 ? r : why_fix(s->found, "%s", guard_remedy(g));
}

/* Only one of those that give this errno is active. */
static int tell_only(struct subject *s, const struct guards *all, enum guard g)
{
	const struct guard_state *state = &all->items[g];
	const struct policy_entry at = { .file = state->source };
	int r = why_add(s->found, WHY_OBSTACLE, WHY_SECURITY_DENIED, &at,
			"%s is the only active security module that is known to refuse files with %s: %s",
			guard_name(g), errname(guard_errno(g)), state->text);

	return r < 0 ? r : why_fix(s->found, "%s; to be sure, %s", guard_remedy(g), guard_settle(g));
}

static int tell_unknown(struct subject *s, const struct guards *all, const struct buf *open, enum guard first)
{
	int r;

	if (open->n)
		r = why_add(s->found, WHY_OBSTACLE, WHY_SECURITY_UNKNOWN, NULL,
			    "a security module refused it; which one is unknown: %s", buf_str(open));
	else
		r = why_add(s->found, WHY_OBSTACLE, WHY_SECURITY_UNKNOWN, NULL,
			    "refused for an unknown reason: SELinux, IMA appraisal and IPE, which refuse files so, are"
			    " not active%s",
			    all->bpf ? "; a BPF program that is attached to the hooks of security modules may" : "");
	if (r < 0)
		return r;
	return why_fix(s->found, "%s", open->n ? guard_settle(first) : "look at the kernel's log (`journalctl -k`)");
}

static int explain(struct subject *s, const struct guards *all)
{
	_cleanup_buf_ struct buf open = BUF_INIT;
	size_t n_active = 0, n_unknown = 0;
	enum guard first = GUARDS, active = GUARDS;

	for (enum guard g = 0; g < GUARDS; g++) {
		const struct guard_state *state = &all->items[g];
		const char *line;

		if (guard_errno(g) != -s->refused || state->active == LOCK_NO)
			continue;
		line = logged(s, g);
		if (line)
			return tell_logged(s, g, line);
		describe(g, state, &open);
		first = first == GUARDS ? g : first;
		n_active += state->active == LOCK_YES;
		n_unknown += state->active == LOCK_UNKNOWN;
		active = state->active == LOCK_YES ? g : active;
	}
	if (buf_error(&open))
		return -ENOMEM;
	if (n_active == 1 && n_unknown == 0)
		return tell_only(s, all, active);
	/* EPERM has many other causes. */
	return s->refused == -EACCES ? tell_unknown(s, all, &open, first) : 0;
}

/* Before a load: those that can refuse it; and those that are there, of which that is unknown. */
static int announce(struct subject *s, const struct guards *all)
{
	int r = 0;

	for (enum guard g = 0; g < GUARDS && r >= 0; g++) {
		const struct guard_state *state = &all->items[g];
		const struct policy_entry at = { .file = state->source };
		const char *errno_name = errname(guard_errno(g));

		if (state->active == LOCK_YES)
			r = why_add(s->found, WHY_NOTE, WHY_SECURITY_POLICY, &at, "%s may refuse it with %s: %s",
				    guard_name(g), errno_name, state->text);
		else if (state->active == LOCK_UNKNOWN && state->present)
			r = why_add(s->found, WHY_NOTE, WHY_SECURITY_POLICY, &at,
				    "%s may refuse it with %s: unknown: %s%s%s", guard_name(g), errno_name, state->text,
				    state->error ? ": " : "", state->error ? strerror(-state->error) : "");
		else
			continue;
		if (r >= 0)
			r = why_fix(s->found, "if it is refused so, %s", guard_settle(g));
	}
	return r;
}

int why_guards(struct subject *s)
{
	struct guards all;

	if (!s->src)
		return 0;
	guards_read(&s->q->sys->root, s->q->release, &all);
	return s->refused ? explain(s, &all) : announce(s, &all);
}
#endif
