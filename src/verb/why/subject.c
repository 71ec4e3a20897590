// SPDX-License-Identifier: MIT
#include "verb/why/subject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"

#define KEY_MAX 512
#define CONFIG_MAX (1u << 20)

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

/* Is it the whole of a logical line, which no backslash continues from the line before? */
static bool is_whole_line(const struct subject *s, const struct policy_entry *line)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *at, *end;

	if (file_read_regular(&s->q->sys->root, line->file, CONFIG_MAX, &text) < 0)
		return false;
	at = buf_str(&text);
	for (unsigned i = 1; i + 1 < line->line && at; i++) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	end = at ? strchr(at, '\n') : NULL;
	return line->line == 1 || (end && (end == at || end[-1] != '\\'));
}

/* Behind a line that another command deletes, the numbers are others. */
static bool is_edited(const struct why *w, const char *file)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].command && strcmp(w->items[i].command[0], "sed") == 0 && w->items[i].file &&
		    strcmp(w->items[i].file, file) == 0)
			return true;
	return false;
}

int subject_fix_line(struct subject *s, const struct policy_entry *line)
{
	char command[32];
	int r;

	if (!line->line)
		return why_fix(s->found, "remove %s%s from the kernel command line, if the module is wanted",
			       line->kind == POLICY_BLACKLIST ? "modprobe.blacklist=" : "", line->name);
	if (strncmp(line->file, "/etc/", strlen("/etc/")) != 0)
		return why_fix(s->found, "if the module is wanted, copy %s to /etc/modprobe.d and delete line %u there",
			       line->file, line->line);
	r = why_fix(s->found, "delete line %u of %s, if the module is wanted", line->line, line->file);
	if (r < 0 || !is_whole_line(s, line) || is_edited(s->found, line->file))
		return r;
	snprintf(command, sizeof(command), "%ud", line->line);
	return why_command(s->found, "sed", "-i", command, line->file);
}

int subject_fix_as_root(struct subject *s)
{
	const char *asked = s->c->path ? s->c->path : s->c->name;
	int r = why_fix(s->found, "ask as root");

	return r < 0 ? r : why_command(s->found, "sudo", "kmodctl", "why", "--", asked);
}
