/* SPDX-License-Identifier: MIT */
#pragma once

/* A list of symbols for a message: after a few names only their number is given. */

#include "base/buf.h"

#define NAMES_MODULES 6

struct names {
	struct buf text;
	size_t n;
	const char *modules[NAMES_MODULES]; /* the different ones, borrowed; those behind the first six are left out */
	size_t n_modules;
};

/* `SYMBOL of MODULE in NAMESPACE`; module and ns may be NULL. */
void names_add(struct names *list, const char *symbol, const char *module, const char *ns);
/* The list as text; sticky error of the buffer. Once only. */
const char *names_end(struct names *list);
void names_done(struct names *list);

#define _cleanup_names_ _cleanup_(names_done)
