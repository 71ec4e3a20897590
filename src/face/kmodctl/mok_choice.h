/* SPDX-License-Identifier: MIT */
#pragma once

/* Which of the given keys are requested. */

#include "face/common/env.h"
#include "verb/mok/request.h"

struct keyring;

/*
 * Leaves in keys what is to be requested, prints why others are not, adds to *warned how much was reported that speaks
 * against the request, and to *blocked the keys that are not to be enrolled because a list forbids them. 0 or -errno.
 */
int mok_choose_keys(struct env *env, enum mok_list list, enum mok_action action, struct keyring *keys, int *warned,
		    int *blocked);
