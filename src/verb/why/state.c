// SPDX-License-Identifier: MIT
/* Is the module in the kernel already, and who uses it there? */
#include <errno.h>

#include "verb/users/users.h"
#include "verb/why/parts.h"

static int tell_passing(struct subject *s, enum why_code code, const char *text)
{
	int r = why_add(s->found, WHY_OBSTACLE, code, NULL, "%s", text);

	if (r < 0)
		return r;
	return why_fix(s->found, "if this persists the module is stuck; the kernel log and /proc/PID/stack of the"
				 " process show where");
}

#ifdef KMODCTL_SMALL
static bool is_name_of_builtin(const struct subject *s _unused_)
{
	return false;
}
#else
/* sysfs shows it, and this file is another one. */
static bool is_name_of_builtin(const struct subject *s)
{
	const struct catalog *catalog = s->q->world->catalog;

	return s->c->path && catalog && catalog_is_builtin(catalog, s->c->name);
}
#endif

int why_state(struct subject *s)
{
	if (s->state == LIVE_LIVE)
		return why_add(s->found, WHY_NOTE, WHY_LOADED, NULL,
			       "loaded already: nothing would be done, options would not be applied");
	/* Of a built-in module sysfs shows what it shows of one that is being loaded: no state. */
	if (s->builtin)
		return why_add(s->found, WHY_NOTE, WHY_BUILTIN, NULL,
			       "built into the kernel: always there; its parameters go on the kernel command line as"
			       " %s.NAME=VALUE",
			       s->c->name);
	if (s->state == LIVE_COMING && is_name_of_builtin(s))
		return why_add(s->found, WHY_OBSTACLE, WHY_OTHER_NAME, NULL,
			       "the kernel has a module called %s built in, and takes no other one of that name",
			       s->c->name);
	if (s->state == LIVE_COMING)
		return tell_passing(s, WHY_COMING, "being loaded at this moment");
	if (s->state == LIVE_GOING)
		return tell_passing(s, WHY_GOING, "being unloaded at this moment");
	return why_add(s->found, WHY_FACT, WHY_NOT_LOADED, NULL, "not loaded");
}

int why_users(struct subject *s)
{
	const struct users_query q = {
		.root = &s->q->sys->root,
		.catalog = s->q->world->catalog,
		.module = s->c->name,
		.diag = &s->q->sys->diag,
	};
	_cleanup_users_ struct users u = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = s->state == LIVE_ABSENT ? -ENOENT : users_read(&q, &u);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < u.n && r >= 0; i++) {
		buf_clear(&text);
		user_describe(&u.items[i], &text);
		r = why_add(s->found, WHY_FACT, WHY_USER, NULL, "%s", buf_str(&text));
		if (r >= 0)
			why_word(s->found, user_kind_name(u.items[i].kind));
	}
	return r;
}
