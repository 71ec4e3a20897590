/* SPDX-License-Identifier: MIT */
#pragma once

/* The lines of `kmodctl status`. */

#include <stdio.h>

#include "base/json.h"
#include "verb/status/summary.h"

void overview_print(FILE *out, const struct summary *s);
/* As an array "lines". */
void overview_json(struct json *j, const struct summary *s);
