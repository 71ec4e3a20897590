// SPDX-License-Identifier: MIT
#include "unit.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fake_kernel.h"
#include "mkko.h"
#include "read/index/writer.h"
#include "system/live_sysfs.h"
#include "verb/why/outlook.h"
#include "verb/why/why.h"

#define NOBODY 65534
#define MODULES "lib/modules/6.1.0/"

/* A kernel with one module, of which the configuration may speak of. */
struct bench {
	char *dir;
	struct sys sys;
	struct fake_kernel fake;
	struct live_view live;
	struct catalog *catalog;
	struct plan_world world;
	struct why found;
};

static void write_index(const struct bench *b, const char *path, const char *key, const char *value)
{
	struct index_writer *w = index_writer_new();
	_cleanup_buf_ struct buf bytes = BUF_INIT;

	assert_non_null(w);
	assert_int_equal(index_writer_add(w, key, value, 0), 0);
	assert_int_equal(index_writer_finish(w, &bytes), 0);
	unit_write(b->dir, path, bytes.p, bytes.n);
	index_writer_free(w);
}

static void set_mode(const struct bench *b, const char *path, mode_t mode)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", b->dir, path);
	assert_int_equal(chmod(full, mode), 0);
}

static void bench_open(struct bench *b, const char *recipe)
{
	_cleanup_buf_ struct buf ko = BUF_INIT;

	*b = (struct bench){ .dir = unit_mkdtemp() };
	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(b->dir, MODULES "m.ko", ko.p, ko.n);
	write_index(b, MODULES "modules.dep.bin", "m", "m.ko:");
	write_index(b, MODULES "modules.alias.bin", "net_pf_99", "m");
	unit_puts(b->dir, "proc/sys/kernel/osrelease", "6.1.0\n");
	/* The signature is no question here. */
	unit_puts(b->dir, "proc/sys/kernel/modules_disabled", "0\n");
	unit_puts(b->dir, "proc/cmdline", "quiet\n");
	unit_puts(b->dir, "sys/module/module/parameters/sig_enforce", "N\n");
	unit_puts(b->dir, "sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	set_mode(b, "", 0755);
	assert_int_equal(fake_kernel_init(&b->fake, b->dir), 0);
	b->sys.root.prefix = b->dir;
	b->sys.kernel = &b->fake.kernel;
	assert_int_equal(catalog_open(&b->sys.root, "/" MODULES, NULL, &b->catalog), 0);
	b->live = live_sysfs(&b->sys.root);
	b->world = (struct plan_world){ .live = &b->live, .catalog = b->catalog };
}

/* An ordinary user examines it, who cannot read what has no permissions. */
static void bench_ask(struct bench *b)
{
	const struct policy_request request = { .root = b->sys.root };
	const struct why_query q = { .sys = &b->sys, .world = &b->world, .release = "6.1.0" };
	_cleanup_(policy_free_p) struct policy *p = NULL;
	_cleanup_candidates_ struct candidates c = { 0 };
	uid_t user = geteuid();

	assert_int_equal(seteuid(user ? user : NOBODY), 0);
	assert_int_equal(policy_load(&request, NULL, &p), 0);
	b->world.policy = p;
	assert_int_equal(resolve_literal("m", &c), 0);
	why_done(&b->found);
	assert_int_equal(why_module(&q, &c.items[0], &b->found), 0);
	assert_int_equal(seteuid(user), 0);
	b->world.policy = NULL;
}

static void assert_answers(const struct bench *b, enum why_outcome name, enum why_outcome alias, enum why_outcome boot)
{
	assert_int_equal(b->found.answers[WHY_BY_NAME].outcome, name);
	assert_int_equal(b->found.answers[WHY_BY_ALIAS].outcome, alias);
	assert_int_equal(b->found.answers[WHY_AT_BOOT].outcome, boot);
}

static void assert_verdict(const struct bench *b, const char *want)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(outlook_verdict(&b->found, "m", "m", &text), 0);
	assert_string_equal(buf_str(&text), want);
}

static void bench_close(struct bench *b)
{
	why_done(&b->found);
	catalog_close(b->catalog);
	fake_kernel_done(&b->fake);
	unit_rmdir(b->dir);
}

static void what_cannot_be_read_leaves_the_answer_unknown(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\ninfo alias=net-pf-99\n");
	bench_ask(&b);
	assert_answers(&b, WHY_YES, WHY_YES, WHY_NOT_ASKED);
	assert_int_equal(outlook_outcome(&b.found), WHY_YES);

	unit_puts(b.dir, "etc/modprobe.d/secret.conf", "blacklist m\n");
	set_mode(&b, "etc/modprobe.d/secret.conf", 0);
	bench_ask(&b);
	assert_answers(&b, WHY_UNKNOWN, WHY_UNKNOWN, WHY_NOT_ASKED);
	assert_int_equal(outlook_outcome(&b.found), WHY_UNKNOWN);
	assert_verdict(&b, "m may be loaded or not: /etc/modprobe.d/secret.conf cannot be read: Permission denied, and "
			   "may say something about it");

	/* What is known to stand in the way decides all the same. */
	unit_puts(b.dir, "etc/modprobe.d/open.conf", "blacklist m\n");
	bench_ask(&b);
	assert_answers(&b, WHY_UNKNOWN, WHY_NO, WHY_NOT_ASKED);
	bench_close(&b);
}

static void a_list_that_cannot_be_read_concerns_the_boot_only(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n");
	unit_puts(b.dir, "etc/modules-load.d/secret.conf", "m\n");
	set_mode(&b, "etc/modules-load.d/secret.conf", 0);
	bench_ask(&b);
	assert_answers(&b, WHY_YES, WHY_NOT_ASKED, WHY_UNKNOWN);
	bench_close(&b);
}

static void a_directory_that_cannot_be_read_is_named(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\n");
	unit_puts(b.dir, "etc/modprobe.d/secret.conf", "install m /bin/false\n");
	set_mode(&b, "etc/modprobe.d", 0);
	bench_ask(&b);
	assert_answers(&b, WHY_UNKNOWN, WHY_NOT_ASKED, WHY_NOT_ASKED);
	assert_string_equal(why_find(&b.found, WHY_CONFIG_UNREADABLE)->file, "/etc/modprobe.d");
	set_mode(&b, "etc/modprobe.d", 0700);
	bench_close(&b);
}

static void a_blacklist_line_obstructs_aliases(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\ninfo alias=pci:v00001234d*\n");
	unit_puts(b.dir, "etc/modprobe.d/m.conf", "blacklist other\nblacklist m\n");
	bench_ask(&b);
	assert_answers(&b, WHY_YES, WHY_NO, WHY_NOT_ASKED);
	assert_int_equal(b.found.n_obstacles, 0);
	assert_verdict(&b, "m is not loaded for its devices: blacklisted by /etc/modprobe.d/m.conf:2 "
			   "(modprobe m still loads it)");
	bench_close(&b);
}

static void no_devices_leave_the_answer_open(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\ninfo alias=pci:v00001234d*\n");
	bench_ask(&b);
	assert_answers(&b, WHY_YES, WHY_UNKNOWN, WHY_NOT_ASKED);
	unit_puts(b.dir, "sys/bus/pci/devices/0000:00:01.0/modalias", "pci:v00005678d00000001\n");
	bench_ask(&b);
	assert_answers(&b, WHY_YES, WHY_NOT_ASKED, WHY_NOT_ASKED);
	bench_close(&b);
}

/* Whether an unsigned module loads depends on a lockdown that was not read. */
static void an_unknown_signature_leaves_the_answer_open(void **state _unused_)
{
	struct bench b;

	bench_open(&b, "info name=m\ninfo alias=net-pf-99\n");
	set_mode(&b, "sys/kernel/security/lockdown", 0);
	bench_ask(&b);
	assert_answers(&b, WHY_UNKNOWN, WHY_UNKNOWN, WHY_NOT_ASKED);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_read_leaves_the_answer_unknown),
		cmocka_unit_test(a_list_that_cannot_be_read_concerns_the_boot_only),
		cmocka_unit_test(a_directory_that_cannot_be_read_is_named),
		cmocka_unit_test(a_blacklist_line_obstructs_aliases),
		cmocka_unit_test(no_devices_leave_the_answer_open),
		cmocka_unit_test(an_unknown_signature_leaves_the_answer_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
