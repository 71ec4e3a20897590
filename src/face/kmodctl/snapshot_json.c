// SPDX-License-Identifier: MIT
#include "face/kmodctl/snapshot_json.h"

#include <string.h>

#include "face/common/answer.h"
#include "face/kmodctl/boot_plot.h"
#include "face/kmodctl/overview.h"
#include "face/kmodctl/tree.h"

static void json_error(struct json *j, const char *key, int error)
{
	json_str(j, key, error < 0 ? strerror(-error) : NULL);
}

static void json_trust(struct json *j, const struct module_verdict *v)
{
	bool is_known = v->error == 0;

	json_object(j, "trust");
	json_error(j, "error", v->error);
	json_str(j, "signature", is_known ? trust_signature_name(v->signature) : NULL);
	json_str(j, "signers", v->signers);
	json_str(j, "outcome", is_known ? trust_outcome_name(v->verdict.outcome) : NULL);
	json_str(j, "code", is_known ? v->verdict.code : NULL);
	json_str(j, "text", v->answer);
	json_str(j, "cause", v->cause);
	json_str(j, "fix", v->fix);
	json_end(j);
}

static void json_module(struct json *j, const struct snapshot_module *m)
{
	const struct live_module *l = m->loaded->live;

	json_object(j, NULL);
	json_str(j, "name", l->name);
	json_uint(j, "size", l->size);
	json_str(j, "origin", snapshot_origin_name(m->origin));
	json_str(j, "dkms", m->dkms);
	json_array(j, "used_by");
	for (size_t i = 0; i < l->n_users; i++)
		json_str(j, NULL, l->users[i]);
	json_end(j);
	json_str(j, "taint", l->taint);
	json_str(j, "version", m->loaded->version);
	json_str(j, "file", m->loaded->path);
	json_trust(j, &m->trust);
	json_end(j);
}

static void json_modules(struct json *j, const struct snapshot *s)
{
	json_error(j, "modules_error", s->loaded_error);
	json_array(j, "modules");
	for (size_t i = 0; i < s->loaded.n; i++)
		json_module(j, &s->items[i]);
	json_end(j);
}

static void json_edges(struct json *j, const struct snapshot *s)
{
	const struct linked *l = &s->linked;
	const struct tree_view view = { .running = &s->status.running, .graph = &l->graph, .shown = l->shown };

	json_error(j, "edges_error", l->error);
	tree_json_edges(&view, j);
}

static void json_deviation(struct json *j, const struct deviation *d)
{
	bool is_known = d->effect == PARAMS_IN_EFFECT || d->effect == PARAMS_NOT_IN_EFFECT;

	json_object(j, NULL);
	json_str(j, "module", d->module);
	json_str(j, "name", d->name);
	json_str(j, "type", d->type);
	json_str(j, "description", d->description);
	json_str(j, "current", d->current);
	json_str(j, "default", d->stated);
	json_bool(j, "is_configured", d->is_configured);
	json_str(j, "configured", d->configured);
	json_str(j, "file", d->file);
	d->line ? json_uint(j, "line", d->line) : json_null(j, "line");
	is_known ? json_bool(j, "in_effect", d->effect == PARAMS_IN_EFFECT) : json_null(j, "in_effect");
	json_end(j);
}

static void json_parameters(struct json *j, const struct deviations *d)
{
	json_object(j, "parameters");
	json_array(j, "differ");
	for (size_t i = 0; i < d->n; i++)
		json_deviation(j, &d->items[i]);
	json_end(j);
	json_uint(j, "left_out", d->left_out);
	json_uint(j, "count", d->n_looked_at);
	json_uint(j, "default_unknown", d->n_unstated);
	json_uint(j, "modules_unread", d->n_unread);
	json_end(j);
}

void snapshot_json(struct env *env, const struct snapshot *s)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "release", s->status.running.uts.release);
	json_str(&j, "verdict", summary_mark_name(summary_verdict(&s->summary)));
	overview_json(&j, &s->summary);
	json_modules(&j, s);
	json_edges(&j, s);
	json_parameters(&j, &s->deviations);
	json_object(&j, "boot");
	boot_plot_json(&s->waterfall, &j);
	json_end(&j);
	answer_close(env, &j);
}
