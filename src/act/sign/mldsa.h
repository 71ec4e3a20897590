/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdbool.h>

#include "base/span.h"

/*
 * Has a signature the form of those of ML-DSA (FIPS 204, algorithms 21 and 27)? name: "ML-DSA-44", -65 or -87. Kernels
 * tell one that has not from one that does not fit, and libcrypto does not.
 */
bool mldsa_is_formed(const char *name, struct span signature);
