// SPDX-License-Identifier: MIT
#include "decide/plan/world.h"

#include <errno.h>
#include <string.h>

#include "base/modname.h"

void plan_modules_done(struct plan_modules *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->items[i].name);
		free(m->items[i].path);
	}
	free(m->items);
	*m = (struct plan_modules){ 0 };
}

static const char *dep_line(const struct plan_world *w, const char *name)
{
	return w->catalog ? catalog_dep_line(w->catalog, name) : NULL;
}

int world_path(const struct plan_world *w, const char *name, char **ret)
{
	const char *line = dep_line(w, name);

	if (!line || !strchr(line, ':')) {
		*ret = NULL;
		return 0;
	}
	return catalog_join(w->catalog, line, (size_t)(strchr(line, ':') - line), ret);
}

/* depmod indexes a file .NAME.ko as the module "", as kmod does, and others may need its symbols. */
static bool is_nameless(const char *path, char name[static MODNAME_MAX])
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;

	*name = '\0';
	return *file == '.' && modname_extension(file);
}

static int add_dependency(const struct plan_world *w, const char *path, size_t len, struct plan_modules *into)
{
	char name[MODNAME_MAX];
	struct plan_module m = { 0 };
	int r;

	if (vec_room(&into->items, into->n, &into->cap) < 0)
		return -ENOMEM;
	r = catalog_join(w->catalog, path, len, &m.path);
	if (r < 0)
		return r;
	if (modname_from_path(m.path, name) < 0 && !is_nameless(m.path, name)) {
		free(m.path); /* a damaged index: there is no such module */
		return 0;
	}
	m.name = strdup(name);
	if (!m.name) {
		free(m.path);
		return -ENOMEM;
	}
	into->items[into->n++] = m;
	return 0;
}

int world_dependencies(const struct plan_world *w, const char *name, struct plan_modules *ret)
{
	const char *line = dep_line(w, name), *colon = line ? strchr(line, ':') : NULL, *end, *p;
	int r;

	if (!colon)
		return 0;
	/* The line has the nearest dependency first; its reverse is the load order. */
	for (end = colon + strlen(colon); end > colon + 1; end = p) {
		while (end > colon + 1 && end[-1] == ' ')
			end--;
		for (p = end; p > colon + 1 && p[-1] != ' '; p--)
			;
		if (p == end)
			break;
		r = add_dependency(w, p, (size_t)(end - p), ret);
		if (r < 0)
			return r;
	}
	return 0;
}

enum live_state world_state(const struct plan_world *w, const char *name)
{
	enum live_state state = LIVE_ABSENT;

	if (w->live && w->live->state(w->live->data, name, &state) < 0)
		return LIVE_ABSENT;
	return state;
}

bool world_is_live(const struct plan_world *w, const char *name)
{
	return w->live && w->live->is_live(w->live->data, name);
}
