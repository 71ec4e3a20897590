/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The parameters of one module: the declared ones, their current values and their configured values. Pure: the caller
 * reads the module, /sys/module/NAME/parameters and the configuration.
 */

#include <stdbool.h>

#include "base/vec.h"
#include "read/conf/policy.h"
#include "read/image/facts.h"
#include "read/kernel/settings.h"

enum params_effect {
	PARAMS_UNSET, /* nothing is configured */
	PARAMS_IN_EFFECT,
	PARAMS_NOT_IN_EFFECT,
	PARAMS_UNKNOWN, /* not loaded, or the kernel does not show the value */
};

struct params_item {
	const char *name; /* name_len bytes, not terminated; borrowed from the query */
	size_t name_len;
	const char *type;                  /* NULL: unknown */
	const char *description;           /* NULL: none */
	const struct setting *live;        /* NULL: not loaded, or not shown */
	const struct policy_entry *origin; /* the line that counts: the last one that sets it; NULL: none */
	char *configured; /* its value there; NULL without origin, and for a name given without value */
	enum params_effect effect;
};

struct params {
	struct params_item
		*items; /* declared ones in the order of the module, then others that the kernel shows, by name */
	size_t n, cap;
};

struct params_query {
	const char *module; /* normalized */
	bool builtin;       /* modprobe.d does not apply, only the kernel command line */
	const struct parameters *declared;
	const struct settings *live;
	const struct policy *policy;
};

/* 0 or -ENOMEM. */
int params_explain(const struct params_query *q, struct params *ret);
void params_done(struct params *p);
/* '-' and '_' are the same. NULL: none. */
const struct params_item *params_find(const struct params *p, const char *name, size_t name_len);

/*
 * The default that the description of a number or switch states ("... (default: 5)"): a borrowed piece of it, n bytes.
 * NULL: it states no default. The kernel keeps no defaults and shows only the current value.
 */
const char *params_stated_default(const struct params_item *item, size_t *ret_n);

/*
 * Does the kernel show this (param_get_*() in kernel/params.c) after it was given that value? A bool is shown as Y or
 * N, a number in decimal; an array may show more elements than were given. value NULL: the name alone was given. 1,
 * 0, or -EINVAL when this cannot be determined.
 */
int params_same_value(const char *type, const char *value, const char *shown);

#define _cleanup_params_ _cleanup_(params_done)
