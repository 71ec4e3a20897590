/* SPDX-License-Identifier: MIT */
#pragma once

/* The load waterfall of a boot as a picture. */

#include "base/buf.h"
#include "verb/boot/waterfall.h"

/* The axis ends with what began within so many microseconds of the first; what is later stands at its end. */
#define WATERFALL_AXIS_MAX (300u * 1000 * 1000)

#define WATERFALL_LEFT 190.0 /* of the axis, in units of the picture */
#define WATERFALL_RIGHT 690.0

struct waterfall_axis {
	uint64_t start, end; /* microseconds since boot; end > start */
	uint64_t step;       /* between two ticks: 1, 2 or 5 times a power of ten */
};

struct waterfall_axis waterfall_axis(const struct waterfall *w);
/* Where a time stands, from WATERFALL_LEFT to WATERFALL_RIGHT. */
double waterfall_x(const struct waterfall_axis *axis, uint64_t usec);

/*
 * An element svg that refers to nothing, with its own style for light and dark, and every text escaped. is_file: with
 * what a file of its own begins with. Sticky error.
 */
void waterfall_svg(const struct waterfall *w, bool is_file, struct buf *into);

/* What a source has said, for people: "12 marks", "not readable: Permission denied". Appends. */
void waterfall_source_text(const struct waterfall *w, enum waterfall_source source, struct buf *into);
