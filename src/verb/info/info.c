// SPDX-License-Identifier: MIT
#include "verb/info/info.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/modname.h"
#include "base/oom.h"
#include "verb/why/outlook.h"
#include "verb/why/parts.h"
#include "verb/why/why.h"

/* ---- the file ---- */

static int read_file(const struct why_query *q, struct info *i)
{
	const struct root *root = &q->sys->root;
	struct stat st;

	if (i->path && root_stat(root, i->path, &st) == 0)
		i->size = (uint64_t)st.st_size;
	if (!i->path && !i->builtin)
		return 0;
	i->error = modinfo_subject_read(root, q->world->catalog, i->name, i->path, NULL, NULL, &i->facts);
	return only_oom(i->error);
}

static int find_file(const struct why_query *q, const struct candidate *c, struct info *i)
{
	_cleanup_free_ char *installed = NULL;
	int r = c->path ? 0 : world_path(q->world, c->name, &installed);
	const char *path = c->path ? c->path : installed;

	if (r < 0)
		return r;
	i->name = arena_str(&i->strings, c->name);
	i->path = path ? arena_str(&i->strings, path) : NULL;
	i->builtin = !path && (c->builtin || catalog_is_builtin(q->world->catalog, c->name));
	i->state = i->builtin ? LIVE_BUILTIN : world_state(q->world, c->name);
	return i->name && (i->path || !path) ? read_file(q, i) : -ENOMEM;
}

/* ---- where it comes from ---- */

static int find_origin(const struct why_query *q, struct info *i)
{
	_cleanup_buf_ struct buf package = BUF_INIT;
	size_t n = strlen(catalog_dir(q->world->catalog));
	int r;

	if (!i->path)
		return 0;
	if (strncmp(i->path, catalog_dir(q->world->catalog), n) == 0 && i->path[n] == '/') {
		i->place = arena_strn(&i->strings, i->path + n + 1, strcspn(i->path + n + 1, "/"));
		if (!i->place)
			return -ENOMEM;
	}
	r = owner_find(&q->sys->root, i->path, &i->strings, &i->owner, &i->package);
	/* DKMS installs beside kernel/, which is the package's. */
	if (r < 0 || i->owner == OWNER_PACKAGE || !i->place || strcmp(i->place, "kernel") == 0)
		return r;
	r = dkms_find(q, i->name, &package);
	if (r > 0)
		i->dkms = arena_str(&i->strings, buf_str(&package));
	return r > 0 && !i->dkms ? -ENOMEM : r;
}

/* ---- devices ---- */

static int find_devices(const struct hardware *h, struct info *i)
{
	i->devices = arena_array(&i->strings, h->n, sizeof(*i->devices));
	if (!i->devices)
		return -ENOMEM;
	i->devices_error = h->error;
	for (size_t k = 0; k < h->n; k++)
		if (hardware_leads_to(&h->items[k], i->name))
			i->devices[i->n_devices++] = &h->items[k];
	return 0;
}

/* ---- what it needs ---- */

static int add_all(struct strv *to, const char *const *words, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (strv_add(to, words[k]) < 0)
			return -ENOMEM;
	return 0;
}

static int find_soft(const struct plan_world *w, struct info *i)
{
	const struct policy_entry *soft = w->policy ? policy_match(w->policy, POLICY_SOFTDEP, i->name) : NULL;
	const struct policy_entry *weak = w->policy ? policy_match(w->policy, POLICY_WEAKDEP, i->name) : NULL;
	int r = soft ? add_all(&i->before, soft->pre, soft->n_pre) : 0;

	if (r >= 0 && soft)
		r = add_all(&i->after, soft->post, soft->n_post);
	return r < 0 || !weak ? r : add_all(&i->weak, weak->pre, weak->n_pre);
}

static int find_needs(const struct why_query *q, struct info *i)
{
	struct plan_modules needs = { 0 };
	int r = i->path ? world_dependencies(q->world, i->name, &needs) : 0;

	for (size_t k = 0; k < needs.n && r >= 0; k++)
		r = strv_add(&i->needs, needs.items[k].name);
	plan_modules_done(&needs);
	if (r >= 0)
		r = find_soft(q->world, i);
	return r < 0 ? r : firmware_read(&q->sys->root, q->release, &i->facts.info, &i->firmware);
}

/* ---- who needs it ---- */

/* "kernel/fs/ext4/ext4.ko: kernel/lib/crc16.ko kernel/fs/jbd2/jbd2.ko" */
static int look_at_line(void *data, const char *key, const char *value, uint32_t priority _unused_)
{
	struct info *i = data;
	const char *at = strchr(value, ':');
	char path[PATH_MAX], name[MODNAME_MAX];

	while (at && *(at += 1 + strspn(at + 1, " "))) {
		size_t n = strcspn(at, " ");

		if (n < sizeof(path)) {
			memcpy(path, at, n);
			path[n] = '\0';
			if (modname_from_path(path, name) == 0 && strcmp(name, i->name) == 0)
				return strv_add(&i->needed_by, key);
		}
		at += n;
		at = *at ? at : NULL;
	}
	return 0;
}

static int find_users(const struct why_query *q, struct info *i)
{
	const struct index_reader *reader = catalog_reader(q->world->catalog, CATALOG_DEP);
	int refcnt, r = reader ? only_oom(index_reader_walk(reader, look_at_line, i)) : 0;

	i->refcnt = -1;
	if (r < 0 || i->state != LIVE_LIVE)
		return r;
	if (live_refcnt_of(&q->sys->root, i->name, &refcnt) == 0)
		i->refcnt = refcnt;
	return only_oom(live_holders_of(&q->sys->root, i->name, &i->users));
}

/* ---- parameters, and the verdict ---- */

static int find_params(const struct why_query *q, struct info *i)
{
	const struct params_query p = {
		.module = i->name,
		.builtin = i->builtin,
		.declared = &i->facts.parameters,
		.live = &i->settings,
		.policy = q->world->policy,
	};
	int r = settings_read(&q->sys->root, i->name, &i->settings);

	return r < 0 ? r : params_explain(&p, &i->params);
}

static int find_verdict(const struct why_query *q, const struct candidate *c, struct info *i)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = why_module(q, c, &i->found);

	if (r >= 0)
		r = outlook_verdict(&i->found, c->name, c->name, &text);
	i->verdict = r < 0 ? NULL : arena_str(&i->strings, buf_str(&text));
	return r < 0 || i->verdict ? r : -ENOMEM;
}

int info_read(const struct why_query *q, const struct candidate *c, const struct hardware *hardware, struct info *ret)
{
	int r;

	*ret = (struct info){ .refcnt = -1 };
	r = find_file(q, c, ret);
	if (r >= 0)
		r = find_origin(q, ret);
	if (r >= 0)
		r = find_devices(hardware, ret);
	if (r >= 0)
		r = find_needs(q, ret);
	if (r >= 0)
		r = find_users(q, ret);
	if (r >= 0)
		r = find_params(q, ret);
	if (r >= 0)
		r = find_verdict(q, c, ret);
	if (r < 0)
		info_done(ret);
	return r < 0 ? r : 0;
}

void info_done(struct info *i)
{
	modinfo_subject_done(&i->facts);
	firmware_done(&i->firmware);
	params_done(&i->params);
	settings_done(&i->settings);
	why_done(&i->found);
	strv_done(&i->needs);
	strv_done(&i->before);
	strv_done(&i->after);
	strv_done(&i->weak);
	strv_done(&i->users);
	strv_done(&i->needed_by);
	arena_done(&i->strings);
	*i = (struct info){ 0 };
}
