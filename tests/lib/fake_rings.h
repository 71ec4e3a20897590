/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Key rings made of files: DIR/proc/keys says what keys there are, DIR/fake/rings who holds whom, one ring per line:
 * "RING KEY KEY...", serial numbers in hex as in /proc/keys. A ring without a line is empty.
 * DIR/fake/add_key has the number of the error that the kernel answers to every certificate, 0 for "taken".
 */

#include "base/root.h"
#include "read/kernel/rings.h"

/* root is borrowed. */
struct keyring_access fake_rings(const struct root *root);
