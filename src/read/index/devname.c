// SPDX-License-Identifier: MIT
#include "read/index/devname.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/control.h"
#include "base/num.h"
#include "base/vec.h"

void devname_done(struct devname *d)
{
	free(d->items);
	free(d->text);
	*d = (struct devname){ 0 };
}

/*
 * ".." would lead a node out of /dev, and so would what tmpfiles.d(5) makes of an escape or a specifier: backslash,
 * quotes, '%'.
 */
static bool is_safe_device(const char *device)
{
	if (*device == '/' || strpbrk(device, "\\\"'%"))
		return false;
	for (const char *p = device;; p++) {
		size_t n = strcspn(p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n;
		if (!*p)
			return true;
	}
}

static int parse_numbers(char *word, struct devname_node *n)
{
	char *colon = strchr(word, ':');

	if ((word[0] != 'c' && word[0] != 'b') || !colon)
		return -EINVAL;
	*colon = '\0';
	n->type = word[0];
	if (parse_u32(word + 1, 10, &n->major) < 0 || parse_u32(colon + 1, 10, &n->minor) < 0)
		return -EINVAL;
	return 0;
}

/* Cuts line in place. */
static int parse_line(char *line, struct devname_node *ret)
{
	struct devname_node n = { 0 };
	char *device, *numbers, *save;

	n.module = strtok_r(line, " \t", &save);
	device = strtok_r(NULL, " \t", &save);
	numbers = strtok_r(NULL, " \t", &save);
	if (!numbers || control_in(n.module, strlen(n.module)) || control_in(device, strlen(device)))
		return -EINVAL;
	if (strtok_r(NULL, " \t", &save) || !is_safe_device(device) || parse_numbers(numbers, &n) < 0)
		return -EINVAL;
	n.device = device;
	*ret = n;
	return 0;
}

static int add_line(struct devname *d, char *line, void (*bad)(void *data, const char *line), void *data)
{
	struct devname_node node;
	char *whole;

	if (line[0] == '#')
		return 0;
	whole = strdup(line);
	if (!whole || vec_room(&d->items, d->n, &d->cap) < 0) {
		free(whole);
		return -ENOMEM;
	}
	if (parse_line(line, &node) == 0) {
		d->items[d->n++] = node;
	} else {
		d->bad++;
		bad(data, whole);
	}
	free(whole);
	return 0;
}

int devname_parse(struct span text, void (*bad)(void *data, const char *line), void *data, struct devname *ret)
{
	struct devname d = { .text = malloc(text.n + 1) };
	int r = d.text ? 0 : -ENOMEM;
	char *line = d.text, *end;

	if (r == 0 && text.n)
		memcpy(d.text, text.p, text.n);
	while (r == 0 && line < d.text + text.n) {
		end = memchr(line, '\n', (size_t)(d.text + text.n - line));
		end = end ? end : d.text + text.n;
		*end = '\0';
		r = add_line(&d, line, bad, data);
		line = end + 1;
	}
	if (r < 0)
		devname_done(&d);
	else
		*ret = d;
	return r;
}
