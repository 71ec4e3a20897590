/* SPDX-License-Identifier: MIT */
#pragma once

/* `kmodctl mok status`. */

#include "face/common/env.h"

/* 0 or -errno. */
int mok_status_show(struct env *env, bool as_json);
