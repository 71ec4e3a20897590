// SPDX-License-Identifier: MIT
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>

#include "depmod/run.h"

static const char *const no_config[] = { "/none", NULL };

static struct depmod_request request(struct fixture *f)
{
	return (struct depmod_request){
		.root = f->root, .release = "5.0.0", .in_dir = MODULES, .out_dir = MODULES, .config = no_config,
		.jobs = 2, .diag = &f->diag,
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
	struct stat before, after;

	make_tree(f);
	assert_int_equal(depmod_run(&req), 0);
	before = stat_of(f, ".");
	buf_clear(&f->messages);
	assert_int_equal(depmod_run(&req), 0);
	after = stat_of(f, ".");
	assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim));
	assert_memory_equal(&before.st_ctim, &after.st_ctim, sizeof(before.st_ctim));
	assert_message(f, "0 of 11 files");
}

/* The content stays, but `depmod -A` must see that the tree was looked at. */
static void touched_module_refreshes_the_time(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	assert_int_equal(depmod_run(&req), 0);
	assert_true(depmod_is_up_to_date(&f->root, MODULES, &f->diag));
	usleep(20000);
	assert_int_equal(utimensat(AT_FDCWD, fixture_path(f, "kernel/b.ko"), NULL, 0), 0);
	assert_false(depmod_is_up_to_date(&f->root, MODULES, &f->diag));
	assert_int_equal(depmod_run(&req), 0);
	assert_true(depmod_is_up_to_date(&f->root, MODULES, &f->diag));
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
	assert_true(depmod_is_up_to_date(&f->root, MODULES, &f->diag));
}

static void no_modules_dep_is_not_up_to_date(void **state)
{
	struct fixture *f = *state;

	make_tree(f);
	assert_false(depmod_is_up_to_date(&f->root, MODULES, &f->diag));
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

static void damaged_module_is_incomplete(void **state)
{
	struct fixture *f = *state;
	struct depmod_request req = request(f);

	make_tree(f);
	fixture_text(f, "kernel/c.ko", "garbage");
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
		FIXTURE_TEST(damaged_module_is_incomplete),
		FIXTURE_TEST(output_elsewhere),
		FIXTURE_TEST(missing_release_is_not_made_up),
		FIXTURE_TEST(named_modules_only),
		FIXTURE_TEST(verify_finds_every_kind),
		FIXTURE_TEST(cache_is_made_used_and_kept),
		FIXTURE_TEST(unwritable_cache_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
