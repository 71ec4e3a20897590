/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "read/index/reader.h"

/* By ascending priority; equal ones keep their order. 0, -ENOMEM. */
int values_sort(struct index_value *items, size_t n);
