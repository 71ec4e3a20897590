/* SPDX-License-Identifier: MIT */
#pragma once

/* The bytes of the eleven files that depmod makes. Pure: all input comes with the request. */

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"
#include "act/depmod/graph.h"
#include "act/depmod/scan.h"
#include "act/depmod/symlist.h"
#include "act/depmod/symtab.h"

/* In the order of depmod -n and of kmod's writing */
enum output_id {
	OUTPUT_DEP,
	OUTPUT_DEP_BIN,
	OUTPUT_ALIAS,
	OUTPUT_ALIAS_BIN,
	OUTPUT_SOFTDEP,
	OUTPUT_WEAKDEP,
	OUTPUT_SYMBOLS,
	OUTPUT_SYMBOLS_BIN,
	OUTPUT_BUILTIN_BIN,
	OUTPUT_BUILTIN_ALIAS_BIN,
	OUTPUT_DEVNAME,
	OUTPUTS,
};

const char *output_name(enum output_id id); /* "modules.dep" */
bool output_is_index(enum output_id id);

struct outputs {
	const struct module *modules; /* in their final order */
	uint32_t n;
	const struct graph *graph;
	const struct graph_order *order;
	const struct symtab *symtab;
	const struct buf *builtin;         /* content of modules.builtin; NULL: there is none */
	const struct buf *builtin_modinfo; /* content of modules.builtin.modinfo; NULL: there is none */
	bool only_texts;                   /* -n: no indexes, and no messages about them */
	bool warn_duplicates;              /* -w */
	struct diag *diag;

	struct symbol_line *symbols; /* while building: in hash order */
	uint32_t n_symbols;
	size_t *dep_ends; /* while building: where each line of modules.dep ends */

	struct buf files[OUTPUTS]; /* the result */
	bool incomplete;           /* something could not be put into an index; it was reported */
};

/*
 * Fills files[], with up to `workers` threads. Messages come in the order of the files. -EFBIG: an index, or
 * modules.dep, would exceed the 256 MiB that the format can address (reported); -ENOMEM.
 */
int outputs_build(struct outputs *o, unsigned workers);
void outputs_done(struct outputs *o);
