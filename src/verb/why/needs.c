// SPDX-License-Identifier: MIT
/* The modules that modules.dep names for a module. */
#include <string.h>

#include "verb/why/parts.h"

static int tell_missing(struct subject *s, const struct plan_module *m)
{
	int r = why_add(s->found, WHY_OBSTACLE, WHY_DEPENDENCY_MISSING, NULL,
			"it needs %s, whose file %s does not exist", m->name, m->path ? m->path : "");

	return r < 0 || !m->path ? r : why_fix_missing(s, m->path);
}

static int tell_denied(struct subject *s, const char *name, const struct policy_entry *e)
{
	int r = why_add(s->found, WHY_OBSTACLE, WHY_DEPENDENCY_DENIED, e,
			"it needs %s, for which modprobe runs the command of an install line, which loads nothing: %s",
			name, e->value + strspn(e->value, " \t"));

	return r < 0 ? r : subject_fix_line(s, e);
}

static int tell_dependency(struct subject *s, const struct plan_module *m)
{
	enum live_state state = world_state(s->q->world, m->name);

	const struct policy_entry *denied;

	if (state != LIVE_ABSENT)
		return why_add(s->found, WHY_FACT, WHY_DEPENDENCY, NULL, "%s (loaded)", m->name);
	denied = why_denied_by(s->q, m->name);
	if (denied)
		return tell_denied(s, m->name, denied);
	if (m->path && root_exists(&s->q->sys->root, m->path))
		return why_add(s->found, WHY_FACT, WHY_DEPENDENCY, NULL, "%s (not loaded)", m->name);
	return tell_missing(s, m);
}

int why_needs(struct subject *s)
{
	struct plan_modules needs = { 0 };
	int r = world_dependencies(s->q->world, s->c->name, &needs);

	for (size_t i = 0; i < needs.n && r >= 0; i++)
		r = tell_dependency(s, &needs.items[i]);
	plan_modules_done(&needs);
	return r;
}
