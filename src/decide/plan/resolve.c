// SPDX-License-Identifier: MIT
#include "decide/plan/resolve.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/modname.h"

static void candidate_done(struct candidate *c)
{
	free(c->name);
	free(c->alias);
	free(c->path);
}

void candidates_done(struct candidates *c)
{
	for (size_t i = 0; i < c->n; i++)
		candidate_done(&c->items[i]);
	free(c->items);
	*c = (struct candidates){ 0 };
}

bool candidates_have(const struct candidates *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->items[i].name, name) == 0)
			return true;
	return false;
}

void candidates_drop_repeated(struct candidates *c)
{
	struct candidates kept = { .items = c->items, .cap = c->cap };

	for (size_t i = 0; i < c->n; i++) {
		if (candidates_have(&kept, c->items[i].name))
			candidate_done(&c->items[i]);
		else
			kept.items[kept.n++] = c->items[i];
	}
	*c = kept;
}

/* Appends a copy of the strings. */
static int add(struct candidates *into, const struct candidate *from)
{
	struct candidate c = *from;

	if (vec_room(&into->items, into->n, &into->cap) < 0)
		return -ENOMEM;
	c.name = strdup(from->name);
	c.alias = from->alias ? strdup(from->alias) : NULL;
	c.path = from->path ? strdup(from->path) : NULL;
	if (!c.name || (from->alias && !c.alias) || (from->path && !c.path)) {
		candidate_done(&c);
		return -ENOMEM;
	}
	into->items[into->n++] = c;
	return 0;
}

static char *unconst(const char *s)
{
	return (char *)(uintptr_t)s;
}

static int add_named(struct candidates *into, enum resolve_source source, const char *name, bool builtin,
		     const struct policy_entry *entry)
{
	return add(into,
		   &(struct candidate){ .name = unconst(name), .source = source, .builtin = builtin, .entry = entry });
}

static int from_config_aliases(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	_cleanup_policy_found_ struct policy_found found = { 0 };
	int r = w->policy ? policy_find(w->policy, POLICY_ALIAS, asked, &found) : 0;

	for (size_t i = 0; i < found.n && r >= 0; i++) {
		const struct policy_entry *e = found.items[i];

		if (strlen(e->value) >= PATH_MAX)
			return -ENAMETOOLONG; /* as kmod, which finds nothing then */
		r = add(ret, &(struct candidate){
				     .name = unconst(e->value),
				     .alias = unconst(e->name),
				     .source = RESOLVE_CONFIG_ALIAS,
				     .entry = e,
			     });
	}
	return r;
}

static int from_names(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	if (strchr(asked, ':') || !w->catalog || !catalog_dep_line(w->catalog, asked))
		return 0;
	return add_named(ret, RESOLVE_NAME, asked, false, NULL);
}

/* One of the three indexes whose keys are patterns. */
static int from_patterns(const struct plan_world *w, enum catalog_index index, enum resolve_source source,
			 const char *asked, struct candidates *ret)
{
	const struct index_reader *reader = w->catalog ? catalog_reader(w->catalog, index) : NULL;
	struct index_values values = { 0 };
	int r = reader ? index_reader_search(reader, asked, &values) : 0;

	for (size_t i = 0; r >= 0 && i < values.n; i++) {
		char name[MODNAME_MAX];
		struct candidate c = {
			.name = name,
			.alias = unconst(asked),
			.source = source,
			.builtin = source == RESOLVE_BUILTIN_ALIAS,
		};

		if (modname_normalize(values.items[i].value, name) == 0)
			r = add(ret, &c);
	}
	index_values_done(&values);
	return r < 0 && r != -ENOMEM ? 0 : r; /* a damaged index counts as empty; opening it reported the damage */
}

static int from_symbols(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	if (strncmp(asked, "symbol:", 7) != 0)
		return 0;
	return from_patterns(w, CATALOG_SYMBOL, RESOLVE_SYMBOL, asked, ret);
}

static int from_commands(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	const struct policy_entry *e = NULL;

	if (w->policy) {
		e = policy_literal(w->policy, POLICY_INSTALL, asked);
		e = e ? e : policy_literal(w->policy, POLICY_REMOVE, asked);
	}
	return e ? add_named(ret, RESOLVE_COMMAND, asked, false, e) : 0;
}

static int from_aliases(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	return from_patterns(w, CATALOG_ALIAS, RESOLVE_ALIAS, asked, ret);
}

static int from_builtins(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	if (!w->catalog || !catalog_is_builtin(w->catalog, asked))
		return 0;
	return add_named(ret, RESOLVE_BUILTIN, asked, true, NULL);
}

static int from_builtin_aliases(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	return from_patterns(w, CATALOG_BUILTIN_ALIAS, RESOLVE_BUILTIN_ALIAS, asked, ret);
}

typedef int resolve_fn(const struct plan_world *w, const char *asked, struct candidates *ret);

static int first_source(const struct plan_world *w, resolve_fn *const *sources, size_t n, const char *asked,
			struct candidates *ret)
{
	size_t before = ret->n;

	for (size_t i = 0; i < n && ret->n == before; i++) {
		int r = sources[i](w, asked, ret);

		if (r < 0)
			return r;
	}
	return 0;
}

int resolve(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	static resolve_fn *const sources[] = {
		from_config_aliases, from_names,    from_symbols,         from_commands,
		from_aliases,        from_builtins, from_builtin_aliases,
	};
	char key[PATH_MAX];
	int r = alias_normalize(asked, key, sizeof(key));

	if (r == -ENAMETOOLONG)
		return 0;
	return r < 0 ? r : first_source(w, sources, ELEMENTSOF(sources), key, ret);
}

int resolve_name(const struct plan_world *w, const char *asked, struct candidates *ret)
{
	static resolve_fn *const sources[] = { from_names, from_builtins, from_builtin_aliases };
	char key[MODNAME_MAX];
	int r = modname_normalize(asked, key);

	return r < 0 ? r : first_source(w, sources, ELEMENTSOF(sources), key, ret);
}

int resolve_path(const char *path, struct candidates *ret)
{
	char name[MODNAME_MAX];
	int r = modname_from_path(path, name);

	if (r < 0)
		return r;
	return add(ret, &(struct candidate){ .name = name, .path = unconst(path), .source = RESOLVE_PATH });
}

int resolve_literal(const char *name, struct candidates *ret)
{
	return add_named(ret, RESOLVE_NAME, name, false, NULL);
}

const char *resolve_source_name(enum resolve_source source)
{
	static const char *const names[] = {
		[RESOLVE_CONFIG_ALIAS] = "config-alias",
		[RESOLVE_NAME] = "name",
		[RESOLVE_SYMBOL] = "symbol",
		[RESOLVE_COMMAND] = "command",
		[RESOLVE_ALIAS] = "alias",
		[RESOLVE_BUILTIN] = "builtin",
		[RESOLVE_BUILTIN_ALIAS] = "builtin-alias",
		[RESOLVE_PATH] = "path",
	};

	return names[source];
}

static void candidate_json(const struct candidate *c, struct json *j)
{
	json_object(j, NULL);
	json_str(j, "module", c->name);
	json_str(j, "source", resolve_source_name(c->source));
	json_str(j, "alias", c->alias);
	json_str(j, "path", c->path);
	json_bool(j, "builtin", c->builtin);
	json_str(j, "file", c->entry ? c->entry->file : NULL);
	if (c->entry && c->entry->line)
		json_uint(j, "line", c->entry->line);
	else
		json_null(j, "line");
	json_end(j);
}

void candidates_json(const struct candidates *c, const char *key, struct json *j)
{
	json_array(j, key);
	for (size_t i = 0; i < c->n; i++)
		candidate_json(&c->items[i], j);
	json_end(j);
}
