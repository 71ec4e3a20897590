// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>

#include "act/depmod/freshness.h"
#include "act/depmod/run.h"

static const char *const no_config[] = { "/none", NULL };

static struct depmod_request request(struct fixture *f)
{
	return (struct depmod_request){
		.root = f->root,
		.release = "5.0.0",
		.in_dir = MODULES,
		.out_dir = MODULES,
		.config = no_config,
		.jobs = 2,
		.diag = &f->diag,
	};
}

static void make_tree(struct fixture *f)
{
	fixture_module(f, "kernel/a.ko", "need fb\ninfo alias=x-*\n");
	fixture_module(f, "kernel/b.ko", "export fb\n");
	fixture_text(f, "modules.order", "kernel/a.ko\nkernel/b.ko\n");
	fixture_text(f, "modules.builtin", "");
	fixture_text(f, "modules.builtin.modinfo", "");
}

static void assert_content(const struct fixture *f, const char *path, const char *want)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(file_read(&f->root, path, 65536, &b), 0);
	assert_string_equal(buf_str(&b), want);
}

static struct stat stat_of(const struct fixture *f, const char *name)
{
	struct stat st;

	assert_int_equal(stat(fixture_path(f, name), &st), 0);
	return st;
}

static void writes_the_whole_set(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	assert_int_equal(depmod_run(&req), 0);
	assert_content(f, MODULES "/modules.dep", "kernel/a.ko: kernel/b.ko\nkernel/b.ko:\n");
	for (int i = 0; i < OUTPUTS; i++)
		stat_of(f, output_name((enum output_id)i));
	assert_message(f, "11 of 11 files");
}

static void second_run_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);
	struct stat before[OUTPUTS], after;

	make_tree(f);
	assert_int_equal(depmod_run(&req), 0);
	for (int i = 0; i < OUTPUTS; i++)
		before[i] = stat_of(f, output_name((enum output_id)i));
	buf_clear(&f->messages);
	assert_int_equal(depmod_run(&req), 0);
	for (int i = 0; i < OUTPUTS; i++) {
		after = stat_of(f, output_name((enum output_id)i));
		assert_int_equal(before[i].st_ino, after.st_ino);
		assert_memory_equal(&before[i].st_mtim, &after.st_mtim, sizeof(after.st_mtim));
		assert_memory_equal(&before[i].st_ctim, &after.st_ctim, sizeof(after.st_ctim));
	}
	assert_message(f, "0 of 11 files");
}

/* The content stays, but `depmod -A` must see that the tree was looked at. */
static void touched_module_refreshes_the_time(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	assert_int_equal(depmod_run(&req), 0);
	assert_true(freshness_is_up_to_date(&f->root, MODULES, &f->diag));
	usleep(20000);
	assert_int_equal(utimensat(AT_FDCWD, fixture_path(f, "kernel/b.ko"), NULL, 0), 0);
	assert_false(freshness_is_up_to_date(&f->root, MODULES, &f->diag));
	assert_int_equal(depmod_run(&req), 0);
	assert_true(freshness_is_up_to_date(&f->root, MODULES, &f->diag));
}

static void time_of_a_file_that_lost_counts_too(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	fixture_module(f, "updates/b.ko", "export fb\n");
	assert_int_equal(depmod_run(&req), 0);
	usleep(20000);
	assert_int_equal(utimensat(AT_FDCWD, fixture_path(f, "kernel/b.ko"), NULL, 0), 0);
	assert_int_equal(depmod_run(&req), 0);
	assert_true(freshness_is_up_to_date(&f->root, MODULES, &f->diag));
}

static void no_modules_dep_is_not_up_to_date(void **state)
{
	struct fixture *f = *state;

	make_tree(f);
	assert_false(freshness_is_up_to_date(&f->root, MODULES, &f->diag));
	assert_message(f, "could not fstatat(" MODULES ", modules.dep): No such file or directory");
}

static void cycle_leaves_the_old_set(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	assert_int_equal(depmod_run(&req), 0);
	fixture_module(f, "kernel/b.ko", "export fb\nneed fa\n");
	fixture_module(f, "kernel/a.ko", "export fa\nneed fb\n");
	assert_int_equal(depmod_run(&req), -ELOOP);
	assert_content(f, MODULES "/modules.dep", "kernel/a.ko: kernel/b.ko\nkernel/b.ko:\n");
	assert_message(f, "Cycle detected: a -> b -> a");
}

static void damaged_module_fails_a_strict_run(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	fixture_text(f, "kernel/c.ko", "garbage");
	assert_int_equal(depmod_run(&req), 0);
	assert_message(f, "depmod.not-a-module");
	req.strict = true;
	assert_int_equal(depmod_run(&req), 1);
	assert_content(f, MODULES "/modules.dep", "kernel/a.ko: kernel/b.ko\nkernel/b.ko:\nkernel/c.ko:\n");
}

static void output_elsewhere(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	req.out_dir = "/out/deep/5.0.0";
	assert_int_equal(depmod_run(&req), 0);
	assert_content(f, "/out/deep/5.0.0/modules.dep", "kernel/a.ko: kernel/b.ko\nkernel/b.ko:\n");
	assert_int_not_equal(access(fixture_path(f, "modules.dep"), F_OK), 0);
}

static void missing_release_is_not_made_up(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	assert_int_equal(depmod_run(&req), -ENOENT);
	assert_int_not_equal(access(fixture_path(f, ""), F_OK), 0);
	assert_message(f, "2 depmod.search: could not search modules: No such file or directory");
}

static void named_modules_only(void **state)
{
	static const char *const files[] = { MODULES "/kernel/a.ko" };
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	req.files = files;
	req.n_files = 1;
	assert_int_equal(depmod_run(&req), 0);
	assert_content(f, MODULES "/modules.dep", "kernel/a.ko:\n");
}

static void verify_finds_every_kind(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);
	struct verify_list l = { 0 };

	make_tree(f);
	req.differences = &l;
	assert_int_equal(depmod_run(&req), 0);
	req.action = DEPMOD_VERIFY;
	assert_int_equal(depmod_run(&req), 0);
	assert_int_equal(l.n, 0);
	fixture_module(f, "kernel/c.ko", "");
	assert_int_equal(unlink(fixture_path(f, "modules.alias")), 0);
	fixture_text(f, "modules.alias.bin", "");
	assert_int_equal(depmod_run(&req), 1);
	assert_int_equal(l.items[0].kind, VERIFY_STALE);
	assert_string_equal(l.items[0].file, "modules.dep");
	assert_int_equal(l.items[1].kind, VERIFY_MISSING);
	assert_string_equal(l.items[1].module, "c");
	assert_int_equal(l.items[2].kind, VERIFY_MISSING);
	assert_string_equal(l.items[2].file, "modules.alias");
	assert_int_equal(l.items[3].kind, VERIFY_DAMAGED);
	assert_int_equal(l.n, 4);
	verify_list_done(&l);
}

static void cache_is_made_used_and_kept(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);
	struct stat before, after;

	make_tree(f);
	usleep(50000);
	req.cache = "/var/cache/x/facts";
	assert_int_equal(depmod_run(&req), 0);
	assert_int_equal(root_stat(&f->root, req.cache, &before), 0);
	assert_int_equal(depmod_run(&req), 0);
	assert_int_equal(root_stat(&f->root, req.cache, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	fixture_module(f, "kernel/c.ko", "");
	usleep(50000);
	assert_int_equal(depmod_run(&req), 0);
	assert_int_equal(root_stat(&f->root, req.cache, &after), 0);
	assert_int_not_equal(before.st_size, after.st_size);
}

static bool is_settled(struct fixture *f, const struct depmod_request *req)
{
	buf_clear(&f->messages);
	assert_int_equal(depmod_run(req), 0);
	return strstr(buf_str(&f->messages), "depmod.settled");
}

/* Twice: what changed may be computed anew, and be remembered then. */
static void settle(struct fixture *f, const struct depmod_request *req)
{
	usleep(50000);
	assert_int_equal(depmod_run(req), 0);
	assert_true(is_settled(f, req));
}

static struct depmod_request settled_tree(struct fixture *f)
{
	struct depmod_request req = request(f);

	make_tree(f);
	req.cache = "/cache/facts";
	settle(f, &req);
	return req;
}

/* Keeps inode, size and mtime. */
static void flip_byte(struct fixture *f, const char *name)
{
	struct stat st = stat_of(f, name);
	int fd = open(fixture_path(f, name), O_RDWR);
	char c;

	assert_int_equal(pread(fd, &c, 1, 1), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, 1), 1);
	assert_int_equal(futimens(fd, (struct timespec[]){ st.st_atim, st.st_mtim }), 0);
	close(fd);
}

/* Whatever becomes of an output, it is there again afterwards. */
static void damaged_output_is_never_settled(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = settled_tree(f);

	for (int i = 0; i < OUTPUTS; i++) {
		const char *name = output_name((enum output_id)i);
		_cleanup_buf_ struct buf before = BUF_INIT, after = BUF_INIT;
		char path[200];

		snprintf(path, sizeof(path), "%s/%s", MODULES, name);
		assert_int_equal(file_read(&f->root, path, 65536, &before), 0);
		for (int way = before.n > 1 ? 0 : 1; way < 3; way++) {
			if (way == 0)
				flip_byte(f, name);
			else if (way == 1)
				assert_int_equal(truncate(fixture_path(f, name), (off_t)before.n + 1), 0);
			else
				assert_int_equal(unlink(fixture_path(f, name)), 0);
			assert_false(is_settled(f, &req));
			buf_clear(&after);
			assert_int_equal(file_read(&f->root, path, 65536, &after), 0);
			assert_true(span_eq(buf_span(&before), buf_span(&after)));
			assert_true(is_settled(f, &req));
		}
	}
}

static void changed_input_is_not_settled(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = settled_tree(f);

	flip_byte(f, "modules.order");
	assert_false(is_settled(f, &req));
	settle(f, &req);
	fixture_text(f, "modules.builtin", "kernel/x.ko\n");
	assert_false(is_settled(f, &req));
	settle(f, &req);
	fixture_text(f, "modules.builtin.modinfo", "x.alias=y");
	assert_false(is_settled(f, &req));
	settle(f, &req);
	assert_int_equal(utimensat(AT_FDCWD, fixture_path(f, "kernel/b.ko"), NULL, 0), 0);
	assert_false(is_settled(f, &req));
	settle(f, &req);
	fixture_module(f, "kernel/c.ko", "");
	assert_false(is_settled(f, &req));
	settle(f, &req);
	assert_int_equal(unlink(fixture_path(f, "kernel/c.ko")), 0);
	assert_false(is_settled(f, &req));
	/* The flipped byte of modules.order was of the line of a. */
	assert_content(f, MODULES "/modules.dep", "kernel/b.ko:\nkernel/a.ko: kernel/b.ko\n");
}

static void other_requests_are_not_settled(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = settled_tree(f), other = req;

	other.symbol_prefix = '_';
	assert_false(is_settled(f, &other));
	other = req;
	other.warn_duplicates = true;
	assert_false(is_settled(f, &other));
	assert_true(is_settled(f, &req));
	other = req;
	other.out_dir = "/elsewhere/5.0.0";
	assert_false(is_settled(f, &other));
	assert_true(is_settled(f, &other));
	assert_true(is_settled(f, &req));
}

/* A module of this very moment is no part of the statement, whatever becomes of it. */
static void fresh_module_is_not_settled(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = settled_tree(f);

	fixture_module(f, "kernel/c.ko", "info alias=c");
	assert_false(is_settled(f, &req));
	assert_false(is_settled(f, &req));
	assert_int_equal(unlink(fixture_path(f, "kernel/c.ko")), 0);
	assert_false(is_settled(f, &req));
	assert_content(f, MODULES "/modules.alias", "# Aliases extracted from modules themselves.\nalias x-* a\n");
}

/* Each run must say it. */
static void warning_is_never_settled(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = settled_tree(f);

	fixture_text(f, "modules.builtin", "/kernel/x.ko\n");
	for (int i = 0; i < 3; i++) {
		buf_clear(&f->messages);
		req.strict = i == 2;
		assert_int_equal(depmod_run(&req), req.strict);
		assert_message(f, "depmod.builtin-line");
	}
}

static void settled_run_refreshes_the_time(void **state)
{
	static const struct timespec old[] = { { 1000, 0 }, { 1000, 0 } };
	struct fixture *f = *state;
	struct depmod_request req = settled_tree(f);

	assert_int_equal(utimensat(AT_FDCWD, fixture_path(f, "modules.dep"), old, 0), 0);
	assert_false(freshness_is_up_to_date(&f->root, MODULES, &f->diag));
	assert_true(is_settled(f, &req));
	assert_true(freshness_is_up_to_date(&f->root, MODULES, &f->diag));
}

/* A place that cannot be written costs time, nothing else. */
static void unwritable_cache_is_no_failure(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	usleep(50000);
	unit_puts(f->dir, "var", "a file");
	req.cache = "/var/facts";
	assert_int_equal(depmod_run(&req), 0);
	assert_message(f, "depmod.cache-write: could not write /var/facts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(writes_the_whole_set),
		FIXTURE_TEST(second_run_writes_nothing),
		FIXTURE_TEST(touched_module_refreshes_the_time),
		FIXTURE_TEST(time_of_a_file_that_lost_counts_too),
		FIXTURE_TEST(no_modules_dep_is_not_up_to_date),
		FIXTURE_TEST(cycle_leaves_the_old_set),
		FIXTURE_TEST(damaged_module_fails_a_strict_run),
		FIXTURE_TEST(output_elsewhere),
		FIXTURE_TEST(missing_release_is_not_made_up),
		FIXTURE_TEST(named_modules_only),
		FIXTURE_TEST(verify_finds_every_kind),
		FIXTURE_TEST(cache_is_made_used_and_kept),
		FIXTURE_TEST(damaged_output_is_never_settled),
		FIXTURE_TEST(changed_input_is_not_settled),
		FIXTURE_TEST(other_requests_are_not_settled),
		FIXTURE_TEST(fresh_module_is_not_settled),
		FIXTURE_TEST(warning_is_never_settled),
		FIXTURE_TEST(settled_run_refreshes_the_time),
		FIXTURE_TEST(unwritable_cache_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
