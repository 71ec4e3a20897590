// SPDX-License-Identifier: MIT
/*
 * Would the modules be loaded that it depends on? Without them it is not, whatever becomes of itself. What stands in
 * the way of every module is reported once, of the module itself.
 */
#include <errno.h>

#include "verb/why/parts.h"

/* What can be wrong with one module and not with another. */
static int look_at(struct subject *s)
{
	static int (*const steps[])(struct subject *) = {
		why_file,      why_signature, why_machine, why_object,  why_denied,
		why_built_for, why_versions,  why_rules,   why_options,
	};
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(steps) && r >= 0 && !s->found->n_obstacles; i++)
		r = steps[i](s);
	return r;
}

static int tell_refused(struct subject *s, const char *name, const struct why_finding *f)
{
	const struct policy_entry at = { .file = f->file, .line = f->line };
	int r = why_add(s->found, WHY_OBSTACLE, WHY_DEPENDENCY_REFUSED, f->file ? &at : NULL,
			"it needs %s, which would not be loaded: %s", name, f->text);

	if (r >= 0 && f->fix)
		r = why_fix(s->found, "%s", f->fix);
	return r < 0 || !f->command ? r : why_command_argv(s->found, f->command);
}

static int look_at_dependency(struct subject *s, const char *name)
{
	_cleanup_candidates_ struct candidates c = { 0 };
	_cleanup_why_ struct why found = { 0 };
	_cleanup_subject_ struct subject d = { 0 };
	int r = resolve_literal(name, &c);

	if (r >= 0)
		r = subject_open(s->q, &c.items[0], &found, &d);
	if (r >= 0 && !d.builtin)
		r = look_at(&d);
	return r < 0 || !found.n_obstacles ? r : tell_refused(s, name, why_obstacle_of(&found, WHY_OF_ALL));
}

int why_chain(struct subject *s)
{
	struct plan_modules needs = { 0 };
	int r = s->found->n_obstacles ? 0 : world_dependencies(s->q->world, s->c->name, &needs);

	for (size_t i = 0; i < needs.n && r >= 0 && !s->found->n_obstacles; i++)
		if (world_state(s->q->world, needs.items[i].name) == LIVE_ABSENT)
			r = look_at_dependency(s, needs.items[i].name);
	plan_modules_done(&needs);
	return r;
}
