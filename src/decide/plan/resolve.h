/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Finds the modules that a name given by the user stands for. The sources are searched in this order; the first with
 * a result ends the search.
 */

#include "base/json.h"
#include "decide/plan/world.h"

enum resolve_source {
	RESOLVE_CONFIG_ALIAS, /* modprobe.d alias lines: all that match */
	RESOLVE_NAME,         /* modules.dep */
	RESOLVE_SYMBOL,       /* modules.symbols: only for symbol:NAME */
	RESOLVE_COMMAND,      /* an install or remove line of exactly this name */
	RESOLVE_ALIAS,        /* modules.alias */
	RESOLVE_BUILTIN,      /* modules.builtin */
	RESOLVE_BUILTIN_ALIAS,
	RESOLVE_PATH, /* a module file, named by the user */
};

struct candidate {
	char *name;
	/* The pattern of the configuration line, or the string that was searched for; NULL: found by its own name. */
	char *alias;
	char *path; /* only RESOLVE_PATH: this file, whatever modules.dep says */
	enum resolve_source source;
	bool builtin;                     /* found in an index of built-in modules */
	const struct policy_entry *entry; /* the config line, for RESOLVE_CONFIG_ALIAS and RESOLVE_COMMAND */
};

struct candidates {
	struct candidate *items;
	size_t n, cap;
};

/*
 * Adds the modules that a name or alias stands for. Finding nothing is not an error, and nothing has a name of PATH_MAX
 * bytes or more. -EINVAL: unmatched bracket; -ENAMETOOLONG: an alias for such a name.
 */
int resolve(const struct plan_world *w, const char *asked, struct candidates *ret);
/* By module name only: modules.dep, modules.builtin, modules.builtin.alias. -EINVAL, -ENAMETOOLONG: no such name. */
int resolve_name(const struct plan_world *w, const char *asked, struct candidates *ret);
/* The module of a file; the caller checks that it exists. -EINVAL: the name is empty. */
int resolve_path(const char *path, struct candidates *ret);
/* Just this module, whether it exists or not. name is used unchanged. */
int resolve_literal(const char *name, struct candidates *ret);

const char *resolve_source_name(enum resolve_source source);
/* An array of the candidates, under key. */
void candidates_json(const struct candidates *c, const char *key, struct json *j);
bool candidates_have(const struct candidates *c, const char *name);
/* Keeps the first of each module. */
void candidates_drop_repeated(struct candidates *c);
void candidates_done(struct candidates *c);

#define _cleanup_candidates_ _cleanup_(candidates_done)
