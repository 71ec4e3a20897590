/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The kernel 5.0.0 with the modules core, leaf (which needs core) and other, and with `unix` built in. A second one,
 * 6.0.0, has no other. Nothing is loaded, and the kernel is a fake one.
 */

#include "../unit.h"

#include "base/fileio.h"
#include "lib/fake_kernel.h"
#include "mkko.h"
#include "read/index/writer.h"
#include "system/sys.h"

#define FIXTURE_DIR "lib/modules/5.0.0/"

struct fixture {
	char *dir;
	struct fake_kernel fake;
	struct sys sys;
	struct buf messages; /* codes, each with a blank behind it */
};

static inline void fixture_collect(void *data, const struct diag_msg *msg)
{
	struct fixture *f = data;

	buf_addf(&f->messages, "%s ", msg->code);
}

/* An index: pairs of key and value, ended by NULL. */
static inline void fixture_index(const struct fixture *f, const char *path, const char *const *pairs)
{
	struct index_writer *w = index_writer_new();
	_cleanup_buf_ struct buf bytes = BUF_INIT;

	assert_non_null(w);
	for (unsigned i = 0; pairs[i]; i += 2)
		assert_int_equal(index_writer_add(w, pairs[i], pairs[i + 1], i), 0);
	assert_int_equal(index_writer_finish(w, &bytes), 0);
	unit_write(f->dir, path, bytes.p, bytes.n);
	index_writer_free(w);
}

static inline void fixture_module(const struct fixture *f, const char *path, const char *recipe)
{
	_cleanup_buf_ struct buf ko = BUF_INIT;

	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(f->dir, path, ko.p, ko.n);
}

/* A file with a hole for its content: larger than what is read of any list or configuration. */
static inline _unused_ void fixture_huge(const struct fixture *f, const char *name)
{
	char path[4096];

	unit_puts(f->dir, name, "");
	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	assert_int_equal(truncate(path, (1L << 30) + 1), 0);
}

static inline int fixture_setup(void **state)
{
	static const char *const deps[] = { "core",  "kernel/core.ko:",  "leaf", "kernel/leaf.ko: kernel/core.ko",
					    "other", "kernel/other.ko:", NULL };
	static const char *const fewer[] = { "core", "kernel/core.ko:", NULL };
	static const char *const builtin[] = { "unix", "", NULL };
	static const char *const aliases[] = { "net_pf_9*", "core", "net_pf_9*", "other", NULL };
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = unit_mkdtemp();
	unit_puts(f->dir, "proc/sys/kernel/osrelease", "5.0.0\n");
	fixture_index(f, FIXTURE_DIR "modules.dep.bin", deps);
	fixture_index(f, FIXTURE_DIR "modules.builtin.bin", builtin);
	fixture_index(f, FIXTURE_DIR "modules.alias.bin", aliases);
	fixture_index(f, "lib/modules/6.0.0/modules.dep.bin", fewer);
	fixture_index(f, "lib/modules/6.0.0/modules.builtin.bin", builtin);
	fixture_module(f, FIXTURE_DIR "kernel/core.ko", "info name=core\ninfo depends=\n");
	fixture_module(f, FIXTURE_DIR "kernel/leaf.ko", "info name=leaf\ninfo depends=core\n");
	fixture_module(f, FIXTURE_DIR "kernel/other.ko", "info name=other\ninfo depends=\n");
	assert_int_equal(fake_kernel_init(&f->fake, f->dir), 0);
	f->sys = (struct sys){
		.root = { .prefix = f->dir },
		.kernel = &f->fake.kernel,
		.diag = { fixture_collect, f, LOG_WARNING },
	};
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	fake_kernel_done(&f->fake);
	buf_done(&f->messages);
	unit_rmdir(f->dir);
	free(f);
	return 0;
}

static inline void assert_messages(struct fixture *f, const char *want)
{
	assert_string_equal(buf_str(&f->messages), want);
	buf_clear(&f->messages);
}

/* want NULL: there is no such file. */
static inline void assert_file(const struct fixture *f, const char *path, const char *want)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = file_read(&f->sys.root, path, 65536, &text);

	assert_int_equal(r, want ? 0 : -ENOENT);
	if (want)
		assert_string_equal(buf_str(&text), want);
}

#define FIXTURE_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
