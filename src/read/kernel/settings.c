// SPDX-License-Identifier: MIT
#include "read/kernel/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/vec.h"

#define VALUE_MAX 65536 /* sysfs returns one page, which has at most this many bytes */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct setting *)a)->name, ((const struct setting *)b)->name);
}

static int add_value(const struct root *root, const char *path, struct arena *strings, struct setting *s)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (file_read(root, path, VALUE_MAX, &text) < 0)
		return 0;
	if (text.n && text.p[text.n - 1] == '\n')
		text.p[text.n - 1] = '\0';
	s->value = arena_str(strings, buf_str(&text));
	return s->value ? 0 : -ENOMEM;
}

static int read_one(const struct root *root, const char *dir, const char *name, struct settings *s)
{
	char path[PATH_MAX];
	struct setting x = { 0 };
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path) ||
	    root_stat(root, path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	x.mode = st.st_mode;
	x.name = arena_str(&s->strings, name);
	if (!x.name || add_value(root, path, &s->strings, &x) < 0 || vec_room(&s->items, s->n, &s->cap) < 0)
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

const struct setting *settings_find_n(const struct settings *s, const char *name, size_t name_len)
{
	for (size_t i = 0; i < s->n; i++)
		if (modname_equal_n(s->items[i].name, strlen(s->items[i].name), name, name_len))
			return &s->items[i];
	return NULL;
}

const struct setting *settings_find(const struct settings *s, const char *name)
{
	return settings_find_n(s, name, strlen(name));
}

bool setting_is_writable(const struct setting *s)
{
	return s->mode & 0222;
}

int setting_write(const struct root *root, const char *module, const char *name, const char *value)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, name) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = root_open(root, path, O_WRONLY | O_TRUNC);
	return fd < 0 ? fd : fd_write_all(fd, value, strlen(value));
}

void settings_done(struct settings *s)
{
	free(s->items);
	arena_done(&s->strings);
	*s = (struct settings){ 0 };
}
