// SPDX-License-Identifier: MIT
#include "act/depmod/cycles.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"

/* Steps of the search, all roots together: enough for anything real, and over in well under a second. */
#define CYCLES_MAX_STEPS 2000000U
#define NONE UINT32_MAX

struct frame {
	uint32_t module, depth;
};

/*
 * kmod's search, which determines which cycles are named and in which order: a circular list of candidates, the head of
 * which is the next root of a depth-first walk. What lies on a reported cycle and what needs nothing leaves the list,
 * and each time the next in the list becomes the head. Only the strongly connected part of the root is walked in all
 * ways: nothing else leads back to it, so elsewhere one visit is enough.
 */
struct cycles {
	const struct graph *g;
	const uint32_t *part;  /* strongly connected part of each module */
	uint32_t *next, *prev; /* the circular list; NONE: not on it */
	uint32_t head;
	uint32_t *depth; /* on the walk's path: depth + 1 */
	uint32_t *path;
	bool *passed; /* seen on a walk from a root of another part */
	bool *reported;
	uint32_t n_reported;
	struct frame *stack;
	size_t top, cap;
	uint32_t steps;
	const char *(*name)(void *data, uint32_t m);
	void *data;
	struct diag *diag;
};

/* ---- strongly connected parts (Tarjan), without recursion ---- */

struct parts {
	const struct graph *g;
	uint32_t *index, *low, *part; /* index: order of visit + 1 */
	uint32_t *edge;               /* next edge of each module to look at */
	uint32_t *walk, *open;        /* path of the walk; visited modules without a part yet */
	uint32_t n_walk, n_open, n_visited, n_parts;
};

static void parts_enter(struct parts *p, uint32_t m)
{
	p->index[m] = p->low[m] = ++p->n_visited;
	p->edge[m] = p->g->first[m];
	p->walk[p->n_walk++] = m;
	p->open[p->n_open++] = m;
}

static void parts_leave(struct parts *p, uint32_t m)
{
	uint32_t member;

	p->n_walk--;
	if (p->n_walk && p->low[m] < p->low[p->walk[p->n_walk - 1]])
		p->low[p->walk[p->n_walk - 1]] = p->low[m];
	if (p->low[m] != p->index[m])
		return;
	do {
		member = p->open[--p->n_open];
		p->part[member] = p->n_parts;
	} while (member != m);
	p->n_parts++;
}

static void parts_walk(struct parts *p, uint32_t root)
{
	parts_enter(p, root);
	while (p->n_walk) {
		uint32_t m = p->walk[p->n_walk - 1], to;

		if (p->edge[m] == p->g->first[m + 1]) {
			parts_leave(p, m);
			continue;
		}
		to = p->g->deps[p->edge[m]++];
		if (!p->index[to])
			parts_enter(p, to);
		else if (p->part[to] == NONE && p->index[to] < p->low[m])
			p->low[m] = p->index[to];
	}
}

static int find_parts(const struct graph *g, struct arena *arena, const uint32_t **ret)
{
	uint32_t *all = arena_array(arena, (size_t)g->n * 6, sizeof(*all));
	struct parts p = { .g = g };

	if (!all)
		return -ENOMEM;
	p.index = all;
	p.low = all + g->n;
	p.part = all + 2 * (size_t)g->n;
	p.edge = all + 3 * (size_t)g->n;
	p.walk = all + 4 * (size_t)g->n;
	p.open = all + 5 * (size_t)g->n;
	memset(p.part, 0xff, g->n * sizeof(*p.part));
	for (uint32_t m = 0; m < g->n; m++)
		if (!p.index[m])
			parts_walk(&p, m);
	*ret = p.part;
	return 0;
}

/* ---- the list of candidates ---- */

static void list_init(struct cycles *c, const struct graph_order *order)
{
	uint32_t last = NONE;

	c->head = NONE;
	for (uint32_t m = 0; m < c->g->n; m++) {
		c->next[m] = c->prev[m] = NONE;
		if (order->number[m] != GRAPH_UNNUMBERED)
			continue;
		if (last == NONE)
			c->head = m;
		else
			c->next[last] = m;
		c->prev[m] = last;
		last = m;
	}
	if (last != NONE) {
		c->next[last] = c->head;
		c->prev[c->head] = last;
	}
}

/* The successor becomes the head. */
static void list_remove(struct cycles *c, uint32_t m)
{
	if (c->next[m] == NONE)
		return;
	if (c->next[m] == m) {
		c->head = NONE;
	} else {
		c->head = c->next[m];
		c->prev[c->next[m]] = c->prev[m];
		c->next[c->prev[m]] = c->next[m];
	}
	c->next[m] = c->prev[m] = NONE;
}

/* ---- the walk ---- */

static int push(struct cycles *c, uint32_t m, uint32_t depth)
{
	if (c->top == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 1024;
		struct frame *p = reallocarray(c->stack, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		c->stack = p;
		c->cap = cap;
	}
	c->stack[c->top++] = (struct frame){ m, depth };
	return 0;
}

/* path[0] .. path[n - 1] and back to path[0] */
static int report_cycle(struct cycles *c, uint32_t n)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t m = c->path[i];

		buf_addf(&text, "%s -> ", c->name(c->data, m));
		list_remove(c, m);
		c->n_reported += !c->reported[m];
		c->reported[m] = true;
	}
	buf_adds(&text, c->name(c->data, c->path[0]));
	if (buf_error(&text) < 0)
		return buf_error(&text);
	c->steps += n;
	diag_err(c->diag, "depmod.cycle", "Cycle detected: %s", buf_str(&text));
	return 0;
}

static int push_deps(struct cycles *c, struct frame f)
{
	const struct graph *g = c->g;
	int r = 0;

	for (uint32_t i = g->first[f.module]; i < g->first[f.module + 1] && r == 0; i++)
		r = push(c, g->deps[i], f.depth + 1);
	return r;
}

static int pass(struct cycles *c, struct frame f)
{
	if (c->passed[f.module])
		return 0;
	c->passed[f.module] = true;
	if (c->g->first[f.module] == c->g->first[f.module + 1])
		list_remove(c, f.module);
	return push_deps(c, f);
}

static bool is_on_path(const struct cycles *c, uint32_t m, uint32_t depth)
{
	return c->depth[m] && c->depth[m] - 1 < depth && c->path[c->depth[m] - 1] == m;
}

static int step(struct cycles *c, uint32_t root, struct frame f)
{
	if (f.depth && f.module == root)
		return report_cycle(c, f.depth);
	if (c->part[f.module] != c->part[root])
		return pass(c, f);
	if (is_on_path(c, f.module, f.depth))
		return 0;
	c->path[f.depth] = f.module;
	c->depth[f.module] = f.depth + 1;
	return push_deps(c, f);
}

static int walk_from(struct cycles *c, uint32_t root)
{
	int r = push(c, root, 0);

	while (c->top && r == 0 && c->steps++ < CYCLES_MAX_STEPS)
		r = step(c, root, c->stack[--c->top]);
	c->top = 0;
	return r;
}

/* One cycle through root, by its shortest way. Uses up the list of candidates. */
static int report_shortest(struct cycles *c, uint32_t root)
{
	uint32_t *queue = c->next, *from = c->prev, head = 0, tail = 0, n = 0;
	bool closed = false;

	memset(from, 0xff, c->g->n * sizeof(*from));
	queue[tail++] = root;
	while (head < tail && !closed) {
		uint32_t m = queue[head++];

		for (uint32_t i = c->g->first[m]; i < c->g->first[m + 1] && !closed; i++) {
			uint32_t to = c->g->deps[i];

			if (from[to] != NONE)
				continue;
			from[to] = m;
			closed = to == root;
			if (!closed)
				queue[tail++] = to;
		}
	}
	if (!closed)
		return 0;
	for (uint32_t m = from[root]; m != root; m = from[m])
		n++;
	for (uint32_t m = from[root], i = n; m != root; m = from[m])
		c->path[i--] = m;
	c->path[0] = root;
	memset(c->next, 0xff, c->g->n * sizeof(*c->next));
	return report_cycle(c, n + 1);
}

static int search(struct cycles *c)
{
	uint32_t root = NONE;
	int r = 0;

	while (c->head != NONE && r == 0 && c->steps < CYCLES_MAX_STEPS) {
		root = c->head;
		list_remove(c, root);
		r = walk_from(c, root);
	}
	if (r < 0 || c->steps < CYCLES_MAX_STEPS)
		return r;
	/* The walk from this root did not end, so a loop goes through it. */
	if (!c->n_reported)
		r = report_shortest(c, root);
	diag_err(c->diag, "depmod.cycle-many", "Too many cycles to list them all");
	return r;
}

int cycles_report(const struct graph *g, const struct graph_order *order, const char *(*name)(void *data, uint32_t m),
		  void *data, struct diag *diag)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct cycles c = {
		.g = g,
		.next = arena_array(&arena, g->n, sizeof(*c.next)),
		.prev = arena_array(&arena, g->n, sizeof(*c.prev)),
		.depth = arena_array(&arena, g->n, sizeof(*c.depth)),
		.path = arena_array(&arena, (size_t)g->n + 1, sizeof(*c.path)),
		.passed = arena_array(&arena, g->n, sizeof(*c.passed)),
		.reported = arena_array(&arena, g->n, sizeof(*c.reported)),
		.name = name,
		.data = data,
		.diag = diag,
	};
	int r;

	if (!c.next || !c.prev || !c.depth || !c.path || !c.passed || !c.reported)
		return -ENOMEM;
	r = find_parts(g, &arena, &c.part);
	if (r < 0)
		return r;
	list_init(&c, order);
	r = search(&c);
	free(c.stack);
	if (r == 0)
		diag_err(diag, "depmod.cycles", "Found %u modules in dependency cycles!", c.n_reported);
	return r;
}
