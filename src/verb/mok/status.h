/* SPDX-License-Identifier: MIT */
#pragma once

/* `kmodctl mok status`: how the machine stands, and what became of each request. */

#include "face/common/env.h"

/* What becomes clear now is noted in the journal, as far as it may be written. 0 or -errno. */
int mok_status_show(struct env *env, bool as_json);
