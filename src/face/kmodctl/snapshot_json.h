/* SPDX-License-Identifier: MIT */
#pragma once

/* What kmodctl report --json prints. */

#include "face/common/env.h"
#include "verb/report/snapshot.h"

void snapshot_json(struct env *env, const struct snapshot *s);
