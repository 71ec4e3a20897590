/* SPDX-License-Identifier: MIT */
#pragma once

/* Direct dependencies: a module needs the owners of the symbols that it needs. */

#include "base/diag.h"
#include "act/depmod/graph.h"
#include "act/depmod/scan.h"
#include "act/depmod/symtab.h"

struct deps {
	const struct module *modules;
	uint32_t n;
	const struct symtab *symtab;
	const char *dir;       /* for messages */
	bool report_unknown;   /* -e: warn about symbols that neither the kernel nor a module has */
	bool compare_versions; /* -E: warn when the CRCs differ */
	/* Called for the first symbol that makes user need owner (-v); may be NULL. */
	void (*edge)(void *data, const struct module *user, const char *symbol, const struct module *owner);
	void *edge_data;
	struct diag *diag;
};

/* Exports of all modules; the latest in the list owns a symbol that several have. */
int deps_add_exports(const struct module *modules, uint32_t n, struct symtab *t);
int deps_build(const struct deps *d, struct arena *arena, struct graph *ret);
