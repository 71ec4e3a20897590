/* SPDX-License-Identifier: MIT */
#pragma once

/* A module tree below a scratch directory, and a place where messages are kept. */

#include "../unit.h"

#include "base/buf.h"
#include "base/diag.h"
#include "base/fileio.h"
#include "mkko.h"

#define MODULES "/lib/modules/5.0.0"

struct fixture {
	char *dir;
	struct root root;
	struct buf messages; /* "LEVEL code: text\n" each */
	struct diag diag;
};

static inline void fixture_keep(void *data, const struct diag_msg *m)
{
	buf_addf(data, "%d %s: %s\n", m->level, m->code, m->text);
}

static inline _unused_ int fixture_set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->dir = unit_mkdtemp();
	f->root.prefix = f->dir;
	f->diag = (struct diag){ fixture_keep, &f->messages, LOG_DEBUG };
	*state = f;
	return 0;
}

static inline _unused_ int fixture_tear_down(void **state)
{
	struct fixture *f = *state;

	unit_rmdir(f->dir);
	buf_done(&f->messages);
	free(f);
	return 0;
}

static inline _unused_ void fixture_write(const struct fixture *f, const char *name, const void *p, size_t n)
{
	_cleanup_buf_ struct buf whole = BUF_INIT;

	assert_int_equal(buf_addf(&whole, "%s/%s", &MODULES[1], name), 0);
	unit_write(f->dir, buf_str(&whole), p, n);
}

static inline _unused_ void fixture_module(struct fixture *f, const char *path, const char *recipe)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(mkko_build(recipe, &b), 0);
	fixture_write(f, path, b.p, b.n);
}

static inline _unused_ void fixture_text(struct fixture *f, const char *name, const char *text)
{
	fixture_write(f, name, text, strlen(text));
}

/* The real path, in memory that the next call uses again. */
static inline _unused_ const char *fixture_path(const struct fixture *f, const char *name)
{
	static char whole[2048];

	snprintf(whole, sizeof(whole), "%s%s/%s", f->dir, MODULES, name);
	return whole;
}

static inline _unused_ void assert_message(const struct fixture *f, const char *part)
{
	if (!strstr(buf_str(&f->messages), part))
		fail_msg("no \"%s\" in:\n%s", part, buf_str(&f->messages));
}

static inline _unused_ void assert_no_message(const struct fixture *f)
{
	assert_string_equal(buf_str(&f->messages), "");
}

#define FIXTURE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
