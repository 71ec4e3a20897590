/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/json.h"
#include "face/common/env.h"
#include "verb/boot/waterfall.h"

/* kmodctl boot plot. Returns the exit status. */
int boot_plot(struct env *env, bool as_json);
/* The waterfall into an answer (face/common/answer.h), or into an object of one. */
void boot_plot_json(const struct waterfall *w, struct json *j);
