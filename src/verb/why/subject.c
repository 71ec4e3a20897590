// SPDX-License-Identifier: MIT
#include "verb/why/subject.h"

#include <errno.h>
#include <stdio.h>

#define KEY_MAX 512

static int open_file(struct subject *s)
{
	const struct root *root = &s->q->sys->root;
	int r;

	s->error = -ENOENT;
	if (s->builtin || !s->path || !root_exists(root, s->path))
		return 0;
	s->error = source_open(root, s->path, NULL, NULL, &s->src);
	if (s->error < 0)
		return s->error == -ENOMEM ? s->error : 0;
	r = elf_open(s->src, &s->elf);
	s->is_elf = r >= 0;
	if (s->is_elf)
		r = modinfo_read(&s->elf, &s->info);
	s->is_module = r >= 0;
	return r == -ENOMEM ? r : 0;
}

int subject_open(const struct why_query *q, const struct candidate *c, struct why *found, struct subject *ret)
{
	struct subject s = {
		.q = q,
		.c = c,
		.path = c->path,
		.state = world_state(q->world, c->name),
		.found = found,
	};
	int r = s.path ? 0 : world_path(q->world, c->name, &s.own_path);

	if (r < 0)
		return r;
	s.path = s.path ? s.path : s.own_path;
	s.builtin = !c->path && (c->builtin || (q->world->catalog && catalog_is_builtin(q->world->catalog, c->name)));
	r = open_file(&s);
	if (r < 0)
		subject_close(&s);
	else
		*ret = s;
	return r;
}

void subject_close(struct subject *s)
{
	if (s->is_module)
		modinfo_done(&s->info);
	if (s->is_elf)
		elf_done(&s->elf);
	source_close(s->src);
	modaliases_done(&s->devices);
	free(s->own_path);
	*s = (struct subject){ 0 };
}

const char *subject_provider(const struct subject *s, const char *symbol)
{
	const struct catalog *catalog = s->q->world->catalog;
	const struct index_reader *reader = catalog ? catalog_reader(catalog, CATALOG_SYMBOL) : NULL;
	char key[KEY_MAX];

	if (!reader || snprintf(key, sizeof(key), "symbol:%s", symbol) >= (int)sizeof(key))
		return NULL;
	return index_reader_get(reader, key);
}

int subject_fix_build(struct subject *s)
{
	bool other = !s->c->path && why_find(s->found, WHY_COPY);

	return why_fix(s->found, "%sbuild it again against the headers of the running %s",
		       other ? "use the other copy (remove this one and run depmod), or " : "", s->q->release);
}
