/* SPDX-License-Identifier: MIT */
#pragma once

/* The lines of `kmodctl status`. */

#include "base/json.h"
#include "face/common/env.h"
#include "verb/status/summary.h"

void overview_print(struct env *env, const struct summary *s);
/* As an array "lines". */
void overview_json(struct json *j, const struct summary *s);
