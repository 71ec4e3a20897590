/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "face/common/env.h"
#include "read/kernel/guards.h"

/* Security modules that may refuse a module's file, whatever its signature: as lines, only those that may. */
void guard_rows_print(const struct guards *all, struct env *env);
/* One of them, in a sentence that follows an answer about a file. */
void guard_text(const struct guards *all, enum guard g, struct buf *into);
/* All of them, as an array of j. */
void guard_rows_json(const struct guards *all, struct json *j);
