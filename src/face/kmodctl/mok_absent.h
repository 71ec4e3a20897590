/* SPDX-License-Identifier: MIT */
#pragma once

#include "face/common/env.h"
#include "read/efi/vars.h"

/*
 * Prints why there are no MOKs, or why they cannot be seen. For a status as text the former is an answer, otherwise an
 * error. false: the variables can be read.
 */
bool mok_absent(struct env *env, enum efi_presence presence, bool is_status, bool json);
