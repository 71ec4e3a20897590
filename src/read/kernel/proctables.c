// SPDX-License-Identifier: MIT
#include "read/kernel/proctables.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/num.h"
#include "base/vec.h"
#include "read/kernel/processes.h"

#define TABLE_MAX (4u << 20)
#define BLANKS " \t"

/* Appends a copy of *x, whose strings the caller has already copied. */
#define TABLE_ADD(t, x) (vec_room(&(t)->items, (t)->n, &(t)->cap) < 0 ? -ENOMEM : ((t)->items[(t)->n++] = (x), 0))

#define TABLE_DONE(name)                 \
	void name##_done(struct name *t) \
	{                                \
		free(t->items);          \
		arena_done(&t->strings); \
		*t = (struct name){ 0 }; \
	}

#define TABLE_READ(name, path)                                     \
	int name##_read(const struct root *root, struct name *ret) \
	{                                                          \
		_cleanup_buf_ struct buf text = BUF_INIT;          \
		_cleanup_(name##_done) struct name t = { 0 };      \
		int r = file_read(root, path, TABLE_MAX, &text);   \
                                                                   \
		if (r >= 0 && text.n)                              \
			r = name##_parse(text.p, &t);              \
		if (r < 0)                                         \
			return r;                                  \
		*ret = t;                                          \
		t = (struct name){ 0 };                            \
		return 0;                                          \
	}

/* The next word of *s; NULL at its end. */
static char *next_word(char **s)
{
	char *word;

	do
		word = strsep(s, BLANKS);
	while (word && !*word);
	return word;
}

/* ---- /proc/crypto: "key : value" lines, a blank line after each algorithm ---- */

/* The value of a "key : value" line; NULL if it has another key. */
static char *crypto_value(char *line, const char *key)
{
	size_t n = strlen(key);
	char *colon;

	if (strncmp(line, key, n) != 0 || !strchr(BLANKS ":", line[n]))
		return NULL;
	colon = strchr(line, ':');
	return colon ? colon + 1 + strspn(colon + 1, BLANKS) : NULL;
}

static void crypto_line(char *line, struct crypto_alg *x)
{
	const char *v;

	if ((v = crypto_value(line, "name")))
		x->name = v;
	else if ((v = crypto_value(line, "driver")))
		x->driver = v;
	else if ((v = crypto_value(line, "module")))
		x->module = v;
	else if ((v = crypto_value(line, "refcnt")) && parse_u32(v, 10, &x->refcnt) < 0)
		x->refcnt = 0;
}

static int crypto_end(struct crypto_alg *x, struct crypto_algs *into)
{
	struct crypto_alg copy = *x;

	*x = (struct crypto_alg){ 0 };
	if (!copy.name || !copy.driver || !copy.module)
		return 0;
	copy.name = arena_str(&into->strings, copy.name);
	copy.driver = arena_str(&into->strings, copy.driver);
	copy.module = arena_str(&into->strings, copy.module);
	return copy.name && copy.driver && copy.module ? TABLE_ADD(into, copy) : -ENOMEM;
}

int crypto_algs_parse(char *text, struct crypto_algs *into)
{
	struct crypto_alg x = { 0 };
	char *line;

	while ((line = strsep(&text, "\n"))) {
		if (*line)
			crypto_line(line, &x);
		else if (crypto_end(&x, into) < 0)
			return -ENOMEM;
	}
	return crypto_end(&x, into);
}

TABLE_DONE(crypto_algs)
TABLE_READ(crypto_algs, "/proc/crypto")

/* ---- /proc/net/protocols: "protocol size sockets memory press maxhdr slab module ..." ---- */

static int add_protocol(struct socket_protocols *t, const char *name, const char *module, uint32_t sockets)
{
	struct socket_protocol x = { .sockets = sockets };

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->items[i].name, name) == 0 && strcmp(t->items[i].module, module) == 0) {
			t->items[i].sockets += sockets;
			return 0;
		}
	x.name = arena_str(&t->strings, name);
	x.module = arena_str(&t->strings, module);
	return x.name && x.module ? TABLE_ADD(t, x) : -ENOMEM;
}

int socket_protocols_parse(char *text, struct socket_protocols *into)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *fields[8], *word;
		uint32_t sockets;
		size_t n = 0;

		while (n < ELEMENTSOF(fields) && (word = next_word(&line)))
			fields[n++] = word;
		/* Skips the heading, too. */
		if (n < ELEMENTSOF(fields) || parse_u32(fields[2], 10, &sockets) < 0)
			continue;
		if (add_protocol(into, fields[0], fields[7], sockets) < 0)
			return -ENOMEM;
	}
	return 0;
}

TABLE_DONE(socket_protocols)

static int read_protocols(const struct root *root, const char *path, struct socket_protocols *into)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = file_read(root, path, TABLE_MAX, &text);

	return r < 0 || !text.n ? r : socket_protocols_parse(text.p, into);
}

int socket_protocols_read(const struct root *root, struct socket_protocols *ret)
{
	_cleanup_socket_protocols_ struct socket_protocols t = { 0 };
	_cleanup_pids_ struct pids others = { 0 };
	int r = read_protocols(root, "/proc/net/protocols", &t);

	if (r >= 0)
		r = processes_of_namespaces(root, "net", &others);
	for (size_t i = 0; i < others.n && r >= 0; i++) {
		char path[PROCESS_PATH_MAX];

		snprintf(path, sizeof(path), "/proc/%d/net/protocols", (int)others.items[i]);
		if (read_protocols(root, path, &t) == -ENOMEM) /* else it has gone */
			r = -ENOMEM;
	}
	if (r < 0)
		return r;
	*ret = t;
	t = (struct socket_protocols){ 0 };
	return 0;
}

/* ---- /proc/swaps: "Filename Type Size Used Priority", blanks of names as \040 ---- */

int swap_areas_parse(char *text, struct swap_areas *into)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *path = next_word(&line), *type = next_word(&line);
		struct swap_area x = { 0 };

		if (!path || *path != '/' || !type)
			continue;
		x.is_file = strcmp(type, "file") == 0;
		x.path = arena_str(&into->strings, path);
		if (!x.path || TABLE_ADD(into, x) < 0)
			return -ENOMEM;
	}
	return 0;
}

TABLE_DONE(swap_areas)
TABLE_READ(swap_areas, "/proc/swaps")

/* ---- /proc/devices: two lists of "MAJOR NAME" below headings ---- */

int device_majors_parse(char *text, struct device_majors *into)
{
	bool block = false;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *number = next_word(&line), *name = next_word(&line);
		struct device_major x = { 0 };

		if (number && strcmp(number, "Block") == 0)
			block = true;
		if (!name || parse_u32(number, 10, &x.major) < 0)
			continue;
		x.block = block;
		x.name = arena_str(&into->strings, name);
		if (!x.name || TABLE_ADD(into, x) < 0)
			return -ENOMEM;
	}
	return 0;
}

TABLE_DONE(device_majors)
TABLE_READ(device_majors, "/proc/devices")
