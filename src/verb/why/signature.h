/* SPDX-License-Identifier: MIT */
#pragma once

#include "verb/why/refusal.h"
#include "read/kernel/lockstate.h"

/*
 * An answer of the kernel that comes from the signature rules: cause, rule and fix, from the same verdict as `kmodctl
 * trust`, but without a crypto library: keys are known by name (/proc/keys) and by the bytes that name them in the
 * lists of shim. file: the unpacked module. Adds nothing when the answer has another reason.
 */
int cause_trust(const struct cause_query *q, const struct lockstate *s, struct span file, struct strv *lines);
