// SPDX-License-Identifier: MIT
#include "explain/why_file.h"

#include <errno.h>
#include <string.h>

#include "image/facts.h"
#include "image/source.h"

static int tell_vermagic(const struct why_query *q, const struct elf *e, struct why *found)
{
	struct modinfo info = { 0 };
	const char *magic;
	size_t n;
	int r = 0;

	if (modinfo_read(e, &info) < 0)
		return why_add(found, WHY_OBSTACLE, "file", "no-modinfo", NULL,
			       "the file has no .modinfo section: it is no kernel module");
	magic = modinfo_get(&info, "vermagic");
	n = magic ? strcspn(magic, " ") : 0;
	if (magic && (strlen(q->release) != n || strncmp(magic, q->release, n) != 0))
		r = why_add(found, WHY_OBSTACLE, "file", "vermagic", NULL,
			    "built for kernel %.*s, but %s is running", (int)n, magic, q->release);
	modinfo_done(&info);
	return r;
}

static int tell_source(const struct why_query *q, const char *path, struct why *found)
{
	_cleanup_(scratch_free_p) struct scratch *scratch = scratch_new();
	struct source *src = NULL;
	struct elf e;
	int r = scratch ? source_open(q->root, path, scratch, NULL, &src) : -ENOMEM;

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return why_add(found, WHY_OBSTACLE, "file", "unreadable", NULL,
			       "%s cannot be read: %s", path, strerror(-r));
	if (elf_open(src, &e) < 0)
		r = why_add(found, WHY_OBSTACLE, "file", "not-elf", NULL,
			    "%s is damaged: not a sound ELF object", path);
	else {
		r = why_add(found, WHY_FACT, "file", "file", NULL, "%s", path);
		if (r >= 0)
			r = tell_vermagic(q, &e, found);
		if (r >= 0 && q->signature)
			r = q->signature(q->data, path, found);
		elf_done(&e);
	}
	source_close(src);
	return r;
}

int why_file(const struct why_query *q, const char *name, const char *path, struct why *found)
{
	if (catalog_is_builtin(q->world->catalog, name))
		return 0;
	if (!path)
		return why_add(found, WHY_OBSTACLE, "file", "no-file", NULL,
			       "no module file of this name is in %s", catalog_dir(q->world->catalog));
	if (!root_exists(q->root, path))
		return why_add(found, WHY_OBSTACLE, "file", "file-missing", NULL,
			       "modules.dep names %s, which does not exist: run depmod, or install the package again", path);
	return tell_source(q, path, found);
}
