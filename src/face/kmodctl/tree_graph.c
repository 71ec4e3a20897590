// SPDX-License-Identifier: MIT
/* A graph of modules for other programs: Graphviz's language, a picture made by Graphviz, JSON. */
#include <errno.h>
#include <string.h>

#include "base/printable.h"
#include "face/common/report.h"
#include "face/kmodctl/graphviz.h"
#include "face/kmodctl/tree.h"

const char *tree_state(const struct tree_view *v, const struct dep_node *n)
{
	if (n->presence != DEP_INSTALLED)
		return n->presence == DEP_BUILTIN ? "built-in" : "not-installed";
	if (!v->has_live)
		return NULL;
	switch (world_state(&v->running->world, n->name)) {
	case LIVE_ABSENT:
		return "not-loaded";
	case LIVE_COMING:
		return "coming";
	case LIVE_GOING:
		return "going";
	default:
		return "loaded";
	}
}

/* ---- edges, in the direction of "needs" ---- */

/* Calls fn for each edge between nodes that are shown. */
static void each_edge(const struct tree_view *v,
		      void (*fn)(void *data, const struct dep_node *from, const struct dep_node *to,
				 enum dep_kind kind),
		      void *data)
{
	const struct depgraph *g = v->graph;

	for (size_t i = 0; i < g->n; i++) {
		for (size_t k = 0; v->shown[i] && k < g->nodes[i].n; k++) {
			const struct dep_edge *e = &g->nodes[i].edges[k];
			const struct dep_node *a = &g->nodes[i], *b = &g->nodes[e->to];

			if (v->shown[e->to])
				fn(data, v->reverse ? b : a, v->reverse ? a : b, e->kind);
		}
	}
}

/* ---- Graphviz ---- */

/*
 * A quoted string. A quote in it would end it, and a backslash begin an escape, of the string or of the label that the
 * name becomes, in which & begins an entity of HTML.
 */
static void add_quoted(struct buf *into, const char *text)
{
	_cleanup_buf_ struct buf plain = BUF_INIT;

	if (printable_add(&plain, text, strlen(text)) < 0)
		into->error = -ENOMEM;
	buf_addc(into, '"');
	for (const char *p = buf_str(&plain); *p; p++) {
		if (*p == '&') {
			buf_adds(into, "&amp;");
			continue;
		}
		if (*p == '"' || *p == '\\')
			buf_addc(into, '\\');
		buf_addc(into, *p);
	}
	buf_addc(into, '"');
}

static const char *style_of(const char *state)
{
	if (!state || strcmp(state, "not-loaded") == 0)
		return "";
	if (strcmp(state, "built-in") == 0)
		return " [style=dotted]";
	if (strcmp(state, "not-installed") == 0)
		return " [style=dashed, color=red]";
	return " [style=bold]";
}

static bool is_asked(const struct tree_view *v, size_t node)
{
	for (size_t i = 0; i < v->n_tops; i++)
		if (v->tops[i] == node)
			return true;
	return false;
}

static void add_dot_edge(void *data, const struct dep_node *from, const struct dep_node *to, enum dep_kind kind)
{
	struct buf *into = data;

	buf_adds(into, "\t");
	add_quoted(into, from->name);
	buf_adds(into, " -> ");
	add_quoted(into, to->name);
	if (kind != DEP_NEEDS)
		buf_addf(into, " [style=dashed, label=\"%s\"]", dep_kind_name(kind));
	buf_adds(into, ";\n");
}

void tree_dot(const struct tree_view *v, struct buf *into)
{
	buf_adds(into, "digraph ");
	add_quoted(into, v->running->uts.release);
	buf_adds(into, " {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\"];\n");
	for (size_t i = 0; i < v->graph->n; i++) {
		if (!v->shown[i])
			continue;
		buf_adds(into, "\t");
		add_quoted(into, v->graph->nodes[i].name);
		buf_addf(into, "%s;\n", style_of(tree_state(v, &v->graph->nodes[i])));
	}
	each_edge(v, add_dot_edge, into);
	buf_adds(into, "}\n");
}

int tree_svg(struct env *env, const struct tree_view *v)
{
	_cleanup_buf_ struct buf text = BUF_INIT, problem = BUF_INIT;
	int r;

	tree_dot(v, &text);
	r = buf_error(&text);
	if (r == 0 && fflush(env->out) == EOF)
		r = -errno;
	if (r == 0)
		r = graphviz_draw(&env->sys.root, &text, fileno(env->out), &problem);
	if (r == -ENOENT)
		report_error(env, "tree.no-graphviz",
			     "--svg needs the program dot, which is not installed: install the package graphviz");
	else if (problem.n)
		report_error(env, "tree.graphviz", "%s", buf_str(&problem));
	else if (r < 0)
		report_error(env, "tree.print", "could not print the graph: %s", strerror(-r));
	return r;
}

/* ---- JSON ---- */

static void add_json_edge(void *data, const struct dep_node *from, const struct dep_node *to, enum dep_kind kind)
{
	struct json *j = data;

	json_object(j, NULL);
	json_str(j, "from", from->name);
	json_str(j, "to", to->name);
	json_str(j, "relation", dep_kind_name(kind));
	json_end(j);
}

void tree_json_edges(const struct tree_view *v, struct json *j)
{
	json_array(j, "edges");
	each_edge(v, add_json_edge, j);
	json_end(j);
}

void tree_json(const struct tree_view *v, struct json *j)
{
	json_str(j, "release", v->running->uts.release);
	json_bool(j, "reverse", v->reverse);
	json_bool(j, "soft", v->soft);
	json_array(j, "modules");
	for (size_t i = 0; i < v->graph->n; i++) {
		const struct dep_node *n = &v->graph->nodes[i];

		if (!v->shown[i])
			continue;
		json_object(j, NULL);
		json_str(j, "name", n->name);
		json_str(j, "file", n->path);
		json_str(j, "state", tree_state(v, n));
		json_bool(j, "asked", is_asked(v, i));
		json_end(j);
	}
	json_end(j);
	tree_json_edges(v, j);
}
