/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Records that the modules of this cache file and these inputs produced outputs with these digests, without a warning.
 * That stays true; whether it applies now is found out by looking at all modules, reading the inputs, and reading the
 * outputs.
 */

#include "act/depmod/inputs.h"
#include "act/depmod/outputs.h"

struct stamp {
	uint64_t inputs[INPUTS];
	uint64_t outputs[OUTPUTS];
};

/* false: an input could not be read, so that no stamp can be made. */
bool stamp_inputs(const struct input inputs[static INPUTS], struct stamp *ret);
void stamp_outputs(const struct outputs *o, struct stamp *ret);
/* Do the files in that directory have the digests of the stamp's outputs? Also false when one cannot be read. */
bool stamp_is_met(const struct stamp *s, int dir_fd, unsigned workers);
