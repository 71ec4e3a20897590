/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Facts of modules that were read before (docs/formats/depmod-cache.md). The file always prevails: an entry counts
 * only while path, device, inode, size, mtime and ctime match those of the file. A cache file that is missing,
 * damaged, of another version, or that someone else could have written, is ignored.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "act/depmod/filekey.h"
#include "act/depmod/record.h"
#include "act/depmod/scan.h"
#include "act/depmod/stamp.h"

struct cache {
	struct mapping map;
	struct span bytes; /* = map.bytes, or foreign memory */
	uint32_t n;        /* entries */
	bool has_stamp;
	struct stamp stamp; /* of exactly the modules that have entries */
};

/*
 * 0, or -errno of opening; -EPERM: writable by others or owned by someone else; -EBADMSG: damaged or another version.
 * Looks at everything but the facts: for these see cache_check_facts().
 */
int cache_open(const struct root *root, const char *path, struct cache *ret);
int cache_open_span(struct span bytes, struct cache *ret);
/* -EBADMSG: the facts are damaged. Must be called once before cache_facts(). */
int cache_check_facts(const struct cache *c);
void cache_close(struct cache *c);

/*
 * true: *ret is the place of the entry with this path and key. A closed cache has no entries. hint: a place where it
 * may be; any number is allowed.
 */
bool cache_find(const struct cache *c, const char *path, const struct filekey *key, uint32_t hint, uint32_t *ret);
/*
 * The facts of the entry at that place; the strings are borrowed until the cache is closed, the rest is in the arena.
 * false: the entry is invalid, or there is no memory.
 */
bool cache_facts(const struct cache *c, uint32_t place, struct arena *arena, struct record *ret);

/* Appends the file's bytes: the modules that are `storable`. stamp: of these, or NULL. -EFBIG: more than 4 GiB. */
int cache_write(const struct module *modules, size_t n, const struct stamp *stamp, struct buf *into);
/* Writes that to the file at path, whose directory is made if needed. 0 or -errno, not reported. */
int cache_replace(const struct root *root, const char *path, const struct module *modules, size_t n,
		  const struct stamp *stamp);
/* Recomputes the checksums of a cache that was modified after cache_write(): for tests. */
void cache_seal(char *bytes, size_t n);
