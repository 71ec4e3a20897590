// SPDX-License-Identifier: MIT
/* Lists of modules to load at boot: does one name the module, or try to? */
#include <errno.h>
#include <string.h>

#include "base/oom.h"
#include "read/conf/modload.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define INITRAMFS_LIST "/etc/initramfs-tools/modules"

/* Does the entry, a name or an alias, lead to the module? 1, 0, -ENOMEM. */
static int leads_here(const struct subject *s, const struct modload_entry *e)
{
	_cleanup_candidates_ struct candidates all = { 0 };
	int r = resolve(s->q->world, e->name, &all);

	if (r < 0)
		return only_oom(r);
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(all.items[i].name, s->c->name) == 0)
			return 1;
	return 0;
}

/* systemd-modules-load leaves out what is blacklisted; its lists are not those of the initramfs. */
static int tell_listed(struct subject *s, const struct policy_entry *at)
{
	const struct policy_entry *blacklisted =
		s->q->world->policy ? policy_blacklist(s->q->world->policy, s->c->name) : NULL;
	int r = why_add(s->found, WHY_FACT, WHY_LISTED_AT_BOOT, at, "a list of modules to load at boot names it");

	if (r < 0 || !blacklisted || strcmp(at->file, INITRAMFS_LIST) == 0)
		return r;
	r = why_add(s->found, WHY_OBSTACLE, WHY_PULLED_AT_BOOT, at,
		    "requested at boot by name; systemd-modules-load leaves blacklisted ones out, modprobe does not");
	if (r >= 0)
		why_narrow(s->found, WHY_OF_BOOT);
	return r;
}

/* The names of the line, each on one of its own: without options, and without a command that was meant to load them. */
static int add_names(const struct subject *s, const char *written, struct buf *into)
{
	_cleanup_free_ char *copy = strdup(written);
	char *at = copy, *word;

	if (!copy)
		return -ENOMEM;
	while ((word = strsep(&at, " \t"))) {
		char *slash = strrchr(word, '/'), *base = slash ? slash + 1 : word;

		if (!*word || *word == '-' || strchr(word, '=') || strcmp(base, "modprobe") == 0 ||
		    strcmp(base, "insmod") == 0)
			continue;
		buf_addf(into, "%s%s", into->n ? "\n" : "", why_means(word, s->c->name) > 0 ? s->c->name : word);
	}
	return buf_error(into);
}

static int tell_missed(struct subject *s, const struct modload_entry *e, const struct policy_entry *at)
{
	_cleanup_buf_ struct buf names = BUF_INIT;
	int r = why_means(e->name, s->c->name);

	if (r > 0)
		r = add_names(s, e->name, &names) < 0 ? -ENOMEM : 1;
	if (r <= 0)
		return r;
	r = why_add(s->found, WHY_OBSTACLE, WHY_LINE_MISSES, at,
		    "this line loads nothing at boot, because it names '%s'", e->name);
	if (r < 0)
		return r;
	why_narrow(s->found, WHY_OF_BOOT);
	r = why_fix(s->found,
		    "write %s, and nothing else, on a line of its own, if it is meant; options go to modprobe.d",
		    s->c->name);
	return r < 0 ? r : remedy_set_line(s->found, &s->q->sys->root, at, buf_str(&names));
}

static int tell_entry(struct subject *s, const struct modload_entry *e)
{
	const struct policy_entry at = { .file = e->file, .line = e->line };
	int r = leads_here(s, e);

	return r < 0 ? r : r > 0 ? tell_listed(s, &at) : tell_missed(s, e, &at);
}

static int read_lists(struct subject *s)
{
	const struct modload_request request = { .root = s->q->sys->root };
	_cleanup_modload_ struct modload lists = { 0 };
	int r = modload_read(&request, NULL, &lists);

	for (size_t i = 0; i < lists.n && r >= 0; i++)
		r = tell_entry(s, &lists.items[i]);
	return r;
}

/* Its lines are a name each, and options, which modprobe gets in the initramfs. */
static int read_initramfs_list(struct subject *s)
{
	static const char *const files[] = { INITRAMFS_LIST, NULL };
	const struct modload_request request = { .root = s->q->sys->root, .files = files };
	_cleanup_modload_ struct modload list = { 0 };
	int r = root_is_regular(&request.root, INITRAMFS_LIST) ? modload_read(&request, NULL, &list) : 0;

	for (size_t i = 0; i < list.n && r >= 0; i++) {
		struct modload_entry *e = &list.items[i];

		e->name[strcspn(e->name, " \t")] = '\0';
		r = tell_entry(s, e);
	}
	return r;
}

int why_listed(struct subject *s)
{
	int r = s->c->path ? 0 : read_lists(s);

	return r < 0 || s->c->path ? r : read_initramfs_list(s);
}
