/* SPDX-License-Identifier: MIT */
#pragma once

/* The machine with everything that tools for modules read taken from another directory. */

#include "base/buf.h"

/*
 * Enters a mount namespace whose root is a tmpfs. The machine's directories are bound into it, except for those where
 * our tools, Debian's kmod and systemd look for modules, configuration and state: there lie those of dir, empty ones
 * where dir has none. Mount points which the machine lacks are made on the tmpfs: nothing is written to the machine,
 * and what it has of its own cannot be seen. Adds proc/.host (the real /proc, for /proc/self) and sys/module to dir.
 * 0 or -errno with the path in *ret_where.
 */
int fake_view_enter(const char *dir, struct buf *ret_where);
