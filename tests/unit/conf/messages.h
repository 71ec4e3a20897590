/* SPDX-License-Identifier: MIT */
#pragma once

/* A scratch root and the messages that were reported, one per line, for the tests of this room. */

#include "../unit.h"

#include "base/buf.h"
#include "base/diag.h"
#include "base/root.h"

struct fixture {
	char *dir;
	struct root root;
	struct buf messages;
	struct diag diag;
};

static inline void fixture_collect(void *data, const struct diag_msg *msg)
{
	buf_addf(data, "%s\n", msg->text);
}

static inline _unused_ int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	f->root = (struct root){ .prefix = f->dir };
	f->diag = (struct diag){ fixture_collect, &f->messages, LOG_INFO };
	*state = f;
	return 0;
}

static inline _unused_ int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	unit_rmdir(f->dir);
	buf_done(&f->messages);
	free(f);
	return 0;
}

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
