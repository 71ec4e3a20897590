/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Everything that bears on loading one module, before anything is done: what stands in the way, what the administrator
 * configured and where, what is already there. Asked in the order that avoids wrong answers: present or denied, may this
 * process load anything, the file, its signature, its dependencies, its parameters.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "decide/plan/resolve.h"

enum why_weight {
	WHY_FACT,     /* how it is */
	WHY_NOTE,     /* changes what happens */
	WHY_TROUBLE,  /* it loads, but may not do what it is loaded for */
	WHY_OBSTACLE, /* the module will not be loaded */
};

struct why_finding {
	enum why_weight weight;
	const char *topic; /* "state", "policy", "process", "file", "signature", "needs", "options", "devices", "firmware", "users" */
	const char *code;  /* stable: docs/json.md */
	const char *text;
	const char *file;  /* where it stands; NULL: nowhere in particular */
	unsigned line;
	const char *fix;   /* what to do about it; NULL: nothing, or it is plain */
};

struct why {
	struct why_finding *items; /* in the order above */
	size_t n, cap;
	size_t n_obstacles;
	struct arena strings;
};

struct why_query {
	const struct root *root;
	const struct plan_world *world;
	const char *release; /* of the running kernel */
	struct diag *diag;
	/* What the kernel thinks of the file's signature, as findings of the topic "signature"; NULL: not asked. 0, -errno. */
	int (*signature)(void *data, const char *path, struct why *found);
	void *data;
};

/* What is found about one module that a name or alias led to. 0, -ENOMEM. */
int why_module(const struct why_query *q, const struct candidate *c, struct why *ret);
/* Why a name or alias leads nowhere: one finding, an obstacle. 0, -ENOMEM. */
int why_not_found(const struct why_query *q, const char *asked, struct why *ret);
void why_done(struct why *w);
/* The whole answer in one line: what would happen, or is, and the finding that decides. c NULL: nothing was found. Appends. */
int why_verdict(const struct why *w, const struct candidate *c, const char *asked, struct buf *into);

/* An array of the findings, under key. */
void why_json(const struct why *w, const char *key, struct json *j);

/* Appends a finding; the format is its text. 0, -ENOMEM. */
int why_add(struct why *w, enum why_weight weight, const char *topic, const char *code, const struct policy_entry *at,
	    const char *fmt, ...) _printf_(6, 7);
/* The fix of the finding that was added last. */
int why_fix(struct why *w, const char *fmt, ...) _printf_(2, 3);
const struct why_finding *why_find(const struct why *w, const char *code); /* NULL: none */

#define _cleanup_why_ _cleanup_(why_done)
