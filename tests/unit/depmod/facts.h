/* SPDX-License-Identifier: MIT */
#pragma once

/* Modules with facts, without any file behind them. */

#include "act/depmod/scan.h"

/* A packed list from a literal: FACTS("a\0b"), whose own NUL ends the last string. */
#define FACTS(literal) ((struct record_list){ literal, sizeof(literal) })
