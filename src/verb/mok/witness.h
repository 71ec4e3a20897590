/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A variable of our own that is written beside a request. MokManager deletes the request however it ends and leaves
 * this one alone: when it is gone as well, the firmware has lost its variables.
 */

#include <stdbool.h>

#include "base/root.h"

/* 0 or -errno. content is for people only. */
int witness_write(const struct root *root, const char *content);
bool witness_is_there(const struct root *root);
/* 0 also when there is no witness. */
int witness_delete(const struct root *root);
