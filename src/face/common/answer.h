/* SPDX-License-Identifier: MIT */
#pragma once

/* What --json prints: one object with the schema's number, the command's own keys, and the messages (docs/json.md). */

#include "base/json.h"
#include "face/common/env.h"

/* Opens the object on env->out. */
void answer_open(struct env *env, struct json *j);
/* Adds the errors and warnings of the command so far, and closes it. */
void answer_close(struct env *env, struct json *j);
/*
 * The command has ended: when JSON was asked for and it failed before it had an answer, the answer is its first error,
 * as the object `error`, and the messages.
 */
void answer_finish(struct env *env, int status);
