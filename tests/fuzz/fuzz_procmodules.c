// SPDX-License-Identifier: MIT
#include "base/cleanup.h"
#include "read/kernel/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every string that comes out is read to its end. */
static size_t use(const struct live_module *m)
{
	size_t n = strlen(m->name) + strlen(m->taint);

	for (size_t i = 0; i < m->n_users; i++)
		n += strlen(m->users[i]);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(live_free_p) struct live *l = NULL;
	size_t total = 0;

	if (live_parse(span_of(data, size), "fuzz", NULL, &l) < 0)
		return 0;
	for (size_t i = 0; i < live_count(l); i++) {
		total += use(live_get(l, i));
		if (live_find(l, live_get(l, i)->name) != live_get(l, i))
			abort();
	}
	if (total > size)
		abort();
	return 0;
}
