// SPDX-License-Identifier: MIT
#include "verb/users/users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/modname.h"
#include "base/vec.h"
#include "read/kernel/devices.h"
#include "read/kernel/live.h"
#include "read/kernel/mounts.h"
#include "read/kernel/proctables.h"
#include "decide/plan/resolve.h"

/* The owner of a socket's operations and that of its protocol are counted each. */
#define REFERENCES_OF_SOCKET 2
/* A mapping itself, and at least one target of its table. */
#define REFERENCES_OF_MAPPING 2
#define MISC_MAJOR 10

/* What was read once for all questions, and the answers so far. */
struct search {
	const struct users_query *q;
	const struct open_probe *probe;
	struct block_devices blocks;
	struct open_files files;
	struct device_majors majors;
	struct owned {          /* device numbers already judged */
		dev_t number;
		bool block, owned, nearest;
	} *seen;
	size_t n_seen, cap_seen;
	struct users *found;
};

static int add(struct search *s, const struct user *x)
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

/* ---- which module stands behind a name or a number ---- */

static bool is_module(const struct search *s, const char *name)
{
	return strcmp(s->q->module, name) == 0;
}

static bool alias_leads_here(const struct search *s, const char *alias)
{
	const struct plan_world world = { .catalog = s->q->catalog };
	_cleanup_candidates_ struct candidates found = { 0 };

	if (!s->q->catalog || resolve(&world, alias, &found) < 0)
		return false;
	for (size_t i = 0; i < found.n; i++)
		if (is_module(s, found.items[i].name))
			return true;
	return false;
}

/* Nodes whose numbers neither an alias nor a driver link leads to their module: by the beginning of their name. */
static const struct {
	const char *node, *module;
} nodes[] = {
	{ "device-mapper", "dm_mod" }, /* of /proc/devices */
	{ "ramdisk", "brd" },
	{ "input/event", "evdev" },
	{ "input/js", "joydev" },
	{ "input/mouse", "mousedev" },
	{ "input/mice", "mousedev" },
	{ "kvm", "kvm_intel" }, /* the vendor's module owns the common node */
	{ "kvm", "kvm_amd" },
};

static bool node_name_leads_here(const struct search *s, const char *node)
{
	char name[MODNAME_MAX];

	for (size_t i = 0; i < ELEMENTSOF(nodes); i++)
		if (is_module(s, nodes[i].module) && strncmp(node, nodes[i].node, strlen(nodes[i].node)) == 0)
			return true;
	return modname_normalize(node, name) == 0 && is_module(s, name);
}

static bool number_leads_here(const struct search *s, bool block, dev_t number)
{
	const struct device_majors *m = &s->majors;
	char alias[64];

	snprintf(alias, sizeof(alias), "%s-major-%u-%u", block ? "block" : "char", major(number), minor(number));
	if (alias_leads_here(s, alias))
		return true;
	for (size_t i = 0; i < m->n; i++)
		if (m->items[i].major == major(number) && m->items[i].block == block &&
		    node_name_leads_here(s, m->items[i].name))
			return true;
	return false;
}

/* *ret_nearest: the device is the module's own, not one further up the bus. */
static int judge_device(const struct search *s, bool block, dev_t number, bool *ret_owned, bool *ret_nearest)
{
	_cleanup_strv_ struct strv modules = { 0 };
	char dir[PATH_MAX], name[NAME_MAX + 1];

	*ret_owned = *ret_nearest = number_leads_here(s, block, number);
	if (*ret_owned || device_of_number(s->q->root, block, number, dir) < 0)
		return 0;
	if (device_uevent(s->q->root, dir, "DEVNAME", name, sizeof(name)) == 0 && node_name_leads_here(s, name)) {
		*ret_owned = *ret_nearest = true;
		return 0;
	}
	if (device_modules(s->q->root, dir, &modules) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < modules.n && !*ret_owned; i++) {
		*ret_owned = is_module(s, modules.items[i]);
		*ret_nearest = *ret_owned && i == 0;
	}
	return 0;
}

/* 1: the module drives this device, or one that it hangs on; 0; -ENOMEM. */
static int owns(struct search *s, bool block, dev_t number, bool *ret_nearest)
{
	struct owned x = { .number = number, .block = block };

	for (size_t i = 0; i < s->n_seen; i++)
		if (s->seen[i].number == number && s->seen[i].block == block) {
			*ret_nearest = s->seen[i].nearest;
			return s->seen[i].owned;
		}
	if (judge_device(s, block, number, &x.owned, &x.nearest) < 0 || vec_room(&s->seen, s->n_seen, &s->cap_seen) < 0)
		return -ENOMEM;
	s->seen[s->n_seen++] = x;
	*ret_nearest = x.nearest;
	return x.owned;
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
static int find_holders(struct search *s, const struct live *live, const struct live_module *m)
{
	for (size_t next = 0; m; next++) {
		const bool direct = is_module(s, m->name);

		for (size_t i = 0; i < m->n_users; i++) {
			const struct user x = {
				.kind = USER_HOLDER,
				.name = m->users[i],
				.source = m->name,
				.references = direct,
			};

			if (!has_holder(s->found, x.name) && add(s, &x) < 0)
				return -ENOMEM;
		}
		m = next < s->found->n ? live_find(live, s->found->items[next].name) : NULL;
	}
	return 0;
}

static bool mounts_this(const struct search *s, const char *type)
{
	char base[NAME_MAX + 1], alias[NAME_MAX + 8];
	size_t n = strcspn(type, "."); /* fuse.sshfs */

	snprintf(base, sizeof(base), "%.*s", (int)(n < NAME_MAX ? n : NAME_MAX), type);
	snprintf(alias, sizeof(alias), "fs-%s", base);
	return is_module(s, base) || alias_leads_here(s, alias);
}

/* The block device that a path or number stands for; false: none. */
static bool block_behind(const struct search *s, const char *path, dev_t known, dev_t *ret)
{
	bool block = false;

	*ret = known;
	if (major(known))
		return true;
	return *path == '/' && s->probe->device(s->q->root, path, &block, ret) == 1 && block;
}

static int find_mounts(struct search *s)
{
	_cleanup_mounts_ struct mounts all = { 0 };
	int r = mounts_read(s->q->root, &all);

	for (size_t i = 0; i < all.n && r != -ENOMEM; i++) {
		const struct mount *m = &all.items[i];
		bool nearest = false;
		dev_t device;
		struct user x = {
			.kind = USER_MOUNT,
			.name = m->target,
			.detail = m->type,
			.source = m->source,
			.pid = m->pid,
			.references = 1,
		};

		r = mounts_this(s, m->type);
		if (!r && block_behind(s, m->source, m->device, &device))
			r = owns(s, true, device, &nearest);
		if (r > 0)
			r = add(s, &x);
	}
	return r == -ENOMEM ? r : 0;
}

static int find_swap(struct search *s)
{
	_cleanup_swap_areas_ struct swap_areas all = { 0 };
	struct stat st;
	int r = swap_areas_read(s->q->root, &all);

	for (size_t i = 0; i < all.n && r != -ENOMEM; i++) {
		const struct swap_area *a = &all.items[i];
		const struct user x = {
			.kind = USER_SWAP,
			.name = a->path,
			.detail = a->is_file ? "file" : NULL,
			.references = !a->is_file,
		};
		bool nearest;
		dev_t device = 0;

		if (a->is_file && root_stat(s->q->root, a->path, &st) == 0)
			device = st.st_dev;
		r = block_behind(s, a->path, device, &device) ? owns(s, true, device, &nearest) : 0;
		if (r > 0)
			r = add(s, &x);
	}
	return r == -ENOMEM ? r : 0;
}

/* Devices that are set up hold a reference to the module that made them, and to what their kind needs. */
static const struct {
	const char *uuid, *module;
} targets[] = {
	{ "CRYPT-VERITY-", "dm_verity" },
	{ "CRYPT-INTEGRITY-", "dm_integrity" },
	{ "CRYPT-", "dm_crypt" },
	{ "mpath-", "dm_multipath" },
};

/* Its table consists of targets that are not the mapper's own. */
static bool has_foreign_target(const char *uuid)
{
	for (size_t i = 0; uuid && i < ELEMENTSOF(targets); i++)
		if (strncmp(uuid, targets[i].uuid, strlen(targets[i].uuid)) == 0)
			return true;
	return false;
}

static bool is_target_here(const struct search *s, const char *uuid)
{
	for (size_t i = 0; i < ELEMENTSOF(targets); i++)
		if (strncmp(uuid, targets[i].uuid, strlen(targets[i].uuid)) == 0)
			return is_module(s, targets[i].module);
	return false;
}

static int find_set_up(struct search *s, const struct block_device *b, bool owned)
{
	struct user x = { .kind = USER_BLOCK, .name = b->name, .references = 1 };

	if (b->backing && owned) {
		x.detail = "loop device of";
		x.source = b->backing;
	} else if (b->mapping && (owned || (b->uuid && is_target_here(s, b->uuid)))) {
		x.detail = "device-mapper device";
		x.source = b->mapping;
		x.references = owned && !has_foreign_target(b->uuid) ? REFERENCES_OF_MAPPING : 1;
	} else if (b->level && *b->level && (is_module(s, b->level) || owned)) {
		x.detail = "array of level";
		x.source = b->level;
		x.references = is_module(s, b->level);
	} else
		return 0;
	return add(s, &x);
}

static int find_stacked(struct search *s, const struct block_device *b)
{
	for (size_t i = 0; i < b->holders.n; i++) {
		const struct user x = {
			.kind = USER_BLOCK,
			.name = b->holders.items[i],
			.detail = "stands on",
			.source = b->name,
			.references = 1,
		};

		if (add(s, &x) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int find_blocks(struct search *s)
{
	for (size_t i = 0; i < s->blocks.n; i++) {
		const struct block_device *b = &s->blocks.items[i];
		bool nearest = false;
		int r = owns(s, true, b->number, &nearest);

		if (r < 0 || find_set_up(s, b, r > 0 && nearest) < 0 || (r > 0 && find_stacked(s, b) < 0))
			return -ENOMEM;
	}
	return 0;
}

/*
 * Opening a character device takes a reference for its number and one for its operations; a misc device's number belongs
 * to the kernel itself, and a block device has only one. A descriptor of tun is also a socket.
 */
static uint32_t references_of_node(const struct search *s, const struct open_file *f, bool nearest)
{
	const bool single = f->kind == OPEN_BLOCK || (major(f->device) == MISC_MAJOR && !is_module(s, "tun"));

	if (!nearest)
		return 0;
	return single ? f->count : 2 * f->count;
}

static int find_nodes(struct search *s)
{
	for (size_t i = 0; i < s->files.n; i++) {
		const struct open_file *f = &s->files.items[i];
		bool nearest = false;
		int r = f->kind == OPEN_SOCKET ? 0 : owns(s, f->kind == OPEN_BLOCK, f->device, &nearest);
		const struct user x = {
			.kind = USER_NODE,
			.name = f->name,
			.process = f->process,
			.pid = f->pid,
			.count = f->count,
			.references = references_of_node(s, f, nearest),
		};

		if (r < 0 || (r > 0 && add(s, &x) < 0))
			return -ENOMEM;
	}
	return 0;
}

/* Sockets of one protocol: those of processes, then the rest of the count. */
static int find_protocol(struct search *s, const struct socket_protocol *p)
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
		if (add(s, &x) < 0)
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
	return add(s, &x);
}

static int find_sockets(struct search *s)
{
	_cleanup_socket_protocols_ struct socket_protocols all = { 0 };
	int r = socket_protocols_read(s->q->root, &all);

	for (size_t i = 0; i < all.n && r != -ENOMEM; i++)
		r = is_module(s, all.items[i].module) ? find_protocol(s, &all.items[i]) : 0;
	return r == -ENOMEM ? r : 0;
}

static int find_ciphers(struct search *s)
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

		r = is_module(s, a->module) && a->refcnt > 1 ? add(s, &x) : 0;
	}
	return r == -ENOMEM ? r : 0;
}

static int find_devices(struct search *s)
{
	_cleanup_bound_devices_ struct bound_devices all = { 0 };
	int r = bound_devices_read(s->q->root, s->q->module, &all);

	for (size_t i = 0; i < all.n && r >= 0; i++) {
		const struct bound_device *d = &all.items[i];
		const struct user x = { .kind = USER_DEVICE, .name = d->name, .detail = d->bus, .source = d->driver };

		r = add(s, &x);
	}
	return r;
}

static bool drives_interface(const struct search *s, const struct interface *i)
{
	char alias[NAME_MAX + 16];

	for (size_t k = 0; k < i->modules.n; k++)
		if (is_module(s, i->modules.items[k]))
			return true;
	if (!i->kind || i->modules.n)
		return false;
	snprintf(alias, sizeof(alias), "rtnl-link-%s", i->kind);
	return is_module(s, i->kind) || alias_leads_here(s, alias);
}

static int find_interfaces(struct search *s)
{
	_cleanup_interfaces_ struct interfaces all = { 0 };
	int r = interfaces_read(s->q->root, &all);

	for (size_t i = 0; i < all.n && r != -ENOMEM; i++) {
		const struct interface *k = &all.items[i];
		const struct user x = { .kind = USER_INTERFACE, .name = k->name, .detail = k->kind, .up = k->up };

		r = drives_interface(s, k) ? add(s, &x) : 0;
	}
	return r == -ENOMEM ? r : 0;
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

static int search(struct search *s, const struct live *live, const struct live_module *m)
{
	static int (*const finders[])(struct search *) = {
		find_mounts, find_swap, find_blocks, find_nodes, find_sockets, find_ciphers, find_devices, find_interfaces,
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
	struct search s = { .q = q, .probe = q->probe ? q->probe : &open_probe_real, .found = &found };
	const struct live_module *m;
	int r = live_read(q->root, q->diag, &live);

	if (r < 0)
		return r;
	m = live_find(live, q->module);
	if (!m)
		return -ENOENT;
	/* Each of them may be withheld; then there is nothing to be seen of that kind. */
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

void users_done(struct users *u)
{
	free(u->items);
	arena_done(&u->strings);
	*u = (struct users){ 0 };
}
