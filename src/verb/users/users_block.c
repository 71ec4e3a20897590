// SPDX-License-Identifier: MIT
/* Users that hold a device: file systems, swap, block devices and open nodes. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/oom.h"
#include "verb/users/users_private.h"

/* A mapping itself, and at least one target of its table. */
#define REFERENCES_OF_MAPPING 2
#define MISC_MAJOR 10

static bool mounts_this(const struct users_search *s, const char *type)
{
	char base[NAME_MAX + 1], alias[NAME_MAX + 8];
	size_t n = strcspn(type, "."); /* fuse.sshfs */

	snprintf(base, sizeof(base), "%.*s", (int)(n < NAME_MAX ? n : NAME_MAX), type);
	snprintf(alias, sizeof(alias), "fs-%s", base);
	return users_is_module(s, base) || users_alias_leads_here(s, alias);
}

/* The block device that a path or number stands for; false: none. */
static bool block_behind(const struct users_search *s, const char *path, dev_t known, dev_t *ret)
{
	bool block = false;

	*ret = known;
	if (major(known))
		return true;
	return *path == '/' && s->probe->device(s->q->root, path, &block, ret) == 1 && block;
}

int users_find_mounts(struct users_search *s)
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
			r = users_owns(s, true, device, &nearest);
		if (r > 0)
			r = users_add(s, &x);
	}
	return only_oom(r);
}

int users_find_swap(struct users_search *s)
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
		r = block_behind(s, a->path, device, &device) ? users_owns(s, true, device, &nearest) : 0;
		if (r > 0)
			r = users_add(s, &x);
	}
	return only_oom(r);
}

/* Devices that are set up hold a reference to the module that made them, and to those that their kind needs. */
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

static bool is_target_here(const struct users_search *s, const char *uuid)
{
	for (size_t i = 0; i < ELEMENTSOF(targets); i++)
		if (strncmp(uuid, targets[i].uuid, strlen(targets[i].uuid)) == 0)
			return users_is_module(s, targets[i].module);
	return false;
}

static int find_set_up(struct users_search *s, const struct block_device *b, bool owned)
{
	struct user x = { .kind = USER_BLOCK, .name = b->name, .references = 1 };

	if (b->backing && owned) {
		x.detail = "loop device of";
		x.source = b->backing;
	} else if (b->mapping && (owned || (b->uuid && is_target_here(s, b->uuid)))) {
		x.detail = "device-mapper device";
		x.source = b->mapping;
		x.references = owned && !has_foreign_target(b->uuid) ? REFERENCES_OF_MAPPING : 1;
	} else if (b->level && *b->level && (users_is_module(s, b->level) || owned)) {
		x.detail = "array of level";
		x.source = b->level;
		x.references = users_is_module(s, b->level);
	} else
		return 0;
	return users_add(s, &x);
}

static int find_stacked(struct users_search *s, const struct block_device *b)
{
	for (size_t i = 0; i < b->holders.n; i++) {
		const struct user x = {
			.kind = USER_BLOCK,
			.name = b->holders.items[i],
			.detail = "built on",
			.source = b->name,
			.references = 1,
		};

		if (users_add(s, &x) < 0)
			return -ENOMEM;
	}
	return 0;
}

int users_find_blocks(struct users_search *s)
{
	for (size_t i = 0; i < s->blocks.n; i++) {
		const struct block_device *b = &s->blocks.items[i];
		bool nearest = false;
		int r = users_owns(s, true, b->number, &nearest);

		if (r < 0 || find_set_up(s, b, r > 0 && nearest) < 0 || (r > 0 && find_stacked(s, b) < 0))
			return -ENOMEM;
	}
	return 0;
}

/*
 * Opening a character device takes a reference for its number and one for its operations; a misc device's number
 * belongs to the kernel itself, and a block device has only one. A descriptor of tun is also a socket.
 */
static uint32_t references_of_node(const struct users_search *s, const struct open_file *f, bool nearest)
{
	const bool single = f->kind == OPEN_BLOCK || (major(f->device) == MISC_MAJOR && !users_is_module(s, "tun"));

	if (!nearest)
		return 0;
	return single ? f->count : 2 * f->count;
}

int users_find_nodes(struct users_search *s)
{
	for (size_t i = 0; i < s->files.n; i++) {
		const struct open_file *f = &s->files.items[i];
		bool nearest = false;
		int r = f->kind == OPEN_SOCKET ? 0 : users_owns(s, f->kind == OPEN_BLOCK, f->device, &nearest);
		const struct user x = {
			.kind = USER_NODE,
			.name = f->name,
			.process = f->process,
			.pid = f->pid,
			.count = f->count,
			.references = references_of_node(s, f, nearest),
		};

		if (r < 0 || (r > 0 && users_add(s, &x) < 0))
			return -ENOMEM;
	}
	return 0;
}
