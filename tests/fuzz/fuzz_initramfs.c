// SPDX-License-Identifier: MIT
/* What a lister prints of an initramfs: a module is in it if and only if a line is the path of its file. */
#include <stdlib.h>

#include "parts.h"

#include "base/cleanup.h"
#include "base/modname.h"
#include "verb/params/initramfs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* true: the line is the path of a module's file. */
static bool module_of_line(struct span line, char name[static MODNAME_MAX])
{
	_cleanup_free_ char *text = span_dup(line);
	const char *slash = text ? strrchr(text, '/') : NULL;

	return slash && strlen(text) == line.n && modname_extension(slash + 1) && modname_from_path(text, name) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span list = span_of(data, size), rest = list, line;
	char name[MODNAME_MAX];
	bool has_abc = false;

	if (size > 4096)
		return 0;
	while (fuzz_line(&rest, &line)) {
		if (memchr(line.p, '\0', line.n))
			return 0; /* no path contains one */
		if (!module_of_line(line, name))
			continue;
		if (initramfs_search(list, name) != INITRAMFS_HAS)
			abort();
		has_abc |= strcmp(name, "abc_d") == 0;
	}
	if (initramfs_search(list, "abc_d") != (has_abc ? INITRAMFS_HAS : INITRAMFS_LACKS) ||
	    initramfs_search(list, "") != INITRAMFS_LACKS)
		abort();
	return 0;
}
