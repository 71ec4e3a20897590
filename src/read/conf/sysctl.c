// SPDX-License-Identifier: MIT
#include "read/conf/sysctl.h"

#include <errno.h>

#include "base/buf.h"
#include "base/dropin.h"
#include "base/fileio.h"
#include "base/oom.h"
#include "base/paths.h"

#define FILE_MAX ((size_t)1 << 20)

static const char *const paths[] = {
	DROPIN_PATHS("sysctl.d"),
};

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* A leading dash means that failures are ignored; comments begin with characters that cannot begin a key. */
static bool sets(struct span line, const char *key)
{
	size_t i = 0;

	while (i < line.n && (is_blank(line.p[i]) || line.p[i] == '-'))
		i++;
	for (; *key; key++, i++) {
		if (i == line.n || (line.p[i] != (uint8_t)*key && !(line.p[i] == '/' && *key == '.')))
			return false;
	}
	while (i < line.n && is_blank(line.p[i]))
		i++;
	return i < line.n && line.p[i] == '=';
}

unsigned sysctl_find_line(struct span text, const char *key)
{
	unsigned found = 0;

	for (unsigned number = 1; text.n > 0; number++) {
		const uint8_t *nl = memchr(text.p, '\n', text.n);
		size_t n = nl ? (size_t)(nl - text.p) : text.n;

		if (sets(span_of(text.p, n), key))
			found = number;
		n += nl != NULL;
		text = span_of(text.p + n, text.n - n);
	}
	return found;
}

static int look_into(const struct root *root, const char *path, const char *key, struct sysctl_entry *e)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	unsigned line = file_read(root, path, FILE_MAX, &text) < 0 ? 0 : sysctl_find_line(buf_span(&text), key);

	if (!line)
		return 0;
	free(e->file);
	*e = (struct sysctl_entry){ strdup(path), line };
	return e->file ? 0 : -ENOMEM;
}

int sysctl_find(const struct root *root, const char *key, struct sysctl_entry *ret)
{
	struct sysctl_entry e = { 0 };
	_cleanup_dropin_ struct dropin files = { 0 };
	int r = dropin_collect(root, paths, NULL, &files);

	for (size_t i = 0; i < files.n && r >= 0; i++)
		r = look_into(root, files.items[i].path, key, &e);
	if (r >= 0)
		r = look_into(root, SYSCONFDIR "/sysctl.conf", key, &e);
	if (r < 0) {
		free(e.file);
		return only_oom(r);
	}
	if (!e.file)
		return 0;
	*ret = e;
	return 1;
}
