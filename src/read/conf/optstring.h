/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Command line arguments as the kernel's option string (insmod, modprobe): joined with single blanks; the value of
 * `key=value` gets double quotes when it contains a blank and does not begin with a quote itself.
 * Empty arguments at the beginning leave no trace.
 */

#include "base/buf.h"

/* Appends argv[0..argc). 0 or -ENOMEM. */
int module_args_join(int argc, char *const *argv, struct buf *into);
