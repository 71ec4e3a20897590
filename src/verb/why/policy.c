// SPDX-License-Identifier: MIT
/* What the administrator configured for a module: blacklist, install and remove commands, softdeps. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "verb/why/parts.h"
#include "decide/plan/order.h"

/* It concerns whoever goes by an alias; a name is loaded all the same. */
static int tell_blacklist(struct subject *s)
{
	const struct policy *p = s->q->world->policy;
	int r = 0;

	for (const struct policy_entry *e = p ? policy_blacklist(p, s->c->name) : NULL; e && r >= 0; e = e->next_same) {
		r = why_add(s->found, WHY_OBSTACLE, WHY_BLACKLISTED, e,
			    "blacklisted: no alias loads it (udev, the kernel, modprobe -b); its name still does, and "
			    "what depends on it");
		if (r < 0)
			return r;
		why_narrow(s->found, WHY_OF_ALIASES);
		r = subject_fix_line(s, e);
	}
	return r;
}

/* A softdep that resolves to any module makes modprobe ignore the install command. */
static bool is_cancelled(const struct why_query *q, const char *name)
{
	_cleanup_candidates_ struct candidates pre = { 0 }, post = { 0 };

	return order_soft(q->world, POLICY_SOFTDEP, name, &pre, &post) >= 0 && pre.n + post.n > 0;
}

const struct policy_entry *why_denied_by(const struct why_query *q, const char *name)
{
	const struct policy *p = q->world->policy;
	const struct policy_entry *e = p ? policy_match(p, POLICY_INSTALL, name) : NULL;

	return e && why_command_does_nothing(&q->sys->root, e->value) && !is_cancelled(q, name) ? e : NULL;
}

static int tell_missing_command(struct subject *s, const struct policy_entry *e, const char *missing)
{
	int r = why_add(s->found, WHY_OBSTACLE, WHY_INSTALL_MISSING, e,
			"modprobe runs a command instead of loading it, which fails because %s does not exist: %s",
			missing, e->value + strspn(e->value, " \t"));

	return r < 0 ? r : subject_fix_line(s, e);
}

static int tell_command(struct subject *s, const struct policy_entry *e)
{
	char missing[NAME_MAX];
	int r;

	if (why_command_is_missing(&s->q->sys->root, e->value, missing, sizeof(missing)))
		return tell_missing_command(s, e, missing);
	r = why_add(s->found, WHY_TROUBLE, WHY_INSTALL_COMMAND, e, "modprobe runs a command instead of loading it: %s",
		    e->value);

	if (r < 0 || !why_command_loads_again(e->value, s->c->name))
		return r;
	r = why_add(s->found, WHY_TROUBLE, WHY_INSTALL_LOOP, e,
		    "this command runs modprobe for %s, which leads back to itself and is then refused", s->c->name);
	return r < 0 ? r : why_fix(s->found, "inside the command use `modprobe --ignore-install %s`", s->c->name);
}

static int tell_install(struct subject *s, const struct policy_entry *e)
{
	int r;

	if (is_cancelled(s->q, s->c->name))
		return why_add(s->found, WHY_NOTE, WHY_INSTALL_CANCELLED, e,
			       "this install command is not run, because the module has a softdep: %s", e->value);
	if (!why_denied_by(s->q, s->c->name))
		return tell_command(s, e);
	r = why_add(s->found, WHY_OBSTACLE, WHY_INSTALL_DENIED, e,
		    "modprobe does not load it, but runs the command of an install line, which loads nothing: %s",
		    e->value + strspn(e->value, " \t"));
	if (r < 0)
		return r;
	return subject_fix_line(s, e);
}

static int tell_commands(struct subject *s)
{
	const struct policy *p = s->q->world->policy;
	const struct policy_entry *install = policy_match(p, POLICY_INSTALL, s->c->name);
	const struct policy_entry *remove = policy_match(p, POLICY_REMOVE, s->c->name);
	int r = 0;

	if (install)
		r = tell_install(s, install);
	if (r >= 0 && remove)
		r = why_add(s->found, WHY_NOTE, WHY_REMOVE_COMMAND, remove,
			    "modprobe -r runs a command instead of unloading it: %s", remove->value);
	return r;
}

static int tell_softdeps(struct subject *s)
{
	static const struct {
		enum policy_kind kind;
		enum why_code code;
	} kinds[] = { { POLICY_SOFTDEP, WHY_SOFTDEP }, { POLICY_WEAKDEP, WHY_WEAKDEP } };
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(kinds) && r >= 0; i++) {
		const struct policy_entry *e = policy_match(s->q->world->policy, kinds[i].kind, s->c->name);
		_cleanup_buf_ struct buf text = BUF_INIT;

		if (!e)
			continue;
		policy_format_deps(e, &text);
		r = why_add(s->found, WHY_NOTE, kinds[i].code, e, "%s %s", policy_kind_name(kinds[i].kind),
			    buf_str(&text));
	}
	return r;
}

int why_policy(struct subject *s)
{
	int r = tell_blacklist(s);

	if (r >= 0)
		r = tell_commands(s);
	return r < 0 ? r : tell_softdeps(s);
}
