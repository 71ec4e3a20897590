/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Key rings made of files: DIR/proc/keys says what keys there are, DIR/fake/rings who holds whom, one ring per line:
 * "RING KEY KEY...", serial numbers in hex as in /proc/keys. A ring without a line is empty.
 */

#include "base/root.h"
#include "read/kernel/rings.h"

/* root is borrowed. */
struct keyring_access fake_rings(const struct root *root);
