// SPDX-License-Identifier: MIT
#include "read/kernel/kallsyms.h"

#include <errno.h>
#include <string.h>

#include "base/fileio.h"

#define KALLSYMS_MAX (64U << 20)

/* The name in a line, ended by NUL; NULL: none. */
static char *name_in(char *line)
{
	char *type = strchr(line, ' '), *name = type ? strchr(type + 1, ' ') : NULL;

	if (!name)
		return NULL;
	name++;
	name[strcspn(name, "\t")] = '\0';
	return name;
}

static int add_line(struct kallsyms *k, char *line)
{
	char *name = name_in(line);

	return name ? map_put(&k->names, name, name) : 0;
}

int kallsyms_each(const struct root *root, bool (*look)(const char *name, void *data), void *data)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = file_read(root, "/proc/kallsyms", KALLSYMS_MAX, &text);
	char *rest = text.p, *line, *name;

	while (r == 0 && (line = strsep(&rest, "\n")))
		if ((name = name_in(line)) && look(name, data))
			return 1;
	return r;
}

int kallsyms_read(const struct root *root, struct kallsyms *ret)
{
	_cleanup_kallsyms_ struct kallsyms k = { 0 };
	int r = file_read(root, "/proc/kallsyms", KALLSYMS_MAX, &k.text);
	char *rest = k.text.p, *line;

	while (r >= 0 && (line = strsep(&rest, "\n")))
		r = add_line(&k, line);
	if (r < 0)
		return r;
	if (!k.names.n)
		return -ENODATA;
	*ret = k;
	k = (struct kallsyms){ 0 };
	return 0;
}

void kallsyms_done(struct kallsyms *k)
{
	map_done(&k->names);
	buf_done(&k->text);
}

bool kallsyms_has(const struct kallsyms *k, const char *name)
{
	return map_has(&k->names, name);
}
