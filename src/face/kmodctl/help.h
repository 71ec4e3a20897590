/* SPDX-License-Identifier: MIT */
#pragma once

/* What kmodctl says about itself. */

#include <stdio.h>

#include "face/common/command.h"

/* The verbs in groups, with their summaries, and examples. */
void help_overview(const struct command *verbs, FILE *out);
/*
 * The manual page of a verb, by man(1), which this process becomes; where there is no man or no page, what the verb's
 * --help prints. argv: the verb, and words of its own. Returns the exit status.
 */
int help_verb(struct env *env, const struct command *verb, int argc, char **argv);
