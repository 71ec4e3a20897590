/* SPDX-License-Identifier: MIT */
#pragma once

#include "base/root.h"
#include "decide/plan/live_view.h"

/* Answers from /sys/module at the moment of each question. root is borrowed. */
struct live_view live_sysfs(const struct root *root);
