// SPDX-License-Identifier: MIT
#include "verb/users/users_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/modname.h"
#include "base/oom.h"
#include "base/vec.h"
#include "read/kernel/devices.h"
#include "read/kernel/live.h"
#include "read/kernel/mounts.h"
#include "read/kernel/proctables.h"
#include "decide/plan/resolve.h"

/* The owner of a socket's operations and the owner of its protocol are counted separately. */
#define REFERENCES_OF_SOCKET 2

int users_add(struct users_search *s, const struct user *x)
{
	struct users *u = s->found;
	struct user copy = *x;
	const char **const texts[] = { &copy.name, &copy.detail, &copy.source, &copy.process };

	for (size_t i = 0; i < ELEMENTSOF(texts); i++)
		if (*texts[i] && !(*texts[i] = arena_str(&u->strings, *texts[i])))
			return -ENOMEM;
	copy.count = x->count ? x->count : 1;
	if (vec_room(&u->items, u->n, &u->cap) < 0)
		return -ENOMEM;
	u->items[u->n++] = copy;
	return 0;
}

/* ---- the kinds of users ---- */

static bool has_holder(const struct users *u, const char *name)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->items[i].kind == USER_HOLDER && strcmp(u->items[i].name, name) == 0)
			return true;
	return false;
}

/* Users of the module, then users of these: found[] is the queue. */
static int find_holders(struct users_search *s, const struct live *live, const struct live_module *m)
{
	for (size_t next = 0; m; next++) {
		const bool direct = users_is_module(s, m->name);

		for (size_t i = 0; i < m->n_users; i++) {
			const struct user x = {
				.kind = USER_HOLDER,
				.name = m->users[i],
				.source = m->name,
				.references = direct,
			};

			if (!has_holder(s->found, x.name) && users_add(s, &x) < 0)
				return -ENOMEM;
		}
		m = next < s->found->n ? live_find(live, s->found->items[next].name) : NULL;
	}
	return 0;
}

/* Sockets of one protocol: those of processes, then the rest of the count. */
static int find_protocol(struct users_search *s, const struct socket_protocol *p)
{
	uint32_t rest = p->sockets;
	struct user x = { .kind = USER_SOCKET, .name = p->name };

	for (size_t i = 0; i < s->files.n; i++) {
		const struct open_file *f = &s->files.items[i];

		if (f->kind != OPEN_SOCKET || strcmp(f->name, p->name) != 0)
			continue;
		x.process = f->process;
		x.pid = f->pid;
		x.count = f->count;
		x.references = REFERENCES_OF_SOCKET * f->count;
		rest -= rest < f->count ? rest : f->count;
		if (users_add(s, &x) < 0)
			return -ENOMEM;
	}
	if (!rest)
		return 0;
	x = (struct user){
		.kind = USER_SOCKET,
		.name = p->name,
		.count = rest,
		.references = REFERENCES_OF_SOCKET * rest,
	};
	return users_add(s, &x);
}

static int find_sockets(struct users_search *s)
{
	_cleanup_socket_protocols_ struct socket_protocols all = { 0 };
	int r = socket_protocols_read(s->q->root, &all);

	for (size_t i = 0; i < all.n && r != -ENOMEM; i++)
		r = users_is_module(s, all.items[i].module) ? find_protocol(s, &all.items[i]) : 0;
	return only_oom(r);
}

static int find_ciphers(struct users_search *s)
{
	_cleanup_crypto_algs_ struct crypto_algs all = { 0 };
	int r = crypto_algs_read(s->q->root, &all);

	for (size_t i = 0; i < all.n && r != -ENOMEM; i++) {
		const struct crypto_alg *a = &all.items[i];
		const struct user x = {
			.kind = USER_CRYPTO,
			.name = a->name,
			.detail = a->driver,
			.count = a->refcnt - 1,
			.references = a->refcnt - 1,
		};

		r = users_is_module(s, a->module) && a->refcnt > 1 ? users_add(s, &x) : 0;
	}
	return only_oom(r);
}

static int find_devices(struct users_search *s)
{
	_cleanup_bound_devices_ struct bound_devices all = { 0 };
	int r = bound_devices_read(s->q->root, s->q->module, &all);

	for (size_t i = 0; i < all.n && r >= 0; i++) {
		const struct bound_device *d = &all.items[i];
		const struct user x = { .kind = USER_DEVICE, .name = d->name, .detail = d->bus, .source = d->driver };

		r = users_add(s, &x);
	}
	return r;
}

static bool drives_interface(const struct users_search *s, const struct interface *i)
{
	char alias[NAME_MAX + 16];

	for (size_t k = 0; k < i->modules.n; k++)
		if (users_is_module(s, i->modules.items[k]))
			return true;
	if (!i->kind || i->modules.n)
		return false;
	snprintf(alias, sizeof(alias), "rtnl-link-%s", i->kind);
	return users_is_module(s, i->kind) || users_alias_leads_here(s, alias);
}

static int find_interfaces(struct users_search *s)
{
	_cleanup_interfaces_ struct interfaces all = { 0 };
	int r = interfaces_read(s->q->root, &all);

	for (size_t i = 0; i < all.n && r != -ENOMEM; i++) {
		const struct interface *k = &all.items[i];
		const struct user x = { .kind = USER_INTERFACE, .name = k->name, .detail = k->kind, .up = k->up };

		r = drives_interface(s, k) ? users_add(s, &x) : 0;
	}
	return only_oom(r);
}

/* ---- all of them ---- */

/* Stable: qsort(3) need not be, so each kind is collected in turn. */
static int sort_by_kind(struct users *u)
{
	struct user *sorted = malloc((u->n + 1) * sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return -ENOMEM;
	for (int kind = 0; kind < USER_KINDS; kind++)
		for (size_t i = 0; i < u->n; i++)
			if ((int)u->items[i].kind == kind)
				sorted[n++] = u->items[i];
	free(u->items);
	u->items = sorted;
	u->cap = u->n + 1;
	return 0;
}

static void count_references(struct users *u, const struct live_module *m)
{
	uint64_t known = 0;

	u->refcnt = m->has_refcnt ? m->refcnt : -1;
	u->permanent = m->permanent;
	for (size_t i = 0; i < u->n; i++)
		known += u->items[i].references;
	if (u->refcnt > 0) {
		u->explained = (uint32_t)(known < (uint64_t)u->refcnt ? known : (uint64_t)u->refcnt);
		u->unexplained = (uint32_t)((uint64_t)u->refcnt - u->explained);
	}
}

static int search(struct users_search *s, const struct live *live, const struct live_module *m)
{
	static int (*const finders[])(struct users_search *) = {
		users_find_mounts, users_find_swap, users_find_blocks, users_find_nodes,
		find_sockets,      find_ciphers,    find_devices,      find_interfaces,
	};
	int r = find_holders(s, live, m);

	for (size_t i = 0; i < ELEMENTSOF(finders) && r >= 0; i++)
		r = finders[i](s);
	return r < 0 ? r : sort_by_kind(s->found);
}

int users_read(const struct users_query *q, struct users *ret)
{
	_cleanup_(live_free_p) struct live *live = NULL;
	_cleanup_users_ struct users found = { 0 };
	struct users_search s = { .q = q, .probe = q->probe ? q->probe : &open_probe_real, .found = &found };
	const struct live_module *m;
	int r = live_read(q->root, q->diag, &live);

	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	m = live_find(live, q->module);
	if (!m)
		return -ENOENT;
	/* Any of them may be unreadable; then no users of that kind are found. */
	block_devices_read(q->root, &s.blocks);
	open_files_read(q->root, s.probe, &s.files);
	device_majors_read(q->root, &s.majors);
	r = search(&s, live, m);
	if (r >= 0) {
		count_references(&found, m);
		found.complete = s.files.complete;
		*ret = found;
		found = (struct users){ 0 };
	}
	block_devices_done(&s.blocks);
	open_files_done(&s.files);
	device_majors_done(&s.majors);
	free(s.seen);
	return r;
}

const char *users_strerror(int error)
{
	return error == -EOPNOTSUPP ? "there is no /proc/modules" : strerror(-error);
}

void users_done(struct users *u)
{
	free(u->items);
	arena_done(&u->strings);
	*u = (struct users){ 0 };
}
