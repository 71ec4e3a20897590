/* SPDX-License-Identifier: MIT */
#pragma once

/* One run of depmod: scan -> gather (cache or file) -> graph -> outputs -> publish, print or compare. */

#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/root.h"
#include "act/depmod/outputs.h"
#include "act/depmod/verify.h"

enum depmod_action {
	DEPMOD_PUBLISH, /* write what changed */
	DEPMOD_PRINT,   /* -n: the text files to `out` */
	DEPMOD_VERIFY,  /* compare only; differences go to `differences` */
};

struct depmod_request {
	struct root root;
	const char *release;
	const char *in_dir, *out_dir; /* logical module directories; the same unless -o was given */
	const char *const *config;    /* NULL-terminated, or NULL: the default places of depmod.d */
	const char *const *files;     /* only these modules, absolute; configuration is then not read */
	size_t n_files;
	const char *symvers, *system_map; /* -E, -F; NULL: not given */
	char symbol_prefix;               /* -P; 0: none */
	bool report_unknown;              /* -e */
	bool warn_duplicates;             /* -w */
	bool strict;                      /* what could not be read is an error, and so is an incomplete result */
	unsigned jobs;                    /* 0: as many as there are CPUs */
	const char *cache;                /* file of known facts; NULL: none */
	enum depmod_action action;
	FILE *out;
	struct verify_list *differences; /* DEPMOD_VERIFY: filled */
	/* -v: see deps.h. Progress: see gather.h. May be NULL. */
	void (*edge)(void *data, const struct module *user, const char *symbol, const struct module *owner);
	void (*progress)(void *data, size_t done, size_t total);
	void *data; /* for both */
	struct diag *diag;
};

/*
 * 0: done, with all that could be read; what could not be read, or not be put into an index, was reported. 1: done, but
 * the indexes differ (DEPMOD_VERIFY), or something was left out (strict); reported. -errno: nothing was changed, or all
 * was put back; reported.
 */
int depmod_run(const struct depmod_request *req);
