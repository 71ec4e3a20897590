/* SPDX-License-Identifier: MIT */
#pragma once

/* `kmodctl mok list`. */

#include "face/common/env.h"
#include "verb/mok/request.h"

/* argv: nothing for all lists, or the word of one. 0 or -errno; reports. */
int mok_list_show(struct env *env, enum mok_list list, int argc, char **argv, bool as_json);
