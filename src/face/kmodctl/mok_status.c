// SPDX-License-Identifier: MIT
#include "face/common/display.h"
#include "face/common/answer.h"
#include "face/common/say.h"
#include "face/kmodctl/mok_status.h"

#include <stdio.h>

#include "base/json.h"
#include "verb/mok/status.h"

/* ---- text ---- */

static const char *yes_no(int answer)
{
	return answer < 0 ? "unknown" : answer ? "yes" : "no";
}

static void print_row(FILE *out, const char *title, const char *value)
{
	say(out, "%-24s %s\n", title, value);
}

static void print_status(FILE *out, const struct mok_status *s)
{
	const struct mokmanager *m = &s->machine.manager;

	print_row(out, "booted through shim", yes_no(s->machine.shim));
	say(out, "%-24s %s%s%s\n", "MokManager installed", yes_no(m->is_there),
	    m->is_there < 0 ? ": " :
	    m->path[0]      ? " " :
			      "",
	    m->is_there < 0 ? m->why : m->path);
	if (s->machine.nvram_free < 0)
		print_row(out, "free for variables", "unknown");
	else
		say(out, "%-24s %lld bytes\n", "free for variables", (long long)s->machine.nvram_free);
	say(out, "%-24s %zu\n%-24s %zu\n", "enrolled keys", s->enrolled, "blocked keys", s->blocked);
	say(out, "%-24s %zu\n%-24s %zu\n", "waiting to be enrolled", s->waiting, "waiting to be deleted", s->deleting);
	print_row(out, "erasure requested", yes_no(s->reset));
	if (s->validation >= 0)
		print_row(out, "validation requested", s->validation ? "on" : "off");
	if (s->trust >= 0)
		print_row(out, "trust requested", s->trust ? "on" : "off");
}

static const char *outcome_text(const struct journal_entry *e, enum mok_outcome o)
{
	if (o == MOK_ACCEPTED)
		return e->action == MOK_ENROLL ? "enrolled" : "deleted";
	return mok_outcome_text(o);
}

static void print_requests(FILE *out, const struct mok_status *r)
{
	if (r->journal.n)
		fputs("requests\n", out);
	for (size_t i = 0; i < r->journal.n; i++) {
		const struct journal_entry *e = &r->journal.items[i];
		enum trust_ring ring = r->requests[i].ring;

		say(out, "  %s %s\"%s\": %s%s%s\n", e->action == MOK_ENROLL ? "enroll" : "delete",
		    e->list == MOK_BLOCKED ? "among the blocked " : "", e->name,
		    outcome_text(e, r->requests[i].outcome),
		    r->requests[i].on_no_ring ? ", on no ring" :
		    ring == TRUST_RING_NONE   ? "" :
						", in ",
		    trust_ring_name(ring));
	}
}

/* ---- JSON ---- */

static void json_answer(struct json *j, const char *key, int answer)
{
	if (answer < 0)
		json_null(j, key);
	else
		json_bool(j, key, answer);
}

static void json_status(struct json *j, const struct mok_status *s)
{
	const struct mokmanager *m = &s->machine.manager;

	json_bool(j, "shim", s->machine.shim);
	json_answer(j, "mokmanager", m->is_there);
	json_str(j, "mokmanager_path", m->is_there >= 0 ? m->path : NULL);
	if (s->machine.nvram_free < 0)
		json_null(j, "nvram_free");
	else
		json_int(j, "nvram_free", s->machine.nvram_free);
	json_uint(j, "enrolled", s->enrolled);
	json_uint(j, "blocked", s->blocked);
	json_uint(j, "waiting", s->waiting);
	json_uint(j, "deleting", s->deleting);
	json_bool(j, "reset", s->reset);
	json_answer(j, "validation", s->validation);
	json_answer(j, "trust", s->trust);
}

static void json_requests(struct json *j, const struct mok_status *r)
{
	json_array(j, "requests");
	for (size_t i = 0; i < r->journal.n; i++) {
		const struct journal_entry *e = &r->journal.items[i];
		enum trust_ring ring = r->requests[i].ring;

		json_object(j, NULL);
		json_str(j, "action", e->action == MOK_ENROLL ? "enroll" : "delete");
		json_str(j, "list", e->list == MOK_KEYS ? "keys" : "blocked");
		json_str(j, "name", e->name);
		json_str(j, "outcome", mok_outcome_word(r->requests[i].outcome));
		json_str(j, "explanation", outcome_text(e, r->requests[i].outcome));
		json_str(j, "ring", ring == TRUST_RING_NONE ? NULL : trust_ring_name(ring));
		json_end(j);
	}
	json_end(j);
}

static void show_json(struct env *env, const struct mok_status *status)
{
	struct json j;

	answer_open(env, &j);
	json_status(&j, status);
	json_requests(&j, status);
	answer_close(env, &j);
}

int mok_status_show(struct env *env, bool as_json)
{
	_cleanup_mok_status_ struct mok_status status = { 0 };
	int r;

	display_page(env);
	r = mok_status_read(&env->sys, &status);

	if (r < 0)
		return r;
	if (as_json) {
		show_json(env, &status);
	} else {
		print_status(env->out, &status);
		print_requests(env->out, &status);
	}
	return 0;
}
