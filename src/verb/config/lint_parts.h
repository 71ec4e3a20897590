/* SPDX-License-Identifier: MIT */
#pragma once

/* The parts of a lint, each in a file of its own. All return 0 or -ENOMEM. */

#include "base/dropin.h"
#include "verb/config/config.h"
#include "verb/config/lint_finding.h"

struct lint_run {
	struct sys *sys;
	struct config *config;
	struct lint *into;
	size_t at_bad_line; /* of into, behind the last conf.bad-line that was explained */
	size_t searches;    /* for names like one that no module has */
};

/* Adds a finding; file is copied. fix NULL: none. */
int lint_add(struct lint_run *r, enum lint_level level, const char *code, const char *file, unsigned line,
	     const char *fix, const char *fmt, ...) _printf_(7, 8);
/*
 * How bad is it, in this file? What a distribution ships is written for many kernels and machines, so that there is
 * less reason to expect a mistake than in what an administrator wrote.
 */
enum lint_level lint_level_in(const char *file);

/* Text for a module of that name, as written, which the release does not have: a finding, and whether one is near. */
int lint_unknown_module(struct lint_run *r, const char *file, unsigned line, const char *directive, const char *name);
/*
 * Gives the finding conf.bad-line of that place, which the reader of the file reported, a fix: the directive that was
 * probably meant, of a NULL-terminated list, or what its line has to look like. form: lines for the directives.
 */
int lint_explain_bad_line(struct lint_run *r, const char *file, unsigned line, const char *word,
			  const char *const *directives, const char *const *forms);

int lint_files(struct lint_run *r);   /* that are not read */
int lint_lines(struct lint_run *r);   /* of modprobe.d and the kernel command line */
int lint_pairs(struct lint_run *r);   /* that are repeated, or contradict each other */
int lint_options(struct lint_run *r); /* parameters and their values */
int lint_lists(struct lint_run *r);   /* of modules to load at boot */
int lint_search(struct lint_run *r);  /* depmod.d */
