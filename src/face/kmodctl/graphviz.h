/* SPDX-License-Identifier: MIT */
#pragma once

/* Graphviz, a program that draws graphs. */

#include "base/buf.h"
#include "base/root.h"

/*
 * Draws a graph in its language (tree.h) as SVG to a descriptor. 0; -ENOENT: Graphviz is not installed; -EIO: it
 * cannot be run or failed, and the problem is appended in words; other -errno.
 */
int graphviz_draw(const struct root *root, const struct buf *graph, int out, struct buf *problem);
