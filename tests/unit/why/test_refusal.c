// SPDX-License-Identifier: MIT
#include "unit.h"

#include <errno.h>

#include "verb/why/refusal.h"
#include "mkko.h"

struct bench {
	char *dir;
	struct root root;
	struct cause_query q;
	struct kmsg_list said;
};

static void bench_open(struct bench *b, const char *recipe, int error)
{
	_cleanup_buf_ struct buf ko = BUF_INIT;

	*b = (struct bench){ .dir = unit_mkdtemp() };
	b->root = (struct root){ b->dir };
	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(b->dir, "m.ko", ko.p, ko.n);
	b->q = (struct cause_query){
		.root = &b->root, .name = "my_mod", .path = "/m.ko", .options = "", .error = error, .kmsg = &b->said,
	};
}

/* The lines, each with a newline. */
static void bench_close(struct bench *b, const char *want)
{
	_cleanup_strv_ struct strv lines = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(cause_of_load(&b->q, &lines), 0);
	for (size_t i = 0; i < lines.n; i++)
		buf_addf(&text, "%s\n", lines.items[i]);
	assert_string_equal(buf_str(&text), want);
	unit_rmdir(b->dir);
}

static void nothing_to_say(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EBUSY);
	bench_close(&b, "");
}

static void kernels_words_in_either_spelling_and_no_more_than_three(void **state _unused_)
{
	static struct kmsg_record records[] = {
		{ .text = "usb 1-1: something else" }, { .text = "my-mod: first" },  { .text = "my_mod: second" },
		{ .text = "my_mod_2: other module" },  { .text = "my_mod: third" }, { .text = "my_mod: fourth" },
	};
	struct bench b;

	bench_open(&b, "info name=m\n", -ENODEV);
	b.said.items = records;
	b.said.n = ELEMENTSOF(records);
	bench_close(&b, "my_mod: the kernel says: my-mod: first\nmy_mod: the kernel says: my_mod: second\n"
			"my_mod: the kernel says: my_mod: third\n");
}

static void xz_checks_the_kernel_does_not_know(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EINVAL);
	unit_write(b.dir, "m.ko", "\xfd" "7zXZ\0\0\4junk", 12);
	bench_close(&b, "my_mod: the .xz file has a check that kernels cannot verify; make it with "
			"xz --check=crc32 --lzma2=dict=1MiB\n");
	bench_open(&b, "info name=m\n", -EINVAL);
	unit_write(b.dir, "m.ko", "\xfd" "7zXZ\0\0\1junk", 12);
	bench_close(&b, "");
}

static void not_a_module(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -ENOEXEC);
	unit_puts(b.dir, "m.ko", "just some text");
	bench_close(&b, "my_mod: /m.ko is not a module file (no sound ELF object)\n");
}

static void vermagic_of_another_kernel(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info vermagic=5.0.0-1 SMP\n", -ENOEXEC);
	unit_puts(b.dir, "proc/sys/kernel/osrelease", "5.0.0-2\n");
	bench_close(&b, "my_mod: built for kernel 5.0.0-1, but 5.0.0-2 is running\n");
	bench_open(&b, "info vermagic=5.0.0-2 SMP\n", -ENOEXEC);
	unit_puts(b.dir, "proc/sys/kernel/osrelease", "5.0.0-2\n");
	bench_close(&b, "");
}

/* Cause, rule and fix, from the verdict that kmodctl trust gives. */
static void an_unsigned_module_under_enforcement(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EKEYREJECTED);
	unit_puts(b.dir, "sys/module/module/parameters/sig_enforce", "Y\n");
	bench_close(&b, "my_mod: the module is not signed\n"
			"my_mod: rule: module.sig_enforce is on: only modules with a valid signature are loaded\n"
			"my_mod: fix: use a module signed by the kernel's own key, or boot without module.sig_enforce and lockdown=\n");
}

static void an_unsigned_module_under_lockdown(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EPERM);
	unit_puts(b.dir, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	unit_puts(b.dir, "sys/firmware/efi/x", "");
	bench_close(&b, "my_mod: the module is not signed\n"
			"my_mod: rule: the kernel is locked down: only modules with a valid signature are loaded\n"
			"my_mod: fix: kmodctl sign it with a key that is enrolled (kmodctl mok import)\n");
}

static void damaged_signatures(void **state _unused_)
{
	static const char told[] =
		"my_mod: the signature is damaged\n"
		"my_mod: rule: a signature that is there must be right, whatever is enforced\n"
		"my_mod: fix: install the module again, or kmodctl sign it as the last step after strip\n";
	struct bench b;

	bench_open(&b, "info name=m\nappend 0000020000000000ffffffff7e4d6f64756c65207369676e617475726520617070656e6465647e0a\n", -EBADMSG);
	bench_close(&b, told);
	bench_open(&b, "info name=m\ntrailer 2 - - 3000\n", -EBADMSG);
	bench_close(&b, told);
}

/* Nothing visible speaks of signatures: EPERM has some other reason. */
static void plain_eperm_is_not_blamed_on_signatures(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EPERM);
	bench_close(&b, "");
}

static void symbols_of_nobody(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "need printk\nneed a1\nneed a2\nneed a3\nneed a4\nneed a5\nneed a6\nneed a7\nneed a8\nweak w\n", -ENOENT);
	unit_puts(b.dir, "proc/kallsyms", "0000 T printk\n0000 t a8\t[other]\n");
	bench_close(&b, "my_mod: unresolved symbols: a1, a2, a3, a4, a5, a6 and 1 more\n");
	/* without a table of symbols nothing can be said */
	bench_open(&b, "need printk\nneed a1\n", -ENOENT);
	bench_close(&b, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_say),
		cmocka_unit_test(kernels_words_in_either_spelling_and_no_more_than_three),
		cmocka_unit_test(xz_checks_the_kernel_does_not_know),
		cmocka_unit_test(not_a_module),
		cmocka_unit_test(vermagic_of_another_kernel),
		cmocka_unit_test(an_unsigned_module_under_enforcement),
		cmocka_unit_test(an_unsigned_module_under_lockdown),
		cmocka_unit_test(damaged_signatures),
		cmocka_unit_test(plain_eperm_is_not_blamed_on_signatures),
		cmocka_unit_test(symbols_of_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
