// SPDX-License-Identifier: MIT
#include "stub_kernel.h"

#include <elf.h>
#include <fcntl.h>

#include "read/image/facts.h"
#include "act/load/insert.h"
#include "act/load/remove.h"
#include "mkko.h"

#define RECIPE "info vermagic=5.0.0 SMP\ninfo license=GPL\nversion printk 1\n"

struct bench {
	char *dir;
	struct stub_kernel stub;
	struct kernel kernel;
	struct sys sys;
};

static void bench_open(struct bench *b, const char *recipe, const char *kernel_unpacks)
{
	_cleanup_buf_ struct buf ko = BUF_INIT;

	*b = (struct bench){ .dir = unit_mkdtemp() };
	b->kernel = (struct kernel){ &stub_calls, &b->stub };
	b->sys = (struct sys){ .root = { .prefix = b->dir }, .kernel = &b->kernel };
	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(b->dir, "m.ko", ko.p, ko.n);
	if (kernel_unpacks)
		unit_puts(b->dir, "sys/module/compression", kernel_unpacks);
}

static void bench_close(struct bench *b, const char *log)
{
	assert_string_equal(buf_str(&b->stub.log), log);
	stub_done(&b->stub);
	unit_rmdir(b->dir);
}

static void plain_files_go_to_finit_module(void **state _unused_)
{
	struct bench b;

	bench_open(&b, RECIPE, NULL);
	assert_int_equal(insert_module(&b.sys, "/m.ko", "a=1", 0), 0);
	assert_int_equal(insert_module(&b.sys, "/m.ko", NULL, 0), 0);
	bench_close(&b, "finit m.ko 'a=1' 0\nfinit m.ko '' 0\n");
}

static void force_flags_have_the_kernels_values(void **state _unused_)
{
	struct bench b;

	bench_open(&b, RECIPE, NULL);
	assert_int_equal(insert_module(&b.sys, "/m.ko", "", INSERT_FORCE_VERMAGIC), 0);
	assert_int_equal(insert_module(&b.sys, "/m.ko", "", INSERT_FORCE_MODVERSION), 0);
	bench_close(&b, "finit m.ko '' 2\nfinit m.ko '' 1\n");
}

static void the_kernel_unpacks_its_own_format(void **state _unused_)
{
	struct bench b;

	bench_open(&b, RECIPE "compress gz\n", "gzip\n");
	assert_int_equal(insert_module(&b.sys, "/m.ko", "", INSERT_FORCE_VERMAGIC), 0);
	bench_close(&b, "finit m.ko '' 6\n");
}

/* Runs with a kernel of this format that answers so; the unpacked module must arrive. */
static void check_unpacked(const char *compress, const char *kernel_unpacks, int finit, const char *asked_first)
{
	char recipe[256];
	_cleanup_buf_ struct buf plain = BUF_INIT;
	struct bench b;

	snprintf(recipe, sizeof(recipe), RECIPE "compress %s\n", compress);
	assert_int_equal(mkko_build(RECIPE, &plain), 0);
	bench_open(&b, recipe, kernel_unpacks);
	b.stub.finit = finit;
	assert_int_equal(insert_module(&b.sys, "/m.ko", "x", 0), 0);
	assert_true(span_eq(buf_span(&b.stub.image), buf_span(&plain)));
	buf_clear(&plain);
	buf_addf(&plain, "%sinit %zu 'x'\n", asked_first, b.stub.image.n);
	bench_close(&b, buf_str(&plain));
}

static void other_formats_are_unpacked_here(void **state _unused_)
{
	check_unpacked("gz", "zstd\n", 0, "");
	check_unpacked("xz", "zstd\n", 0, "");
	check_unpacked("zst", NULL, 0, "");
}

static void a_refused_compressed_file_is_unpacked_here(void **state _unused_)
{
	static const int answers[] = { -EINVAL, -ENOEXEC, -EOPNOTSUPP };

	for (size_t i = 0; i < ELEMENTSOF(answers); i++)
		check_unpacked("xz", "xz\n", answers[i], "finit m.ko 'x' 4\n");
}

static void other_refusals_are_final(void **state _unused_)
{
	static const int answers[] = { -EEXIST, -EPERM, -EKEYREJECTED, -ENOENT };

	for (size_t i = 0; i < ELEMENTSOF(answers); i++) {
		struct bench b;

		bench_open(&b, RECIPE "compress xz\n", "xz\n");
		b.stub.finit = answers[i];
		assert_int_equal(insert_module(&b.sys, "/m.ko", "", 0), answers[i]);
		bench_close(&b, "finit m.ko '' 4\n");
	}
}

static void a_plain_file_is_not_tried_twice(void **state _unused_)
{
	struct bench b;

	bench_open(&b, RECIPE, "xz\n");
	b.stub.finit = -EINVAL;
	assert_int_equal(insert_module(&b.sys, "/m.ko", "", 0), -EINVAL);
	bench_close(&b, "finit m.ko '' 0\n");
}

/* The forced image of a kernel without finit_module(2), opened. */
static void force(const char *recipe, unsigned flags, int want, struct bench *b)
{
	bench_open(b, recipe, NULL);
	b->stub.finit = -ENOSYS;
	assert_int_equal(insert_module(&b->sys, "/m.ko", "", flags), want);
}

static void check_forced(const char *class_and_order)
{
	struct source *src;
	struct modinfo info = { 0 };
	struct bench b;
	struct elf e;
	char recipe[256];

	snprintf(recipe, sizeof(recipe), "%s" RECIPE, class_and_order);
	force(recipe, INSERT_FORCE_VERMAGIC | INSERT_FORCE_MODVERSION, 0, &b);
	assert_int_equal(source_open_span(buf_span(&b.stub.image), "image", NULL, &src), 0);
	assert_int_equal(elf_open(src, &e), 0);
	assert_non_null(elf_find(&e, "__versions"));
	assert_int_equal(elf_find(&e, "__versions")->flags & SHF_ALLOC, 0);
	assert_int_equal(modinfo_read(&e, &info), 0);
	assert_null(modinfo_get(&info, "vermagic"));
	assert_string_equal(modinfo_get(&info, "license"), "GPL");
	modinfo_done(&info);
	elf_done(&e);
	source_close(src);
	buf_clear(&b.stub.log);
	bench_close(&b, "");
}

static void forcing_without_finit_edits_a_copy(void **state _unused_)
{
	check_forced("");
	check_forced("class 32\n");
	check_forced("order big\n");
	check_forced("class 32\norder big\n");
}

static void forcing_what_has_no_vermagic_fails(void **state _unused_)
{
	struct bench b;

	force("info license=GPL\n", INSERT_FORCE_VERMAGIC, -ENODATA, &b);
	bench_close(&b, "finit m.ko '' 2\n");
}

static void missing_file(void **state _unused_)
{
	struct bench b;

	bench_open(&b, RECIPE, NULL);
	assert_int_equal(insert_module(&b.sys, "/nosuch.ko", "", 0), -ENOENT);
	bench_close(&b, "");
}

static void removal_waits_and_gives_up(void **state _unused_)
{
	const struct remove_options wait = { .wait_ms = 4 }, force_it = { .force = true };
	struct bench b;

	bench_open(&b, RECIPE, NULL);
	b.stub.delete_busy = 2;
	assert_int_equal(remove_module(&b.sys, "m", &wait), 0);
	b.stub.delete_busy = 100;
	assert_int_equal(remove_module(&b.sys, "m", &wait), -EAGAIN); /* after 1, 2 and the 1 ms that is left */
	b.stub.delete_busy = 0;
	assert_int_equal(remove_module(&b.sys, "f", &force_it), 0);
	bench_close(&b, "delete m 0x800\ndelete m 0x800\ndelete m 0x800\n"
			"delete m 0x800\ndelete m 0x800\ndelete m 0x800\ndelete m 0x800\n"
			"delete f 0xa00\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_files_go_to_finit_module),
		cmocka_unit_test(force_flags_have_the_kernels_values),
		cmocka_unit_test(the_kernel_unpacks_its_own_format),
		cmocka_unit_test(other_formats_are_unpacked_here),
		cmocka_unit_test(a_refused_compressed_file_is_unpacked_here),
		cmocka_unit_test(other_refusals_are_final),
		cmocka_unit_test(a_plain_file_is_not_tried_twice),
		cmocka_unit_test(forcing_without_finit_edits_a_copy),
		cmocka_unit_test(forcing_what_has_no_vermagic_fails),
		cmocka_unit_test(missing_file),
		cmocka_unit_test(removal_waits_and_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
