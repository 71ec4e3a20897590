// SPDX-License-Identifier: MIT
#include "verb/mok/status.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "verb/mok/journal.h"
#include "verb/mok/witness.h"
#include "verb/trust/keystore.h"
#include "verb/mok/shim.h"
#include "face/common/report.h"

struct status {
	struct mok_machine machine;
	size_t enrolled, blocked, waiting, deleting;
	bool reset;
	int validation, trust; /* a pending switch: 1 on, 0 off, -1 none */
};

static int pending_switch(struct env *env, enum mok_switch which)
{
	bool on = false;

	return mok_switch_pending(&env->root, which, &on) == 1 ? on : -1;
}

static void read_status(struct env *env, const struct key_stores *s, struct status *ret)
{
	mok_machine_read(env, &ret->machine);
	ret->enrolled = s->stores[STORE_MOK].n;
	ret->blocked = s->stores[STORE_MOKX].n;
	ret->waiting = s->stores[STORE_MOK_NEW].n + s->stores[STORE_MOKX_NEW].n;
	ret->deleting = s->stores[STORE_MOK_DELETE].n + s->stores[STORE_MOKX_DELETE].n;
	ret->reset = mok_reset_pending(&env->root, MOK_KEYS) || mok_reset_pending(&env->root, MOK_BLOCKED);
	ret->validation = pending_switch(env, MOK_VALIDATION);
	ret->trust = pending_switch(env, MOK_TRUST);
}

/* ---- requests ---- */

/* The entry of that certificate in a store, by its SHA-256. */
static const struct key_entry *find_entry(const struct key_store *s, const uint8_t *sha256)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->entries[i].cert && memcmp(s->entries[i].facts.sha256, sha256, 32) == 0)
			return &s->entries[i];
	return NULL;
}

struct request {
	enum mok_outcome outcome;
	enum trust_ring ring;
};

struct requests {
	struct journal journal;
	struct request *items; /* one for each entry of the journal */
};

static void requests_done(struct requests *r)
{
	journal_done(&r->journal);
	free(r->items);
}

/* Blocked keys stand beside those that are trusted; what counts is whether the kernel took them for blocked. */
static enum trust_ring ring_of(enum mok_list list, const struct key_entry *e)
{
	if (!e)
		return TRUST_RING_NONE;
	if (list == MOK_BLOCKED)
		return e->seen_in & 1u << TRUST_RING_BLACKLIST ? TRUST_RING_BLACKLIST : TRUST_RING_NONE;
	return key_entry_ring(e);
}

static struct request judge(struct env *env, const struct key_stores *s, const struct status *status,
			    const struct journal_entry *e)
{
	static const enum key_store_id pending[2][2] = {
		{ STORE_MOK_NEW, STORE_MOK_DELETE }, { STORE_MOKX_NEW, STORE_MOKX_DELETE },
	};
	const struct key_store *list = &s->stores[e->list == MOK_KEYS ? STORE_MOK : STORE_MOKX];
	const struct key_entry *in = find_entry(list, e->sha256);
	char boot_id[37];
	const struct mok_sight now = {
		.boot_id = boot_id,
		.published = status->machine.shim && (list->error == 0 || list->error == -ENOENT),
		.in_list = in != NULL,
		.pending = find_entry(&s->stores[pending[e->list][e->action]], e->sha256) != NULL,
		.witness = witness_is_there(&env->root),
	};

	journal_boot_id(&env->root, boot_id);
	return (struct request){ mok_outcome(e, &now), ring_of(e->list, in) };
}

/* Notes what has become clear. The witness has done its duty when nothing is open any more. */
static void settle(struct env *env, struct requests *r)
{
	bool changed = false, open = false;

	for (size_t i = 0; i < r->journal.n; i++) {
		struct journal_entry *e = &r->journal.items[i];
		enum journal_state next = mok_outcome_state(e, r->items[i].outcome);

		changed = changed || next != e->state;
		e->state = next;
		open = open || next == JOURNAL_WITNESSED;
	}
	/* Whoever may only look still gets the answer. */
	if (changed && journal_write(&env->root, &r->journal) == 0 && !open)
		witness_delete(&env->root);
}

static int read_requests(struct env *env, const struct key_stores *s, const struct status *status, struct requests *ret)
{
	if (journal_read(&env->root, &ret->journal) < 0)
		report_warning(env, "mok.journal-unreadable", "%s could not be read", JOURNAL_PATH);
	ret->items = calloc(ret->journal.n + 1, sizeof(*ret->items));
	if (!ret->items)
		return -ENOMEM;
	for (size_t i = 0; i < ret->journal.n; i++)
		ret->items[i] = judge(env, s, status, &ret->journal.items[i]);
	settle(env, ret);
	return 0;
}

/* ---- text ---- */

static const char *yes_no(int answer)
{
	return answer < 0 ? "unknown" : answer ? "yes" : "no";
}

static void print_row(FILE *out, const char *title, const char *value)
{
	fprintf(out, "%-24s %s\n", title, value);
}

static void print_status(FILE *out, const struct status *s)
{
	const struct mokmanager *m = &s->machine.manager;

	print_row(out, "booted through shim", yes_no(s->machine.shim));
	fprintf(out, "%-24s %s%s%s\n", "MokManager installed", yes_no(m->is_there), m->is_there < 0 ? ": " : m->path[0] ? " " : "",
		m->is_there < 0 ? m->why : m->path);
	if (s->machine.nvram_free < 0)
		print_row(out, "free for variables", "unknown");
	else
		fprintf(out, "%-24s %lld bytes\n", "free for variables", (long long)s->machine.nvram_free);
	fprintf(out, "%-24s %zu\n%-24s %zu\n", "enrolled keys", s->enrolled, "blocked keys", s->blocked);
	fprintf(out, "%-24s %zu\n%-24s %zu\n", "waiting to be enrolled", s->waiting, "waiting to be deleted", s->deleting);
	print_row(out, "erasing asked for", yes_no(s->reset));
	if (s->validation >= 0)
		print_row(out, "validation asked for", s->validation ? "on" : "off");
	if (s->trust >= 0)
		print_row(out, "trust asked for", s->trust ? "on" : "off");
}

static const char *outcome_text(const struct journal_entry *e, enum mok_outcome o)
{
	if (o == MOK_ACCEPTED)
		return e->action == MOK_ENROL ? "enrolled" : "deleted";
	return mok_outcome_text(o);
}

static void print_requests(FILE *out, const struct requests *r)
{
	if (r->journal.n)
		fputs("requests\n", out);
	for (size_t i = 0; i < r->journal.n; i++) {
		const struct journal_entry *e = &r->journal.items[i];
		enum trust_ring ring = r->items[i].ring;

		fprintf(out, "  %s %s\"%s\": %s%s%s\n", e->action == MOK_ENROL ? "enrol" : "delete",
			e->list == MOK_BLOCKED ? "among the blocked " : "", e->name, outcome_text(e, r->items[i].outcome),
			ring == TRUST_RING_NONE ? "" : ", in ", trust_ring_name(ring));
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

static void json_status(struct json *j, const struct status *s)
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

static void json_requests(struct json *j, const struct requests *r)
{
	json_array(j, "requests");
	for (size_t i = 0; i < r->journal.n; i++) {
		const struct journal_entry *e = &r->journal.items[i];
		enum trust_ring ring = r->items[i].ring;

		json_object(j, NULL);
		json_str(j, "action", e->action == MOK_ENROL ? "enrol" : "delete");
		json_str(j, "list", e->list == MOK_KEYS ? "keys" : "blocked");
		json_str(j, "name", e->name);
		json_str(j, "outcome", mok_outcome_word(r->items[i].outcome));
		json_str(j, "explanation", outcome_text(e, r->items[i].outcome));
		json_str(j, "ring", ring == TRUST_RING_NONE ? NULL : trust_ring_name(ring));
		json_end(j);
	}
	json_end(j);
}

static void show_json(FILE *out, const struct status *status, const struct requests *requests)
{
	struct json j;

	json_init(&j, out, true);
	json_object(&j, NULL);
	json_int(&j, "schema", 1);
	json_status(&j, status);
	json_requests(&j, requests);
	json_end(&j);
}

int mok_status_show(struct env *env, bool as_json)
{
	_cleanup_key_stores_ struct key_stores stores = { 0 };
	_cleanup_(requests_done) struct requests requests = { 0 };
	struct status status = { 0 };
	int r = key_stores_read(env, &stores);

	if (r < 0)
		return r;
	read_status(env, &stores, &status);
	r = read_requests(env, &stores, &status, &requests);
	if (r < 0)
		return r;
	if (as_json) {
		show_json(env->out, &status, &requests);
	} else {
		print_status(env->out, &status);
		print_requests(env->out, &requests);
	}
	return 0;
}
