// SPDX-License-Identifier: MIT
#include "act/depmod/stamp.h"

#include <errno.h>

#include "base/pool.h"
#include "act/depmod/digest.h"

bool stamp_inputs(const struct input inputs[static INPUTS], struct stamp *ret)
{
	for (int i = 0; i < INPUTS; i++) {
		if (inputs[i].error < 0)
			return false;
		ret->inputs[i] = digest_of(buf_span(&inputs[i].text));
	}
	return true;
}

void stamp_outputs(const struct outputs *o, struct stamp *ret)
{
	for (int i = 0; i < OUTPUTS; i++)
		ret->outputs[i] = digest_of(buf_span(&o->files[i]));
}

struct comparing {
	const struct stamp *stamp;
	int dir_fd;
};

static int compare_one(void *data, unsigned worker _unused_, size_t i)
{
	const struct comparing *c = data;
	uint64_t there;
	int r = digest_of_file(c->dir_fd, output_name((enum output_id)i), &there);

	if (r < 0)
		return r;
	return there == c->stamp->outputs[i] ? 0 : -ESTALE;
}

bool stamp_is_met(const struct stamp *s, int dir_fd, unsigned workers)
{
	struct comparing c = { s, dir_fd };

	return pool_run(workers, OUTPUTS, compare_one, &c) == 0;
}
