// SPDX-License-Identifier: MIT
#include "verb/report/linked.h"

#include <errno.h>
#include <stdlib.h>

#include "base/oom.h"

/* An edge of a loaded module that leads to another one. */
static void show_ends(const bool *loaded, size_t from, size_t to, struct linked *l)
{
	if (!loaded[to])
		return;
	l->n += !l->shown[from];
	l->shown[from] = true;
	l->n += !l->shown[to];
	l->shown[to] = true;
	l->n_edges++;
}

static void find_loaded(const struct depgraph *g, const struct loaded *loaded, bool *ret)
{
	for (size_t i = 0, node; i < loaded->n; i++)
		if (depgraph_find(g, loaded->items[i].live->name, &node))
			ret[node] = true;
}

int linked_read(const struct running *running, const struct loaded *modules, struct linked *ret)
{
	const struct depgraph *g = &ret->graph;
	_cleanup_free_ bool *loaded = NULL;

	*ret = (struct linked){ 0 };
	ret->error = depgraph_read(&running->world, true, &ret->graph);
	if (ret->error < 0)
		return only_oom(ret->error);
	loaded = calloc(g->n + 1, sizeof(*loaded));
	ret->shown = calloc(g->n + 1, sizeof(*ret->shown));
	if (!loaded || !ret->shown) {
		linked_done(ret);
		return -ENOMEM;
	}
	find_loaded(g, modules, loaded);
	for (size_t i = 0; i < g->n; i++)
		for (size_t k = 0; loaded[i] && k < g->nodes[i].n; k++)
			show_ends(loaded, i, g->nodes[i].edges[k].to, ret);
	return 0;
}

void linked_done(struct linked *l)
{
	depgraph_done(&l->graph);
	free(l->shown);
	*l = (struct linked){ 0 };
}

bool linked_is_too_large(const struct linked *l)
{
	return l->n > LINKED_MODULES_MAX || l->n_edges > LINKED_EDGES_MAX;
}
