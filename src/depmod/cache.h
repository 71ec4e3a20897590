/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Facts of modules that were read before (docs/formats/depmod-cache.md). Never trusted over the file: an entry
 * counts only while path, device, inode, size, mtime and ctime are those of the file now. A cache file that is
 * missing, damaged, of another version, or that somebody else could have written, is as good as none.
 */

#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "depmod/record.h"
#include "depmod/scan.h"

struct cache_key {
	uint64_t dev, ino, size;
	int64_t mtime, ctime; /* seconds */
	uint32_t mtime_ns, ctime_ns;
};

struct cache {
	struct mapping map;
	struct span bytes; /* = map.bytes, or foreign memory */
	uint32_t n;        /* entries */
};

struct cache_key cache_key_of(const struct stat *st);

/* 0, or -errno of opening; -EPERM: writable by others or owned by somebody else; -EBADMSG: damaged or another version. */
int cache_open(const struct root *root, const char *path, struct cache *ret);
int cache_open_span(struct span bytes, struct cache *ret);
void cache_close(struct cache *c);
/* true: the facts of the file with this path and key, borrowed until the cache is closed. A closed cache knows nothing. */
bool cache_find(const struct cache *c, const char *path, const struct cache_key *key, struct record *ret);

/*
 * Appends the file's bytes. keys: per module; a zero ino leaves the module out. -EFBIG: more than 4 GiB.
 */
int cache_write(const struct module *modules, size_t n, const struct cache_key *keys, struct buf *into);
/* Recomputes the checksum of a file's bytes, in place: for tests that damage what lies behind it. */
void cache_seal(char *bytes, size_t n);
