// SPDX-License-Identifier: MIT
/* A depmod.d file of arbitrary bytes. */
#include "scratch.h"

#include "read/conf/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *paths[] = { "/search", NULL };
	const struct root root = scratch_root();
	struct search *s;

	if (size > 4096)
		return 0;
	scratch_write("search", data, size);
	if (search_load(&root, paths, "6.1.0", NULL, &s) < 0)
		abort();
	search_rank(s, "updates/dkms/a.ko.xz");
	search_rank(s, "/ext/a.ko");
	search_rank(s, "");
	search_excludes(s, "x");
	for (size_t i = 0; i < search_n_external(s); i++)
		if (!search_external(s, i)[0])
			abort();
	search_free(s);
	return 0;
}
