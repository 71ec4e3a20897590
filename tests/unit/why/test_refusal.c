// SPDX-License-Identifier: MIT
#include "unit.h"

#include <errno.h>

#include "lib/fake_kernel.h"
#include "mkko.h"
#include "system/live_sysfs.h"
#include "verb/why/refusal.h"

/* A module file /m.ko that the kernel 6.1.0 has refused. */
struct bench {
	char *dir;
	struct sys sys;
	struct fake_kernel fake;
	struct live_view live;
	struct plan_world world;
	struct kmsg_list said;
	struct refusal x;
};

static void bench_open(struct bench *b, const char *recipe, int error)
{
	_cleanup_buf_ struct buf ko = BUF_INIT;

	*b = (struct bench){ .dir = unit_mkdtemp() };
	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(b->dir, "m.ko", ko.p, ko.n);
	unit_puts(b->dir, "proc/sys/kernel/osrelease", "6.1.0\n");
	assert_int_equal(fake_kernel_init(&b->fake, b->dir), 0);
	b->sys.root.prefix = b->dir;
	b->sys.kernel = &b->fake.kernel;
	b->live = live_sysfs(&b->sys.root);
	b->world.live = &b->live;
	b->x = (struct refusal){
		.sys = &b->sys,
		.world = &b->world,
		.kmsg = &b->said,
		.name = "m",
		.path = "/m.ko",
		.error = error,
	};
}

/* The message codes of what is found, each with a blank behind it. */
static void bench_close(struct bench *b, const char *want)
{
	_cleanup_why_ struct why w = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(refusal_explain(&b->x, &w), 0);
	for (size_t i = 0; i < w.n; i++)
		buf_addf(&text, "%s ", why_message_code(&w.items[i]));
	assert_string_equal(buf_str(&text), want);
	fake_kernel_done(&b->fake);
	unit_rmdir(b->dir);
}

/* ---- which checks an errno stands for ---- */

static void an_errno_of_the_module_itself_is_named(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\ninfo vermagic=4.0.0 SMP\n", -ENODEV);
	bench_close(&b, "why.init-failed ");
	bench_open(&b, "info name=m\ninfo vermagic=4.0.0 SMP\n", -EREMOTEIO);
	bench_close(&b, "why.init-failed ");
}

/* The kernel gives it as well, for symbols: it is the module's own where none is missing. */
static void enoent_of_the_module_itself_is_told_apart(void **state _unused_)
{
	struct kmsg_record said = { .text = "m: Unknown symbol printk (err -2)" };
	struct bench b;

	bench_open(&b, "info name=m\n", -ENOENT);
	bench_close(&b, "why.init-failed ");
	bench_open(&b, "info name=m\ninfo license=GPL\nneed printk\n", -ENOENT);
	bench_close(&b, "");
	bench_open(&b, "info name=m\ninfo license=GPL\nneed printk\n", -ENOENT);
	unit_puts(b.dir, "proc/kallsyms", "0000 T printk\n");
	b.said = (struct kmsg_list){ .items = &said, .n = 1 };
	bench_close(&b, "why.kernel-says ");
	bench_open(&b, "info name=m\n", -ENOMEM);
	bench_close(&b, "");
	bench_open(&b, "info name=m\n", -EINVAL);
	bench_close(&b, "");
}

static void taint_is_no_cause(void **state _unused_)
{
	struct kmsg_record said[] = {
		{ .text = "m: loading out-of-tree module taints kernel." },
		{ .text = "m: module verification failed: signature and/or required key missing - tainting kernel" },
		{ .text = "m: no card found" },
	};
	struct bench b;

	bench_open(&b, "info name=m\n", -ENODEV);
	b.said = (struct kmsg_list){ .items = said, .n = ELEMENTSOF(said) };
	bench_close(&b, "why.init-failed why.kernel-says ");
}

/* The record does not begin with the module's name, as others do. */
static void types_of_another_build_are_found_in_the_kernels_log(void **state _unused_)
{
	struct kmsg_record said[] = {
		{ .text = "failed to validate module [m] BTF: -22" },
		{ .text = "failed to validate module [mm] BTF: -22" },
		{ .text = "failed to validate module [m" },
	};
	_cleanup_why_ struct why w = { 0 };
	struct bench b;

	bench_open(&b, "info name=m\n", -EINVAL);
	b.said = (struct kmsg_list){ .items = said, .n = ELEMENTSOF(said) };
	assert_int_equal(refusal_explain(&b.x, &w), 0);
	assert_int_equal(w.n, 1);
	assert_non_null(strstr(w.items[0].fix, "of one build"));
	bench_close(&b, "why.types ");
}

/* The command line need not be readable. What a process writes into the log is no evidence. */
static void a_denied_module_is_found_in_the_kernels_log(void **state _unused_)
{
	struct kmsg_record said = { .text = "Module m is blacklisted" };
	struct bench b;

	bench_open(&b, "info name=m\n", -EPERM);
	b.said = (struct kmsg_list){ .items = &said, .n = 1 };
	bench_close(&b, "why.denied-by-kernel ");
	bench_open(&b, "info name=other\n", -EPERM);
	b.said = (struct kmsg_list){ .items = &said, .n = 1 };
	bench_close(&b, "");
	bench_open(&b, "info name=m\n", -EPERM);
	said.priority = 1 << 3;
	b.said = (struct kmsg_list){ .items = &said, .n = 1 };
	bench_close(&b, "");
}

static void a_check_that_cannot_give_the_errno_is_not_run(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\ninfo vermagic=4.0.0 SMP\nneed nowhere\n", -ENOEXEC);
	unit_puts(b.dir, "proc/kallsyms", "0000 T printk\n");
	bench_close(&b, "why.vermagic ");
	bench_open(&b, "info name=m\ninfo vermagic=4.0.0 SMP\nneed nowhere\n", -ENOENT);
	unit_puts(b.dir, "proc/kallsyms", "0000 T printk\n");
	bench_close(&b, "why.symbol-unknown ");
}

/* EACCES is no answer of the module loader itself. */
static void security_modules_are_told_apart_by_the_log(void **state _unused_)
{
	struct kmsg_record said = {
		.text = "audit: type=1800 audit(1.2:3): op=appraise_data cause=IMA-signature-required"
	};
	struct bench b;

	bench_open(&b, "info name=m\n", -EACCES);
	bench_close(&b, "why.security-unknown ");
	bench_open(&b, "info name=m\n", -EACCES);
	b.said = (struct kmsg_list){ .items = &said, .n = 1 };
	bench_close(&b, "why.security-denied ");
	/* Anybody can write such a line: it is no evidence where IMA is not active. */
	bench_open(&b, "info name=m\n", -EACCES);
	unit_puts(b.dir, "sys/kernel/security/lsm", "capability");
	b.said = (struct kmsg_list){ .items = &said, .n = 1 };
	bench_close(&b, "why.security-unknown ");
}

static void the_kernel_asks_for_permission_before_it_looks_at_the_signature(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EPERM);
	unit_puts(b.dir, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	unit_puts(b.dir, "proc/cmdline", "module_blacklist=m\n");
	bench_close(&b, "trust.unsigned-lockdown ");
	bench_open(&b, "info name=m\n", -EPERM);
	unit_puts(b.dir, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	unit_puts(b.dir, "proc/self/status", "Name:\tx\nCapEff:\t0000000000000000\n");
	bench_close(&b, "why.no-capability ");
}

static void a_file_that_is_not_elf(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -ENOEXEC);
	unit_puts(b.dir, "m.ko", "just some text");
	bench_close(&b, "why.not-elf ");
}

static void a_file_that_is_gone(void **state _unused_)
{
	char path[4096];
	struct bench b;

	bench_open(&b, "info name=m\n", -ENOENT);
	snprintf(path, sizeof(path), "%s/m.ko", b.dir);
	assert_int_equal(unlink(path), 0);
	bench_close(&b, "why.file-missing ");
}

/* ---- symbols ---- */

static void without_a_table_of_symbols_none_is_called_unknown(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\nneed printk\nneed a1\n", -ENOENT);
	bench_close(&b, "");
}

static void a_long_list_of_symbols_is_cut(void **state _unused_)
{
	_cleanup_why_ struct why w = { 0 };
	struct bench b;

	bench_open(&b, "info name=m\nneed a1\nneed a2\nneed a3\nneed a4\nneed a5\nneed a6\nneed a7\nneed a8\nweak w\n",
		   -ENOENT);
	unit_puts(b.dir, "proc/kallsyms", "0000 T printk\n0000 t a8\t[other]\n");
	assert_int_equal(refusal_explain(&b.x, &w), 0);
	assert_int_equal(w.n, 1);
	assert_non_null(strstr(w.items[0].text, ": a1, a2, a3, a4, a5, a6 and 1 more"));
	bench_close(&b, "why.symbol-unknown ");
}

static void a_proprietary_module_without_the_kernels_export_rules(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\ninfo license=Proprietary\nneed printk\n", -ENOENT);
	unit_puts(b.dir, "proc/kallsyms", "0000 T printk\n");
	bench_close(&b, "why.symbol-rules-unknown ");
	bench_open(&b, "info name=m\ninfo license=GPL\nneed printk\n", -ENOENT);
	unit_puts(b.dir, "proc/kallsyms", "0000 T printk\n");
	bench_close(&b, "why.init-failed ");
}

/* ---- rules of export ---- */

/* A namespace "module:..." is the list of the modules that may use the symbol. */
static void a_namespace_may_name_modules(void **state _unused_)
{
	static const char *const lists[] = { "module:other,m", "module:m*", "module:other", "module:mm" };

	for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
		_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
		struct bench b;
		char line[128];

		bench_open(&b, "info name=m\ninfo license=GPL\nneed guarded\n", -EINVAL);
		snprintf(line, sizeof(line), "0x00000001\tguarded\tvmlinux\tEXPORT_SYMBOL_GPL\t%s\n", lists[i]);
		unit_puts(b.dir, "lib/modules/6.1.0/build/Module.symvers", line);
		assert_int_equal(catalog_open(&b.sys.root, "/lib/modules/6.1.0", NULL, &catalog), 0);
		b.world.catalog = catalog;
		bench_close(&b, i < 2 ? "" : "why.symbol-namespace ");
	}
}

static void a_kernel_may_only_warn_of_namespaces(void **state _unused_)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	_cleanup_why_ struct why w = { 0 };
	struct bench b;

	bench_open(&b, "info name=m\ninfo license=GPL\nneed guarded\n", -EINVAL);
	unit_puts(b.dir, "lib/modules/6.1.0/build/Module.symvers", "0x1\tguarded\tvmlinux\tEXPORT_SYMBOL\tNS\n");
	unit_puts(b.dir, "boot/config-6.1.0", "CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS=y\n");
	assert_int_equal(catalog_open(&b.sys.root, "/lib/modules/6.1.0", NULL, &catalog), 0);
	b.world.catalog = catalog;
	assert_int_equal(refusal_explain(&b.x, &w), 0);
	assert_int_equal(w.n_obstacles, 0);
	assert_string_equal(w.items[0].fix, "add MODULE_IMPORT_NS(\"NS\") to its source and build it again");
	bench_close(&b, "why.symbol-namespace ");
}

/* ---- signatures ---- */

/* Signed by "Nobody's key", with an elliptic curve. */
static const char signed_by_nobody[] =
	"info name=m\nappend "
	"3081cc06092a864886f70d010702a081be3081bb020101310d300b0609608648016503040201300b06092a864886f70d0107"
	"01318199308196020101302f30173115301306035504030c0c4e6f626f64792773206b6579021449c8a28c5751687fbfb403"
	"f4525555dca43f7a7b300b0609608648016503040201300a06082a8648ce3d0403020447304502202fde5304629edc9d34c1"
	"f2dcf171480e608b8a62ea454803cb1f4625e053ee7b022100ea8d8f0ef5b1b2f38700cc5f38f963689785d526542df3ec84"
	"1cabb271179b280000020000000000000000cf7e4d6f64756c65207369676e617475726520617070656e6465647e0a"
	"\n";

static void an_unsigned_module_under_enforcement(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EKEYREJECTED);
	unit_puts(b.dir, "sys/module/module/parameters/sig_enforce", "Y\n");
	bench_close(&b, "trust.unsigned-enforced ");
}

static void damaged_signatures(void **state _unused_)
{
	struct bench b;

	bench_open(&b,
		   "info name=m\n"
		   "append 0000020000000000ffffffff7e4d6f64756c65207369676e617475726520617070656e6465647e0a\n",
		   -EBADMSG);
	bench_close(&b, "trust.damaged ");
	bench_open(&b, "info name=m\ntrailer 2 - - 3000\n", -EBADMSG);
	bench_close(&b, "trust.damaged ");
}

static void an_unknown_key(void **state _unused_)
{
	struct bench b;

	bench_open(&b, signed_by_nobody, -EKEYREJECTED);
	unit_puts(b.dir, "sys/module/module/parameters/sig_enforce", "Y\n");
	unit_puts(b.dir, "proc/keys",
		  "00000011 I------ 1 perm 1f030000 0 0 asymmetri Another key: f8737d2b: X509.rsa f8737d2b []\n");
	bench_close(&b, "trust.unknown-key-enforced ");
}

/* Another key may bear that name; or the module was changed. Under lockdown only the first gives EPERM. */
static void a_name_is_no_evidence_for_a_key(void **state _unused_)
{
	static const char keys[] =
		"00000011 I------ 1 perm 1f030000 0 0 asymmetri Nobody's key: f8737d2b: X509.rsa f8737d2b []\n";
	struct bench b;

	bench_open(&b, signed_by_nobody, -EKEYREJECTED);
	unit_puts(b.dir, "sys/module/module/parameters/sig_enforce", "Y\n");
	unit_puts(b.dir, "proc/keys", keys);
	bench_close(&b, "trust.refused ");
	bench_open(&b, signed_by_nobody, -EPERM);
	unit_puts(b.dir, "sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	unit_puts(b.dir, "proc/keys", keys);
	bench_close(&b, "trust.unknown-key-lockdown ");
}

/* By the rules it would be in .machine; the rings that are shown do not have it. */
static void an_enrolled_key_that_no_ring_shows(void **state _unused_)
{
	/* In place of the certificate, its issuer and its serial number, behind the attributes of the variable. */
	static const char list[] = "\6\0\0\0\x30\x17\x31\x15\x30\x13\x06\x03\x55\x04\x03\x0c\x0cNobody's key"
				   "\x49\xc8\xa2\x8c\x57\x51\x68\x7f\xbf\xb4\x03\xf4\x52\x55\x55\xdc\xa4\x3f\x7a\x7b";
	static const char efi[] = "sys/firmware/efi/efivars/";
	char path[256];
	struct bench b;

	bench_open(&b, signed_by_nobody, -EKEYREJECTED);
	unit_puts(b.dir, "sys/module/module/parameters/sig_enforce", "Y\n");
	unit_puts(b.dir, "proc/version", "Linux version 1 (debian-kernel@lists.debian.org) (gcc) #1\n");
	unit_puts(b.dir, "boot/config-6.1.0",
		  "CONFIG_IMA=y\nCONFIG_IMA_SECURE_AND_OR_TRUSTED_BOOT=y\nCONFIG_LOAD_UEFI_KEYS=y\n"
		  "CONFIG_INTEGRITY_MACHINE_KEYRING=y\nCONFIG_SECONDARY_TRUSTED_KEYRING=y\n"
		  "CONFIG_INTEGRITY_PLATFORM_KEYRING=y\n");
	unit_puts(b.dir, "proc/keys",
		  "00000011 I------ 1 perm 1f030000 0 0 asymmetri Another key: f8737d2b: X509.rsa f8737d2b []\n");
	snprintf(path, sizeof(path), "%sMokListRT-605dab50-e046-4300-abb6-3dd810dd8b23", efi);
	unit_write(b.dir, path, list, sizeof(list) - 1);
	snprintf(path, sizeof(path), "%sSecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", efi);
	unit_write(b.dir, path, "\6\0\0\0\1", 5);
	snprintf(path, sizeof(path), "%sSetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c", efi);
	unit_write(b.dir, path, "\6\0\0\0\0", 5);
	bench_close(&b, "trust.unknown-key-enforced ");
}

/* Nothing visible speaks of signatures: EPERM has some other reason. */
static void plain_eperm_is_not_blamed_on_signatures(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n", -EPERM);
	bench_close(&b, "");
}

/* ---- the lines ---- */

static void the_kernels_words_in_either_spelling_and_no_more_than_three(void **state _unused_)
{
	static struct kmsg_record records[] = {
		{ .text = "usb 1-1: something else" }, { .text = "m-m: first" }, { .text = "m_m: second" },
		{ .text = "m_m_2: other module" },     { .text = "m_m: third" }, { .text = "m_m: fourth" },
	};
	struct bench b;

	bench_open(&b, "info name=m_m\n", -ENODEV);
	b.x.name = "m_m";
	b.said.items = records;
	b.said.n = ELEMENTSOF(records);
	bench_close(&b, "why.init-failed why.kernel-says why.kernel-says ");
}

static void a_line_has_place_and_fix(void **state _unused_)
{
	const struct policy_entry at = { .file = "/etc/sysctl.conf", .line = 3 };
	_cleanup_why_ struct why w = { 0 };
	_cleanup_buf_ struct buf line = BUF_INIT;

	assert_int_equal(why_add(&w, WHY_OBSTACLE, WHY_MODULES_DISABLED, &at, "no module can be loaded"), 0);
	assert_int_equal(why_fix(&w, "reboot"), 0);
	assert_int_equal(refusal_line("m", &w.items[0], &line), 0);
	assert_string_equal(buf_str(&line), "m: no module can be loaded (/etc/sysctl.conf:3); fix: reboot");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_errno_of_the_module_itself_is_named),
		cmocka_unit_test(enoent_of_the_module_itself_is_told_apart),
		cmocka_unit_test(taint_is_no_cause),
		cmocka_unit_test(types_of_another_build_are_found_in_the_kernels_log),
		cmocka_unit_test(a_denied_module_is_found_in_the_kernels_log),
		cmocka_unit_test(a_check_that_cannot_give_the_errno_is_not_run),
		cmocka_unit_test(security_modules_are_told_apart_by_the_log),
		cmocka_unit_test(the_kernel_asks_for_permission_before_it_looks_at_the_signature),
		cmocka_unit_test(a_file_that_is_not_elf),
		cmocka_unit_test(a_file_that_is_gone),
		cmocka_unit_test(without_a_table_of_symbols_none_is_called_unknown),
		cmocka_unit_test(a_long_list_of_symbols_is_cut),
		cmocka_unit_test(a_proprietary_module_without_the_kernels_export_rules),
		cmocka_unit_test(a_namespace_may_name_modules),
		cmocka_unit_test(a_kernel_may_only_warn_of_namespaces),
		cmocka_unit_test(an_unsigned_module_under_enforcement),
		cmocka_unit_test(damaged_signatures),
		cmocka_unit_test(an_unknown_key),
		cmocka_unit_test(a_name_is_no_evidence_for_a_key),
		cmocka_unit_test(an_enrolled_key_that_no_ring_shows),
		cmocka_unit_test(plain_eperm_is_not_blamed_on_signatures),
		cmocka_unit_test(the_kernels_words_in_either_spelling_and_no_more_than_three),
		cmocka_unit_test(a_line_has_place_and_fix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
