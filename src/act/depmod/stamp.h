/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A statement that depmod makes to itself: "from the modules of this cache file and these inputs come outputs with
 * these digests, and there is nothing to be said about it". True for ever; whether it is of use is found out by looking
 * at all modules, reading the inputs, and reading the outputs.
 */

#include "act/depmod/inputs.h"
#include "act/depmod/outputs.h"

struct stamp {
	uint64_t inputs[INPUTS];
	uint64_t outputs[OUTPUTS];
};

/* false: an input could not be read, so that there is no statement to make. */
bool stamp_inputs(const struct input inputs[static INPUTS], struct stamp *ret);
void stamp_outputs(const struct outputs *o, struct stamp *ret);
/* The files in that directory are the outputs of the stamp, as far as their bytes tell. In doubt false. */
bool stamp_is_met(const struct stamp *s, int dir_fd, unsigned workers);
