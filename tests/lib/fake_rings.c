// SPDX-License-Identifier: MIT
#include "lib/fake_rings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"

/* Calls each() with every line, a copy that it may cut up, until it does not return 0. */
static int each_line(const struct root *root, const char *path, int (*each)(char *line, void *data), void *data)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	_cleanup_free_ char *copy = NULL;
	char *rest;
	int r = file_read(root, path, 1 << 20, &text);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	rest = copy = strdup(buf_str(&text));
	for (char *line; r == 0 && (line = strsep(&rest, "\n"));)
		r = *line ? each(line, data) : 0;
	return r;
}

struct members {
	int32_t ring;
	int32_t *into;
	size_t cap;
	int n;
};

static int read_members(char *line, void *data)
{
	struct members *m = data;
	char *end;

	if (strtol(line, &end, 16) != m->ring)
		return 0;
	for (;;) {
		char *start = end;
		long serial = strtol(start, &end, 16);

		if (end == start)
			return 1;
		if ((size_t)m->n < m->cap)
			m->into[m->n] = (int32_t)serial;
		m->n++;
	}
}

static int fake_read(void *data, int32_t ring, int32_t *ret, size_t n)
{
	struct members m = { ring, ret, n, 0 };
	int r = each_line(data, "/fake/rings", read_members, &m);

	return r < 0 ? r : m.n;
}

struct described {
	int32_t serial;
	char *into;
	size_t cap;
	int length;
};

/* /proc/keys cuts the type off and adds the type's own text; keyctl does neither. */
static int describe(char *line, void *data)
{
	struct described *d = data;
	struct proc_key k;
	char *description;
	const char *type;

	if (proc_key_parse(line, &k) < 0 || k.serial != d->serial)
		return 0;
	type = strcmp(k.type, "asymmetri") == 0 ? "asymmetric" : k.type;
	description = strdup(k.description);
	if (!description)
		return -ENOMEM;
	if (strrchr(description, ':') && (strcmp(type, "asymmetric") == 0 || strcmp(type, "keyring") == 0))
		*strrchr(description, ':') = '\0';
	d->length = snprintf(d->into, d->cap, "%s;%u;%u;%08x;%s", type, k.uid, k.gid, k.perm, description) + 1;
	free(description);
	return 1;
}

static int fake_describe(void *data, int32_t key, char *ret, size_t cap)
{
	struct described d = { key, ret, cap, 0 };
	int r = each_line(data, "/proc/keys", describe, &d);

	return r < 0 ? r : r == 0 ? -ENOKEY : d.length;
}

/* The number of the error in DIR/fake/add_key, 0 for none. Without the file the kernel cannot be asked. */
static int fake_takes(void *data, struct span certificate _unused_)
{
	char text[16];

	if (file_read_line(data, "/fake/add_key", text, sizeof(text)) < 0)
		return -ENOSYS;
	return -atoi(text);
}

static const struct keyring_calls calls = { fake_read, fake_describe, NULL, NULL, fake_takes };

struct keyring_access fake_rings(const struct root *root)
{
	return (struct keyring_access){ &calls, (void *)(uintptr_t)root };
}
