// SPDX-License-Identifier: MIT
#include "unit.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "verb/why/device.h"
#include "verb/why/target.h"

/* A machine with a few devices, and no module. */
struct bench {
	char *dir;
	struct sys sys;
	struct catalog *catalog;
	struct plan_world world;
	struct why_query q;
	struct target t;
};

static void make_link(const struct bench *b, const char *path, const char *to)
{
	char full[PATH_MAX];
	_cleanup_buf_ struct buf parent = BUF_INIT;

	buf_adds(&parent, path);
	*strrchr(parent.p, '/') = '\0';
	assert_int_equal(root_mkdirs(&b->sys.root, parent.p), 0);
	snprintf(full, sizeof(full), "%s%s", b->dir, path);
	assert_int_equal(symlink(to, full), 0);
}

static void bench_open(struct bench *b)
{
	*b = (struct bench){ .dir = unit_mkdtemp() };
	b->sys.root.prefix = b->dir;
	assert_int_equal(catalog_open(&b->sys.root, "/lib/modules/6.1.0", NULL, &b->catalog), 0);
	b->world.catalog = b->catalog;
	b->q = (struct why_query){ .sys = &b->sys, .world = &b->world, .release = "6.1.0" };
	unit_puts(b->dir, "sys/devices/pci0000:00/0000:00:1f.6/net/eth0/uevent", "");
	unit_puts(b->dir, "sys/devices/pci0000:00/0000:00:02.0/drm/card0/uevent", "");
	make_link(b, "/sys/devices/pci0000:00/0000:00:1f.6/driver", "../../../bus/pci/drivers/e1000e");
	make_link(b, "/sys/bus/pci/drivers/e1000e/module", "../../../../module/e1000e");
	make_link(b, "/sys/devices/pci0000:00/0000:00:02.0/driver", "../../../bus/pci/drivers/simple");
	assert_int_equal(root_mkdirs(&b->sys.root, "/sys/bus/pci/drivers/simple"), 0);
	make_link(b, "/sys/class/net/eth0", "../../devices/pci0000:00/0000:00:1f.6/net/eth0");
	make_link(b, "/sys/bus/pci/devices/0000:00:1f.6", "../../../devices/pci0000:00/0000:00:1f.6");
	make_link(b, "/sys/dev/char/226:0", "../../devices/pci0000:00/0000:00:02.0/drm/card0");
	unit_puts(b->dir, "etc/motd", "hello");
}

static void bench_close(struct bench *b)
{
	catalog_close(b->catalog);
	unit_rmdir(b->dir);
}

/* module NULL: none. code: of what is said. */
static void assert_target(struct bench *b, const char *asked, enum target_kind kind, const char *module, int code)
{
	_cleanup_target_ struct target t = { 0 };

	assert_int_equal(target_find(&b->q, asked, &t), 0);
	assert_int_equal(t.kind, kind);
	assert_int_equal(t.modules.n, module != NULL);
	if (module)
		assert_string_equal(t.modules.items[0].name, module);
	assert_int_equal(t.said.n, code >= 0);
	if (code >= 0)
		assert_int_equal(t.said.items[0].code, code);
}

static void pci_addresses(void **state _unused_)
{
	static const char *const wrong[] = { "",         "00:1f",        "00:1f.8",  "1f.6",       "000:00:1f.6",
					     "00:1f.66", "0000-00:1f.6", "00:1f.6x", "0000:00:1f", "g0:1f.6" };
	char address[32];

	assert_true(device_pci_address("00:1F.6", address, sizeof(address)));
	assert_string_equal(address, "0000:00:1f.6");
	assert_true(device_pci_address("0000:00:1f.6", address, sizeof(address)));
	assert_string_equal(address, "0000:00:1f.6");
	assert_true(device_pci_address("0000:e1:00.0", address, sizeof(address)));
	assert_true(device_pci_address("00010000:e1:00.0", address, sizeof(address)));
	assert_string_equal(address, "00010000:e1:00.0");
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
		if (device_pci_address(wrong[i], address, sizeof(address)))
			fail_msg("%s", wrong[i]);
	assert_false(device_pci_address("0000:00:1f.6", address, 8));
}

static void only_some_arguments_with_a_slash_are_paths(void **state _unused_)
{
	static const char *const paths[] = { "/etc", "./x", "../x", "build/x.ko", "build/x.ko.xz", "/" };
	static const char *const others[] = { "x.ko", "of:N*Tsoc/device", "devname:net/tun", "snd-card-0", "", ".x" };

	for (size_t i = 0; i < ELEMENTSOF(paths); i++)
		if (!target_is_path(paths[i]))
			fail_msg("%s", paths[i]);
	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		if (target_is_path(others[i]))
			fail_msg("%s", others[i]);
}

static void arguments_are_classified(void **state _unused_)
{
	struct bench b;

	bench_open(&b);
	assert_target(&b, "eth0", TARGET_DEVICE, "e1000e", WHY_IS_DEVICE);
	assert_target(&b, "00:1f.6", TARGET_DEVICE, "e1000e", WHY_IS_DEVICE);
	assert_target(&b, "/sys/class/net/eth0", TARGET_DEVICE, "e1000e", WHY_IS_DEVICE);
	assert_target(&b, "/dev/eth0", TARGET_DEVICE, "e1000e", WHY_IS_DEVICE);
	assert_target(&b, "/etc", TARGET_PATH, NULL, WHY_IS_DIRECTORY);
	assert_target(&b, "/sys/class", TARGET_PATH, NULL, WHY_IS_DIRECTORY);
	assert_target(&b, "/etc/motd", TARGET_FILE, "motd", -1);
	assert_target(&b, "/etc/motd/x", TARGET_PATH, NULL, WHY_NO_SUCH_PATH);
	assert_target(&b, "./nosuch.ko", TARGET_PATH, NULL, WHY_NO_SUCH_PATH);
	assert_target(&b, "nosuch", TARGET_NAME, NULL, -1);
	assert_target(&b, "..", TARGET_NAME, NULL, -1);
	assert_target(&b, "", TARGET_NAME, NULL, -1);
	assert_target(&b, "pci:v0[", TARGET_NAME, NULL, -1);
	bench_close(&b);
}

static void a_device_node_leads_to_its_driver(void **state _unused_)
{
	struct bench b;

	bench_open(&b);
	assert_int_equal(device_find_node(&b.q, "/dev/dri/card0", false, makedev(226, 0), &b.t.modules, &b.t.said), 1);
	assert_int_equal(b.t.modules.n, 0);
	assert_string_equal(b.t.said.items[0].text, "/dev/dri/card0 belongs to device 0000:00:02.0, which is bound to "
						    "the driver simple, which is built into the kernel");
	target_done(&b.t);
	assert_int_equal(device_find_node(&b.q, "/dev/odd", true, makedev(1, 2), &b.t.modules, &b.t.said), 1);
	assert_int_equal(b.t.said.items[0].code, WHY_DEVICE_UNKNOWN);
	target_done(&b.t);
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pci_addresses),
		cmocka_unit_test(only_some_arguments_with_a_slash_are_paths),
		cmocka_unit_test(arguments_are_classified),
		cmocka_unit_test(a_device_node_leads_to_its_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
