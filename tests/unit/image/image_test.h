/* SPDX-License-Identifier: MIT */
#pragma once

/* A module made from a recipe, opened in memory. */

#include "../unit.h"
#include "read/image/elf.h"
#include "mkko.h"

struct image_test {
	struct buf file;
	struct source *src;
	struct elf elf;
};

static inline _unused_ void image_test_open(struct image_test *t, const char *recipe)
{
	*t = (struct image_test){ 0 };
	assert_int_equal(mkko_build(recipe, &t->file), 0);
	assert_int_equal(source_open_span(buf_span(&t->file), "test.ko", NULL, &t->src), 0);
	assert_int_equal(elf_open(t->src, &t->elf), 0);
}

static inline _unused_ void image_test_done(struct image_test *t)
{
	elf_done(&t->elf);
	source_close(t->src);
	buf_done(&t->file);
}

/* The result of elf_open() on a recipe that is meant to be wrong. */
static inline _unused_ int image_test_error(const char *recipe)
{
	struct image_test t = { 0 };
	int r;

	assert_int_equal(mkko_build(recipe, &t.file), 0);
	assert_int_equal(source_open_span(buf_span(&t.file), "test.ko", NULL, &t.src), 0);
	r = elf_open(t.src, &t.elf);
	image_test_done(&t);
	return r;
}

static const char *const image_test_kinds[] _unused_ = {
	"class 32\norder little\n",
	"class 32\norder big\n",
	"class 64\norder little\n",
	"class 64\norder big\n",
};
