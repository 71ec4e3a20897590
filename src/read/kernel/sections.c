// SPDX-License-Identifier: MIT
#include "read/kernel/sections.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/fileio.h"
#include "base/num.h"
#include "base/vec.h"

void sections_done(struct sections *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->items[i].name);
	free(s->items);
	*s = (struct sections){ 0 };
}

static int add_section(struct sections *s, const char *name, uint64_t address)
{
	char *copy = strdup(name);

	if (!copy || vec_room(&s->items, s->n, &s->cap) < 0) {
		free(copy);
		return -ENOMEM;
	}
	s->items[s->n++] = (struct section){ copy, address };
	return 0;
}

static int read_entry(const struct root *root, const char *dir, const char *name, struct sections *into)
{
	char path[PATH_MAX], text[32];
	uint64_t address;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	r = file_read_line(root, path, text, sizeof(text));
	if (r == 0)
		r = parse_u64(text, 16, &address);
	return r < 0 ? r : add_section(into, name, address);
}

static int read_all(const struct root *root, const char *dir, struct sections *into)
{
	_cleanup_closedir_ DIR *handle = NULL;
	const struct dirent *e;
	int r = root_opendir(root, dir, &handle);

	while (r == 0 && (e = readdir(handle)))
		if (e->d_name[0] != '.' || (e->d_name[1] && strcmp(e->d_name, "..") != 0))
			r = read_entry(root, dir, e->d_name, into);
	return r;
}

int sections_read(const struct root *root, const char *module, struct diag *diag, struct sections *ret)
{
	_cleanup_(sections_done) struct sections s = { 0 };
	char dir[PATH_MAX];
	int r;

	if (snprintf(dir, sizeof(dir), "/sys/module/%s/sections", module) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	r = read_all(root, dir, &s);
	if (r < 0) {
		diag_err(diag, "kernel.sections", "could not open '%s': %s", dir, strerror(-r));
		return r;
	}
	*ret = s;
	s = (struct sections){ 0 };
	return 0;
}
