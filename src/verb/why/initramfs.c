// SPDX-License-Identifier: MIT
/*
 * Is the configuration of the module newer than the initramfs, which has a copy of it? What is loaded from there
 * follows the copy. Whether the module is in the image is not looked at.
 */
#include <string.h>

#include "verb/params/initramfs.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

static bool is_newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* A line about the module in a file that is newer; NULL: none. */
static const struct policy_entry *newer_line(const struct subject *s, const struct stat *image)
{
	const struct policy *p = s->q->world->policy;

	for (enum policy_kind kind = 0; p && kind < POLICY_N; kind++)
		for (size_t i = 0; i < policy_count(p, kind); i++) {
			const struct policy_entry *e = policy_get(p, kind, i);
			const char *name = kind == POLICY_ALIAS ? e->value : e->name;
			struct stat st;

			if (e->line && name && strcmp(name, s->c->name) == 0 &&
			    root_stat(&s->q->sys->root, e->file, &st) == 0 && is_newer(&st.st_mtim, &image->st_mtim))
				return e;
		}
	return NULL;
}

int why_initramfs(struct subject *s)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	const struct policy_entry *e;
	struct stat st;
	int r = s->c->path || s->builtin ? 0 : initramfs_image(&s->q->sys->root, s->q->release, &image);

	if (r <= 0 || root_stat(&s->q->sys->root, buf_str(&image), &st) < 0)
		return r < 0 ? r : 0;
	e = newer_line(s, &st);
	if (!e)
		return 0;
	r = why_add(s->found, WHY_NOTE, WHY_INITRAMFS_OLDER, e,
		    "this file is newer than the initramfs, %s: if the module is loaded from there, that still has the "
		    "old configuration",
		    buf_str(&image));
	if (r >= 0)
		r = why_fix(s->found, "rebuild the initramfs");
	return r < 0 ? r : remedy_initramfs(s->found, &s->q->sys->root, s->q->release);
}
