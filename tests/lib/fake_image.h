/* SPDX-License-Identifier: MIT */
#pragma once

/* What the fake kernel wants to know of a module image. */

#include "base/span.h"
#include "base/vec.h"

struct fake_image {
	char *name;
	struct strv depends;
};

/* From the name= and depends= strings, wherever they are. -ENOEXEC: no name. */
int fake_image_read(struct span bytes, struct fake_image *ret);
void fake_image_done(struct fake_image *i);
/* The word of /sys/module/compression for bytes that begin with a known magic, NULL: plain. */
const char *fake_image_compression(struct span bytes);
