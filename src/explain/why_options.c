// SPDX-License-Identifier: MIT
/* Options that are configured for a module, and which of them cannot take effect. */
#include <errno.h>
#include <string.h>

#include "explain/options.h"
#include "explain/why_parts.h"

static bool is_for(const struct policy_entry *e, const struct candidate *c)
{
	return strcmp(e->name, c->name) == 0 || (c->alias && strcmp(e->name, c->alias) == 0);
}

static int tell_option(struct subject *s, const struct policy_entry *e)
{
	int r;

	if (!s->builtin || strcmp(e->file, "/proc/cmdline") == 0)
		return why_add(s->found, WHY_FACT, "options", "option", e, "%s", e->value);
	r = why_add(s->found, WHY_TROUBLE, "options", "option-unused", e,
		    "this option has no effect, because the module is built into the kernel: %s", e->value);
	return r < 0 ? r : why_fix(s->found, "put it on the kernel command line as %s.NAME=VALUE", s->c->name);
}

static int tell_problem(void *data, const struct policy_entry *at, const char *text)
{
	struct subject *s = data;
	int r = why_add(s->found, WHY_TROUBLE, "options", "option-wrong", at, "%s", text);

	return r < 0 ? r : why_fix(s->found, "correct or remove it in %s", at->file);
}

int why_options(struct subject *s)
{
	const struct policy *p = s->q->world->policy;
	const struct options_query q = {
		.root = s->q->root,
		.policy = p,
		.name = s->c->name,
		.alias = s->c->alias,
		.path = s->path,
		.given = "",
	};
	int r = 0;

	for (size_t i = 0; p && i < policy_count(p, POLICY_OPTIONS) && r >= 0; i++) {
		const struct policy_entry *e = policy_get(p, POLICY_OPTIONS, i);

		if (is_for(e, s->c))
			r = tell_option(s, e);
	}
	return r < 0 || !s->is_module ? r : options_problems(&q, tell_problem, s);
}
