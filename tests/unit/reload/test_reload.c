// SPDX-License-Identifier: MIT
/* A driver `core` with one holder `leaf`, loaded on a fake kernel with values that were set by hand. */
#include "unit.h"

#include <errno.h>

#include "base/fileio.h"
#include "lib/fake_kernel.h"
#include "mkko.h"
#include "read/index/writer.h"
#include "verb/reload/reload.h"

#define RELEASE "lib/modules/5.0.0/"
#define LOADED "leaf 100 0 - Live 0x0\ncore 100 1 leaf, Live 0x0\n"
/* A symbol, so that there is a .strtab in which functions of its own would stand. */
#define CORE "info name=core\ninfo depends=\ninfo parmtype=level:int\nlocal start\n"
#define LEAF "info name=leaf\ninfo depends=core\ninfo parmtype=mode:int\nlocal start\n"

struct bench {
	char *dir;
	struct fake_kernel fake;
	struct kernel kernel; /* the fake one; parameters of what it loads may be made read-only */
	bool read_only;
	struct sys sys;
	struct running running;
	struct buf messages; /* codes */
	struct reload reload;
};

static void collect(void *data, const struct diag_msg *msg)
{
	struct bench *b = data;

	buf_addf(&b->messages, "%s ", msg->code);
}

static void put_module(const struct bench *b, const char *path, const char *recipe)
{
	_cleanup_buf_ struct buf ko = BUF_INIT;

	assert_int_equal(mkko_build(recipe, &ko), 0);
	unit_write(b->dir, path, ko.p, ko.n);
}

static void put_index(const struct bench *b, const char *core)
{
	struct index_writer *w = index_writer_new();
	_cleanup_buf_ struct buf bytes = BUF_INIT;

	assert_non_null(w);
	assert_int_equal(index_writer_add(w, core, "kernel/core.ko:", 0), 0);
	assert_int_equal(index_writer_add(w, "leaf", "kernel/leaf.ko: kernel/core.ko", 1), 0);
	assert_int_equal(index_writer_finish(w, &bytes), 0);
	unit_write(b->dir, RELEASE "modules.dep.bin", bytes.p, bytes.n);
	index_writer_free(w);
}

static int wrapped_init(void *data, const void *image, size_t len, const char *options)
{
	struct bench *b = data;

	return kernel_init_module(&b->fake.kernel, image, len, options);
}

static int wrapped_finit(void *data, int fd, const char *options, int flags)
{
	struct bench *b = data;
	char path[4096];
	int r = kernel_finit_module(&b->fake.kernel, fd, options, flags);

	snprintf(path, sizeof(path), "%s/sys/module/leaf/parameters/mode", b->dir);
	if (b->read_only)
		chmod(path, 0444);
	return r;
}

static int wrapped_delete(void *data, const char *name, unsigned flags)
{
	struct bench *b = data;

	return kernel_delete_module(&b->fake.kernel, name, flags);
}

static int wrapped_uname(void *data, struct utsname *ret)
{
	struct bench *b = data;

	return kernel_uname(&b->fake.kernel, ret);
}

static const struct kernel_calls wrapped = { wrapped_init, wrapped_finit, wrapped_delete, wrapped_uname };

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->dir = unit_mkdtemp();
	unit_puts(b->dir, "proc/modules", LOADED);
	unit_puts(b->dir, "proc/sys/kernel/osrelease", "5.0.0\n");
	unit_puts(b->dir, "etc/modprobe.d/t.conf", "options core level=1\noptions leaf mode=1\n");
	put_module(b, RELEASE "kernel/core.ko", CORE);
	put_module(b, RELEASE "kernel/leaf.ko", LEAF);
	put_index(b, "core");
	assert_int_equal(fake_kernel_init(&b->fake, b->dir), 0);
	unit_puts(b->dir, "sys/module/core/parameters/level", "3\n");
	unit_puts(b->dir, "sys/module/leaf/parameters/mode", "7\n");
	b->kernel = (struct kernel){ &wrapped, b };
	b->sys = (struct sys){ .root = { .prefix = b->dir }, .kernel = &b->kernel, .diag = { collect, b, LOG_ERR } };
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	reload_done(&b->reload);
	running_close(&b->running);
	fake_kernel_done(&b->fake);
	buf_done(&b->messages);
	unit_rmdir(b->dir);
	free(b);
	return 0;
}

static int prepare(struct bench *b, const char *given)
{
	assert_int_equal(running_open(&b->sys, &b->running), 0);
	b->reload = (struct reload){ .sys = &b->sys, .running = &b->running, .given = given };
	return reload_prepare(&b->reload, "core");
}

static void assert_file(const struct bench *b, const char *path, const char *want)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(file_read(&b->sys.root, path, 65536, &text), 0);
	assert_string_equal(buf_str(&text), want);
}

static void assert_obstacle(const struct bench *b, const char *want)
{
	assert_int_equal(b->reload.obstacles.n, 1);
	assert_string_equal(b->reload.obstacles.items[0], want);
}

/* ---- it goes well ---- */

#define OUT "delete leaf flags=O_NONBLOCK = 0\ndelete core flags=O_NONBLOCK = 0\n"

static void what_was_set_by_hand_is_written_back(void **state)
{
	struct bench *b = *state;
	_cleanup_strv_ struct strv changes = { 0 };

	assert_int_equal(prepare(b, "level=2"), 0);
	assert_int_equal(b->reload.n, 2);
	assert_int_equal(reload_carry_out(&b->reload), RELOAD_OK);
	assert_file(b, "/fake/log",
		    OUT "finit core flags=0 options=level=1 level=2 = 0\nfinit leaf flags=0 options=mode=1  = 0\n");
	assert_file(b, "/sys/module/leaf/parameters/mode", "7");
	assert_int_equal(reload_find_changes(&b->reload, &changes), 0);
	assert_int_equal(changes.n, 1);
	assert_string_equal(changes.items[0], "parameter level of core was 3 and is 2");
}

static void what_cannot_be_written_is_given_at_a_second_load(void **state)
{
	struct bench *b = *state;

	b->read_only = true;
	assert_int_equal(prepare(b, NULL), 0);
	assert_int_equal(reload_carry_out(&b->reload), RELOAD_OK);
	assert_file(b, "/fake/log",
		    OUT "finit core flags=0 options=level=1  = 0\nfinit leaf flags=0 options=mode=1  = 0\n"
			"delete leaf flags=O_NONBLOCK = 0\nfinit leaf flags=0 options=mode=1 mode=7 = 0\n");
}

/* A charp may show what cannot be given, functions of its own what they do not take; "(null)" was never set. */
static void values_that_cannot_be_given_are_not_promised(void **state)
{
	struct bench *b = *state;

	put_module(b, RELEASE "kernel/leaf.ko",
		   "info name=leaf\ninfo depends=core\ninfo parmtype=mode:int\nlocal __param_ops_mode\n"
		   "info parmtype=name:charp\ninfo parmtype=hidden:int\ninfo parmtype=odd:policy_t\ninfo "
		   "parmtype=ok:array of int\n");
	unit_puts(b->dir, "sys/module/leaf/parameters/name", "(null)\n");
	unit_puts(b->dir, "sys/module/leaf/parameters/odd", "1\n");
	unit_puts(b->dir, "sys/module/leaf/parameters/ok", "1,2\n");
	assert_int_equal(prepare(b, NULL), 0);
	assert_string_equal(b->reload.modules[0].name, "leaf");
	assert_int_equal(b->reload.modules[0].restorable.n, 1);
	assert_string_equal(b->reload.modules[0].restorable.items[0], "ok");
	assert_int_equal(b->reload.modules[0].unknown.n, 1);
	assert_string_equal(b->reload.modules[0].unknown.items[0], "hidden");
}

/* ---- it does not ---- */

static void a_holder_that_does_not_come_back_undoes_everything(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "fake/errors", "finit leaf ENODEV 1\n");
	assert_int_equal(prepare(b, "level=2"), 0);
	assert_int_equal(reload_carry_out(&b->reload), RELOAD_RESTORED);
	assert_file(b, "/sys/module/core/parameters/level", "3");
	assert_file(b, "/sys/module/leaf/parameters/mode", "7");
	assert_string_equal(buf_str(&b->messages), "reload.load why.init-failed ");
}

static void what_stays_out_is_broken(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "fake/errors", "finit core EKEYREJECTED\n");
	assert_int_equal(prepare(b, NULL), 0);
	assert_int_equal(reload_carry_out(&b->reload), RELOAD_BROKEN);
	assert_non_null(strstr(buf_str(&b->messages), "reload.load "));
	assert_non_null(strstr(buf_str(&b->messages), "trust."));
}

static void a_module_that_does_not_go_brings_its_holders_back(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "fake/errors", "delete core EBUSY\n");
	assert_int_equal(prepare(b, NULL), 0);
	assert_int_equal(reload_carry_out(&b->reload), RELOAD_RESTORED);
	assert_file(b, "/sys/module/leaf/parameters/mode", "7");
	assert_string_equal(buf_str(&b->messages), "reload.unload ");
}

/* ---- it is not begun ---- */

static void a_module_that_is_not_loaded(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "proc/modules", "");
	assert_int_equal(prepare(b, NULL), -ENOENT);
	assert_string_equal(buf_str(&b->messages), "reload.not-loaded ");
}

static void a_module_whose_file_is_gone(void **state)
{
	struct bench *b = *state;

	put_index(b, "other");
	assert_int_equal(prepare(b, NULL), -ENOENT);
	assert_string_equal(buf_str(&b->messages), "reload.no-file ");
}

static void a_module_without_an_exit_function(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "proc/modules", "leaf 100 0 - Live 0x0\ncore 100 1 leaf,[permanent], Live 0x0\n");
	assert_int_equal(prepare(b, NULL), 0);
	assert_obstacle(b, "core has no exit function and cannot be unloaded");
}

static void references_of_unknown_origin(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "proc/modules", "leaf 100 0 - Live 0x0\ncore 100 3 leaf, Live 0x0\n");
	assert_int_equal(prepare(b, NULL), 0);
	assert_obstacle(b, "core is used by something that cannot be seen (2 of 3 references)");
}

static void a_holder_that_has_a_user(void **state)
{
	struct bench *b = *state;

	unit_puts(b->dir, "proc/modules", "leaf 100 1 - Live 0x0\ncore 100 1 leaf, Live 0x0\n");
	unit_puts(b->dir, "proc/swaps", "Filename Type Size Used Priority\n");
	unit_puts(b->dir, "proc/filesystems", "nodev\tproc\n\tleaf\n");
	unit_puts(b->dir, "proc/self/mountinfo", "25 1 8:1 / /mnt rw - leaf /dev/sda1 rw\n");
	assert_int_equal(prepare(b, NULL), 0);
	assert_int_equal(b->reload.obstacles.n, 1);
	assert_non_null(strstr(b->reload.obstacles.items[0], "leaf is used by "));
	assert_non_null(strstr(b->reload.obstacles.items[0], "/mnt"));
}

/* ---- afterwards ---- */

static void devices_and_interfaces_that_are_lost(void **state)
{
	struct bench *b = *state;
	struct bound_device devices[] = { { "pci", "core", "0000:00:03.0" }, { "pci", "core", "0000:00:04.0" } };
	struct reload_module module = { .name = "core", .devices = { .items = devices, .n = ELEMENTSOF(devices) } };
	char *names[] = { (char[]){ "eth0" }, (char[]){ "eth1" } };
	const struct reload x = {
		.sys = &b->sys, .modules = &module, .n = 1, .interfaces = { .items = names, .n = 2 }
	};
	_cleanup_strv_ struct strv lines = { 0 };

	unit_puts(b->dir, "sys/bus/pci/devices/0000:00:03.0/driver", "");
	unit_puts(b->dir, "sys/bus/pci/devices/0000:00:04.0/uevent", "");
	unit_puts(b->dir, "sys/class/net/eth0/flags", "0x1003\n");
	unit_puts(b->dir, "sys/class/net/eth1/flags", "0x1002\n");
	assert_int_equal(reload_find_losses(&x, &lines), 0);
	assert_int_equal(lines.n, 2);
	assert_string_equal(lines.items[0], "device 0000:00:04.0 (pci) was bound to core and has no driver now");
	assert_string_equal(lines.items[1], "network interface eth1 was up and is not now");
}

#define bench_test(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(what_was_set_by_hand_is_written_back),
		bench_test(what_cannot_be_written_is_given_at_a_second_load),
		bench_test(values_that_cannot_be_given_are_not_promised),
		bench_test(a_holder_that_does_not_come_back_undoes_everything),
		bench_test(what_stays_out_is_broken),
		bench_test(a_module_that_does_not_go_brings_its_holders_back),
		bench_test(a_module_that_is_not_loaded),
		bench_test(a_module_whose_file_is_gone),
		bench_test(a_module_without_an_exit_function),
		bench_test(references_of_unknown_origin),
		bench_test(a_holder_that_has_a_user),
		bench_test(devices_and_interfaces_that_are_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
