/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A plan: what to do, in which order, and why, as data. order.h and unload.h make it, load/ carries it out,
 * the functions below print it. Steps may be carried out in their order; plan_graph() determines which ones need not
 * wait for each other.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/vec.h"

enum plan_action {
	PLAN_INSERT,          /* load the file at path; nothing to do when builtin */
	PLAN_INSTALL_COMMAND, /* run the administrator's command instead */
	PLAN_REMOVE,
	PLAN_REMOVE_COMMAND,
};

enum plan_reason {
	PLAN_REQUESTED,
	PLAN_DEPENDENCY,   /* hard dependency of origin */
	PLAN_SOFTDEP_PRE,  /* of origin */
	PLAN_SOFTDEP_POST, /* of origin */
	PLAN_HOLDER,       /* uses origin, which is to be removed */
	PLAN_UNUSED,       /* dependency of origin that is no longer used */
};

enum plan_verdict {
	PLAN_GO,      /* steps say what to do */
	PLAN_LOADED,  /* nothing to do: already in the kernel */
	PLAN_BUILTIN, /* nothing to do, or cannot be removed: part of the kernel image */
	PLAN_DENIED,  /* blacklisted */
	PLAN_ABSENT,  /* nothing to remove: not loaded */
	PLAN_IN_USE,  /* cannot be removed: see blocker */
};

struct plan_step {
	enum plan_action action;
	enum plan_reason reason;
	const char *origin; /* name of the module that caused this step; NULL for PLAN_REQUESTED */
	const char *name;
	const char *alias;   /* the alias it was found by, NULL: by its name */
	const char *path;    /* NULL: unknown */
	const char *options; /* complete, as passed to the kernel; never NULL */
	const char *command; /* as configured, $CMDLINE_OPTS not replaced; NULL without one */
	const char *file;    /* where the command or the softdep was read; NULL: neither */
	unsigned line;
	bool builtin;        /* part of the kernel image: nothing to do */
	bool vital;          /* its failure makes the whole request fail */
	bool unsafe_options; /* policy_is_unsafe(): must not become words of the command */
	/*
	 * Removal. PLAN_IN_USE, PLAN_ABSENT: this prevents it as far as the plan can tell; when its turn comes, that
	 * may have changed. after_command: an earlier step is a remove command, and what that does is not known.
	 */
	enum plan_verdict doubt;
	bool after_command;
};

struct plan_request {
	const char *asked; /* as the user gave it; for messages */
	const char *name;
	const char *alias; /* or NULL */
	enum plan_verdict verdict;
	const char *blocker; /* PLAN_IN_USE, PLAN_BUILTIN: the module that cannot be removed; PLAN_ABSENT: a softdep */
	const char *file;    /* PLAN_DENIED: the blacklist line */
	unsigned line;
	size_t first, n; /* its steps */
};

struct plan {
	struct plan_step *steps;
	size_t n, cap;
	struct plan_request *requests;
	size_t n_requests, cap_requests;
	struct strv strings; /* owns every string above */
};

void plan_done(struct plan *p);
/* A copy that lives as long as the plan; NULL for NULL, and without memory (then *error becomes -ENOMEM). */
const char *plan_string(struct plan *p, const char *s, int *error);
/* 0 or -ENOMEM. The step's strings must already belong to the plan. */
int plan_add(struct plan *p, const struct plan_step *step);
int plan_add_request(struct plan *p, const struct plan_request *request);

const char *plan_verdict_name(enum plan_verdict verdict); /* "go", "loaded", ... */

#define PLAN_OPTIONS_WORD "$CMDLINE_OPTS"
/*
 * Every literal $CMDLINE_OPTS of an install or remove command replaced by options (NULL: by nothing). Appends; sticky
 * error.
 */
int plan_expand_command(const char *command, const char *options, struct buf *into);
/* The line that `modprobe -n`, -D and -v print for a step, without its newline; some steps have none. Appends. */
int plan_step_text(const struct plan_step *s, struct buf *into);
/* Prints it byte for byte, as kmod does. */
void plan_print_step(const struct plan_step *s, FILE *out);
/* Members "requests" of the open object: each request with its steps (docs/json.md). */
void plan_json(const struct plan *p, struct json *j);

#define _cleanup_plan_ _cleanup_(plan_done)
