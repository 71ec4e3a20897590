/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/root.h"
#include "decide/plan/live_view.h"

/* Reads /sys/module anew for each question. root is borrowed. */
struct live_view live_sysfs(const struct root *root);
