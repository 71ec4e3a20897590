/* SPDX-License-Identifier: MIT */
#pragma once

/* Distinguishes one state of a file from another without reading it. */

#include <stdint.h>
#include <sys/stat.h>

struct filekey {
	uint64_t dev, ino, size;
	int64_t mtime, ctime; /* seconds */
	uint32_t mtime_ns, ctime_ns;
};

static inline struct filekey filekey_of(const struct stat *st)
{
	return (struct filekey){
		.dev = st->st_dev,
		.ino = st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime = st->st_mtim.tv_sec,
		.ctime = st->st_ctim.tv_sec,
		.mtime_ns = (uint32_t)st->st_mtim.tv_nsec,
		.ctime_ns = (uint32_t)st->st_ctim.tv_nsec,
	};
}

static inline struct timespec filekey_mtime(const struct filekey *k)
{
	return (struct timespec){ k->mtime, k->mtime_ns };
}

static inline struct timespec filekey_ctime(const struct filekey *k)
{
	return (struct timespec){ k->ctime, k->ctime_ns };
}
