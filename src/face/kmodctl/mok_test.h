/* SPDX-License-Identifier: MIT */
#pragma once

/* `kmodctl mok test`: is each key in the list, or does the machine have it otherwise? */

#include "act/sign/keyring.h"
#include "face/common/env.h"
#include "verb/mok/standing.h"

/* An exit status (status.h): one key that is missing decides. */
int mok_test_show(struct env *env, enum mok_list list, const struct keyring *keys, bool as_json);
