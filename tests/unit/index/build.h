/* SPDX-License-Identifier: MIT */
#pragma once

/* Index bytes from a table of entries, for the tests of this room. */

#include "../unit.h"

#include "read/index/reader.h"
#include "read/index/writer.h"

struct build_entry {
	const char *key, *value;
	uint32_t priority;
};

static inline _unused_ struct buf build_index(const struct build_entry *e, size_t n)
{
	struct index_writer *w = index_writer_new();
	struct buf b = BUF_INIT;

	assert_non_null(w);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(index_writer_add(w, e[i].key, e[i].value, e[i].priority), 0);
	assert_int_equal(index_writer_finish(w, &b), 0);
	index_writer_free(w);
	return b;
}

static inline _unused_ struct index_reader build_open(const struct buf *b)
{
	struct index_reader r;

	assert_int_equal(index_reader_open_span(buf_span(b), "test", NULL, &r), 0);
	return r;
}

#define BUILD(...)                                               \
	build_index((const struct build_entry[]){ __VA_ARGS__ }, \
		    sizeof((const struct build_entry[]){ __VA_ARGS__ }) / sizeof(struct build_entry))
