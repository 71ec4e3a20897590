/* SPDX-License-Identifier: MIT */
#pragma once

#include "face/common/env.h"

/* kmodctl boot plot. Returns the exit status. */
int boot_plot(struct env *env, bool as_json);
