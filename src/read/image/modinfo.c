// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/modname.h"
#include "base/vec.h"
#include "read/image/facts.h"

static int add_item(struct modinfo *m, const char *string)
{
	const char *equals = strchr(string, '=');
	struct modinfo_item item = { .key = string };

	item.key_len = equals ? (size_t)(equals - string) : strlen(string);
	item.value = equals ? equals + 1 : string + item.key_len;
	if (vec_room(&m->items, m->n, &m->cap) < 0)
		return -ENOMEM;
	m->items[m->n++] = item;
	return 0;
}

const char *modinfo_next(struct span *rest)
{
	while (rest->n > 0) {
		const uint8_t *nul = memchr(rest->p, '\0', rest->n);
		struct span s;

		if (!nul || span_take(rest, (uint64_t)(nul - rest->p) + 1, &s) < 0)
			return NULL;
		if (s.n > 1)
			return (const char *)s.p;
	}
	return NULL;
}

int modinfo_parse(struct span strings, struct modinfo *ret)
{
	struct modinfo m = { 0 };
	const char *s;

	while ((s = modinfo_next(&strings))) {
		if (add_item(&m, s) < 0) {
			modinfo_done(&m);
			return -ENOMEM;
		}
	}
	*ret = m;
	return 0;
}

int modinfo_read(const struct elf *e, struct modinfo *ret)
{
	const struct elf_section *s = elf_find(e, ".modinfo");
	struct span strings;
	int r;

	if (!s)
		return -ENODATA;
	r = elf_bytes(e, s, &strings);
	if (r == 0)
		r = modinfo_parse(strings, ret);
	if (r == 0)
		ret->long_bits = e->is64 ? 64 : 32;
	return r;
}

/* What follows "module." in string; NULL: it is about another module. */
static const char *behind_module(const char *string, const char *module)
{
	size_t n = strlen(module);

	return strnlen(string, n + 1) > n && string[n] == '.' && modname_equal_n(string, n, module, n) ?
		       string + n + 1 :
		       NULL;
}

int modinfo_parse_builtin(struct span strings, const char *module, struct modinfo *ret)
{
	const struct span all = strings;
	struct modinfo m = { 0 };
	const char *s, *last = NULL;
	int r = 0;

	while (r == 0 && (s = modinfo_next(&strings))) {
		const char *item = behind_module(s, module);

		last = s;
		if (item)
			r = add_item(&m, item);
		else if (m.n > 0)
			break;
		else if (!strchr(s, '.'))
			r = -EINVAL;
	}
	/* Read to the end: a file that was cut, or is nothing but zeros. */
	if (r == 0 && !s && all.n && (!last || all.p[all.n - 1] != '\0'))
		r = -EINVAL;
	if (r < 0) {
		modinfo_done(&m);
		return r;
	}
	*ret = m;
	return 0;
}

void modinfo_done(struct modinfo *m)
{
	free(m->items);
	*m = (struct modinfo){ 0 };
}

const char *modinfo_get(const struct modinfo *m, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < m->n; i++) {
		if (m->items[i].key_len == n && memcmp(m->items[i].key, key, n) == 0)
			return m->items[i].value;
	}
	return NULL;
}

bool modinfo_is_gpl(const struct modinfo *m)
{
	static const char *const names[] = { "GPL",          "GPL v2",       "GPL and additional rights",
					     "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL" };
	const char *license = modinfo_get(m, "license");

	for (size_t i = 0; license && i < ELEMENTSOF(names); i++)
		if (strcmp(license, names[i]) == 0)
			return true;
	return false;
}
