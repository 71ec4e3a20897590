// SPDX-License-Identifier: MIT
#include "read/kernel/settings.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/vec.h"

#define VALUE_MAX 4096 /* a page of sysfs */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct setting *)a)->name, ((const struct setting *)b)->name);
}

static int read_one(const struct root *root, const char *dir, const char *name, struct settings *s)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[PATH_MAX];
	struct setting x = { .name = arena_str(&s->strings, name) };

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return 0;
	if (file_read(root, path, VALUE_MAX, &text) == 0) {
		if (text.n && text.p[text.n - 1] == '\n')
			text.p[text.n - 1] = '\0';
		x.value = arena_str(&s->strings, buf_str(&text));
		if (!x.value)
			return -ENOMEM;
	}
	if (!x.name || vec_room(&s->items, s->n, &s->cap) < 0)
		return -ENOMEM;
	s->items[s->n++] = x;
	return 0;
}

int settings_read(const struct root *root, const char *module, struct settings *ret)
{
	_cleanup_settings_ struct settings s = { 0 };
	_cleanup_closedir_ DIR *dir = NULL;
	char path[PATH_MAX];
	struct dirent *d;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters", module);
	if (root_opendir(root, path, &dir) == 0)
		while ((d = readdir(dir)))
			if (*d->d_name != '.' && read_one(root, path, d->d_name, &s) < 0)
				return -ENOMEM;
	if (s.n)
		qsort(s.items, s.n, sizeof(*s.items), by_name);
	*ret = s;
	s = (struct settings){ 0 };
	return 0;
}

const struct setting *settings_find(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (modname_equal(s->items[i].name, name))
			return &s->items[i];
	return NULL;
}

void settings_done(struct settings *s)
{
	free(s->items);
	arena_done(&s->strings);
	*s = (struct settings){ 0 };
}
