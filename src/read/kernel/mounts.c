// SPDX-License-Identifier: MIT
#include "read/kernel/mounts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "read/kernel/devices.h"
#include "base/vec.h"
#include "read/kernel/processes.h"

#define MOUNTINFO_MAX (16u << 20)

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' && s[2] >= '0' && s[2] <= '7';
}

/* The kernel writes blanks, newlines and backslashes as \ooo. In place. */
static char *unescape(char *s)
{
	char *to = s;

	for (const char *from = s; *from; to++)
		if (*from == '\\' && is_octal(from + 1)) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else
			*to = *from++;
	*to = '\0';
	return s;
}

/* "36 35 98:0 /root /target rw,noatime master:1 - ext3 /dev/root rw" */
static bool parse_line(char *line, struct mount *ret)
{
	char *word, *fields[5], *tail = strstr(line, " - ");
	size_t n = 0;

	if (!tail)
		return false;
	*tail = '\0';
	tail += strlen(" - ");
	while (n < ELEMENTSOF(fields) && (word = strsep(&line, " ")))
		fields[n++] = word;
	ret->type = strsep(&tail, " ");
	ret->source = tail ? unescape(strsep(&tail, " ")) : "";
	if (n < ELEMENTSOF(fields) || !device_number_parse(fields[2], &ret->device))
		return false;
	ret->target = unescape(fields[4]);
	return true;
}

static bool is_known(const struct mounts *m, const struct mount *x)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->items[i].device == x->device && strcmp(m->items[i].type, x->type) == 0)
			return true;
	return false;
}

static int add(struct mounts *m, const struct mount *x)
{
	struct mount copy = *x;

	copy.target = arena_str(&m->strings, x->target);
	copy.type = arena_str(&m->strings, x->type);
	copy.source = arena_str(&m->strings, x->source);
	if (!copy.target || !copy.type || !copy.source || vec_room(&m->items, m->n, &m->cap) < 0)
		return -ENOMEM;
	m->items[m->n++] = copy;
	return 0;
}

int mounts_parse(char *text, pid_t pid, struct mounts *into)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct mount x = { .pid = pid };

		if (parse_line(line, &x) && !is_known(into, &x) && add(into, &x) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int read_one(const struct root *root, const char *path, pid_t pid, struct mounts *into)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = file_read(root, path, MOUNTINFO_MAX, &text);

	return r < 0 || !text.n ? r : mounts_parse(text.p, pid, into);
}

int mounts_read(const struct root *root, struct mounts *ret)
{
	_cleanup_pids_ struct pids others = { 0 };
	_cleanup_mounts_ struct mounts m = { 0 };
	int r = read_one(root, "/proc/self/mountinfo", 0, &m);

	if (r >= 0)
		r = processes_of_namespaces(root, "mnt", &others);
	for (size_t i = 0; i < others.n && r >= 0; i++) {
		char path[PROCESS_PATH_MAX];

		snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)others.items[i]);
		if (read_one(root, path, others.items[i], &m) == -ENOMEM) /* else the process has exited */
			r = -ENOMEM;
	}
	if (r < 0)
		return r;
	*ret = m;
	m = (struct mounts){ 0 };
	return 0;
}

void mounts_done(struct mounts *m)
{
	free(m->items);
	arena_done(&m->strings);
	*m = (struct mounts){ 0 };
}
