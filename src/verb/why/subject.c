// SPDX-License-Identifier: MIT
#include "verb/why/subject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "system/machine.h"
#include "verb/why/remedy.h"

#define KEY_MAX 512

#ifdef KMODCTL_SMALL
static int read_cut(struct subject *s _unused_)
{
	return 0;
}
#else
static int read_cut(struct subject *s)
{
	_cleanup_machine_reading_ struct machine_reading reading = { 0 };
	uint64_t size;
	int r;

	s->is_cut = source_payload_size(s->src, &size) == 0 && !elf_lies_within(&s->elf, size);
	if (!s->is_cut)
		return 0;
	r = machine_read(s->q->sys, &reading);
	s->takes_off = r < 0 ? TRUST_UNKNOWN : reading.machine.sig_checked.value;
	return r == -ENOMEM ? r : 0;
}
#endif

#ifdef KMODCTL_SMALL
static bool is_tiny(const struct subject *s _unused_)
{
	return false;
}
#else
static bool is_tiny(const struct subject *s)
{
	struct stat st;

	return root_stat(&s->q->sys->root, s->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	       st.st_size < SOURCE_MIN;
}
#endif

static int open_file(struct subject *s)
{
	const struct root *root = &s->q->sys->root;
	int r;

	s->error = -ENOENT;
	if (s->builtin || !s->path || !root_exists(root, s->path))
		return 0;
	s->error = source_open(root, s->path, NULL, NULL, &s->src);
	s->is_tiny = s->error == -EINVAL && is_tiny(s);
	if (s->error < 0)
		return s->error == -ENOMEM ? s->error : 0;
	r = elf_open(s->src, &s->elf);
	if (r >= 0)
		r = read_cut(s);
	if (r >= 0 && s->is_cut && s->takes_off == TRUST_YES) {
		elf_done(&s->elf);
		r = -EINVAL;
	}
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

int subject_lock(struct subject *s, const struct lockstate **ret)
{
	int r = s->has_lock ? 0 : lockstate_read(&s->q->sys->root, &s->lock);

	if (r < 0)
		return r;
	s->has_lock = true;
	*ret = &s->lock;
	return 0;
}

void subject_close(struct subject *s)
{
	if (s->has_lock)
		lockstate_done(&s->lock);
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
	bool other = why_find(s->found, WHY_COPY);
	int r;

	if (other && s->c->path) {
		r = why_fix(s->found, "load the one that is installed for the running %s, or build this one again",
			    s->q->release);
		return r < 0 ? r : why_command(s->found, "modprobe", s->c->name);
	}
	r = why_fix(s->found, "%sbuild it again against the headers of the running %s",
		    other ? "use the other copy (move this one away and run depmod), or " : "", s->q->release);
	return r < 0 || !other ? r : remedy_use_copy(s->found, s->q->release, s->path);
}

int subject_fix_line(struct subject *s, const struct policy_entry *line)
{
	int r;

	if (!line->line) {
		r = why_fix(s->found, "remove %s%s from the kernel command line, if the module is wanted",
			    line->kind == POLICY_BLACKLIST ? "modprobe.blacklist=" : "", line->name);
		if (r < 0 || line->kind != POLICY_BLACKLIST)
			return r;
		return remedy_boot_argument(s->found, &s->q->sys->root, "modprobe.blacklist", line->name);
	}
	r = why_fix(s->found,
		    strncmp(line->file, SYSCONFDIR "/", strlen(SYSCONFDIR "/")) == 0 ?
			    "delete line %u of %s, if the module is wanted" :
			    "leave line %u of %s out in a copy of that file in " SYSCONFDIR ", if the module is wanted",
		    line->line, line->file);
	return r < 0 ? r : remedy_delete_line(s->found, &s->q->sys->root, line);
}

int subject_fix_as_root(struct subject *s)
{
	const char *asked = s->c->path ? s->c->path : s->c->name;
	int r = why_fix(s->found, "ask as root");

	return r < 0 ? r : why_command(s->found, "sudo", "kmodctl", "why", "--", asked);
}
