// SPDX-License-Identifier: MIT
/* The lines that concern one module, or what an alias stands for. */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/modname.h"
#include "decide/plan/resolve.h"
#include "verb/config/config.h"

struct about {
	const struct config *c;
	struct candidates modules; /* what the name stands for */
	char asked[MODNAME_MAX];   /* the name as aliases are compared */
	char name[MODNAME_MAX];    /* as modules are; "": it cannot be one */
	bool is_module;            /* there is a module of that name, also where an alias takes its place */
};

static bool is_one(const struct about *a, const char *name)
{
	return candidates_have(&a->modules, name) ||
	       ((a->modules.n == 0 || a->is_module) && strcmp(a->name, name) == 0);
}

/* On the kernel command line one spelling of a name counts. What is meant by another is seen all the same. */
static bool is_meant(const struct about *a, const char *written)
{
	char name[MODNAME_MAX];

	return modname_normalize(written, name) == 0 && is_one(a, name);
}

/* The pattern under which a module was found, whose options count for it as well. */
static bool is_alias_of_one(const struct about *a, const char *name)
{
	for (size_t i = 0; i < a->modules.n; i++)
		if (a->modules.items[i].alias && strcmp(a->modules.items[i].alias, name) == 0)
			return true;
	return false;
}

static bool matches(const struct about *a, const char *pattern)
{
	for (size_t i = 0; i < a->modules.n; i++)
		if (fnmatch(pattern, a->modules.items[i].name, 0) == 0)
			return true;
	return fnmatch(pattern, a->asked, 0) == 0;
}

/* A list asks for a module by its name or by an alias. 1, 0, -ENOMEM. */
static int is_loaded_by(const struct about *a, const char *name)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	bool same = modname_equal(name, a->asked);
	int r = resolve(&a->c->world, name, &found);

	for (size_t i = 0; i < found.n && !same; i++)
		same = a->modules.n && is_one(a, found.items[i].name);
	return r == -ENOMEM ? r : same;
}

static int concerns(const struct about *a, const struct config_line *l)
{
	if (!l->entry)
		return strcmp(l->directive, "load") == 0 ? is_loaded_by(a, l->name) : is_meant(a, l->name);
	switch (l->entry->kind) {
	case POLICY_BLACKLIST:
		return is_one(a, l->name) || (l->line == 0 && is_meant(a, l->name));
	case POLICY_ALIAS:
		return fnmatch(l->name, a->asked, 0) == 0 || is_one(a, l->value);
	case POLICY_OPTIONS:
		return is_one(a, l->name) || strcmp(l->name, a->asked) == 0 || is_alias_of_one(a, l->name);
	default:
		return matches(a, l->name);
	}
}

static int choose(struct config *c, const struct about *a)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		int r = concerns(a, &c->lines[i]);

		if (r < 0)
			return r;
		if (r > 0)
			c->lines[n++] = c->lines[i];
	}
	c->n = n;
	return 0;
}

int config_about(struct config *c, const char *name, const char **ret_module, enum config_known *ret_known)
{
	struct about a = { .c = c };
	int r = alias_normalize(name, a.asked, sizeof(a.asked));

	if (r < 0 || !*name)
		return r < 0 ? r : -EINVAL;
	if (modname_normalize(name, a.name) < 0)
		a.name[0] = '\0';
	r = config_known(c, a.asked, ret_known);
	a.is_module = r >= 0 && (*ret_known == CONFIG_MODULE || *ret_known == CONFIG_BUILTIN);
	if (r >= 0 && resolve(&c->world, a.asked, &a.modules) != -ENOMEM)
		r = choose(c, &a);
	if (r >= 0 && (r = config_is_hidden(c, a.name)) > 0)
		c->hidden = arena_str(&c->strings, a.name);
	/* Several modules may go by an alias; each has its own lines. */
	*ret_module = a.modules.n == 1 && !c->hidden ? arena_str(&c->strings, a.modules.items[0].name) : NULL;
	candidates_done(&a.modules);
	return r < 0 ? r : 0;
}
