// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <sys/sysmacros.h>

#include "read/kernel/devices.h"

#define NIC "sys/devices/pci0000:00/0000:00:03.0"

/* A network card, its driver's module and its interface. */
static char *card(void)
{
	char *dir = unit_mkdtemp();

	unit_link(dir, "sys/module/nic/drivers/pci:nic", "../../../bus/pci/drivers/nic");
	unit_puts(dir, "sys/bus/pci/drivers/nic/bind", "");
	unit_link(dir, "sys/bus/pci/drivers/nic/module", "../../../../module/nic");
	unit_link(dir, "sys/bus/pci/drivers/nic/0000:00:03.0", "../../../../devices/pci0000:00/0000:00:03.0");
	unit_link(dir, "sys/bus/pci/devices/0000:00:03.0", "../../../devices/pci0000:00/0000:00:03.0");
	unit_link(dir, NIC "/driver", "../../../bus/pci/drivers/nic");
	unit_puts(dir, NIC "/net/eth0/flags", "0x1003\n");
	unit_link(dir, NIC "/net/eth0/device", "../../../0000:00:03.0");
	unit_link(dir, "sys/class/net/eth0", "../../devices/pci0000:00/0000:00:03.0/net/eth0");
	return dir;
}

static void devices_bound_to_a_module(void **state _unused_)
{
	char *dir = card();
	struct root root = { .prefix = dir };
	struct bound_devices d;

	assert_int_equal(bound_devices_read(&root, "nosuch", &d), 0);
	assert_int_equal(d.n, 0);
	assert_int_equal(bound_devices_read(&root, "nic", &d), 0);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.items[0].bus, "pci");
	assert_string_equal(d.items[0].driver, "nic");
	assert_string_equal(d.items[0].name, "0000:00:03.0");
	assert_true(bound_device_is_bound(&root, &d.items[0]));
	unit_link(dir, NIC "/driver", "../gone");
	assert_false(bound_device_is_bound(&root, &d.items[0]));
	bound_devices_done(&d);
	unit_rmdir(dir);
}

static void interfaces_with_state_kind_and_modules(void **state _unused_)
{
	char *dir = card();
	struct root root = { .prefix = dir };
	struct interfaces all;

	unit_puts(dir, "sys/class/net/br0/flags", "0x1002\n");
	unit_puts(dir, "sys/class/net/br0/uevent", "DEVTYPE=bridge\nINTERFACE=br0\n");
	unit_puts(dir, "sys/class/net/tap0/tun_flags", "0x1002\n");
	assert_int_equal(interfaces_read(&root, &all), 0);
	assert_int_equal(all.n, 3);
	assert_string_equal(all.items[0].name, "br0");
	assert_string_equal(all.items[0].kind, "bridge");
	assert_false(all.items[0].up);
	assert_string_equal(all.items[1].name, "eth0");
	assert_null(all.items[1].kind);
	assert_true(all.items[1].up);
	assert_int_equal(all.items[1].modules.n, 1);
	assert_string_equal(all.items[1].modules.items[0], "nic");
	assert_string_equal(all.items[2].kind, "tun");
	interfaces_done(&all);
	unit_rmdir(dir);
}

static void modules_up_the_bus_nearest_first(void **state _unused_)
{
	char *dir = card(), path[PATH_MAX];
	struct root root = { .prefix = dir };
	_cleanup_strv_ struct strv modules = { 0 };

	unit_link(dir, NIC "/host0/0:0:0:0/driver/module", "../../../../../module/sd_mod");
	unit_puts(dir, NIC "/host0/0:0:0:0/block/sda/dev", "8:0\n");
	unit_link(dir, "sys/dev/block/8:0", "../../devices/pci0000:00/0000:00:03.0/host0/0:0:0:0/block/sda");
	assert_int_equal(device_of_number(&root, true, makedev(8, 1), path), -ENOENT);
	assert_int_equal(device_of_number(&root, true, makedev(8, 0), path), 0);
	assert_string_equal(path, "/" NIC "/host0/0:0:0:0/block/sda");
	assert_int_equal(device_modules(&root, path, &modules), 0);
	assert_int_equal(modules.n, 2);
	assert_string_equal(modules.items[0], "sd_mod");
	assert_string_equal(modules.items[1], "nic");
	unit_rmdir(dir);
}

static void links_out_of_the_devices_are_refused(void **state _unused_)
{
	char *dir = unit_mkdtemp(), path[PATH_MAX];
	struct root root = { .prefix = dir };

	unit_puts(dir, "etc/passwd", "");
	unit_link(dir, "sys/dev/char/1:2", "../../../etc/passwd");
	assert_int_equal(device_of_number(&root, false, makedev(1, 2), path), -ENOENT);
	unit_rmdir(dir);
}

static void block_devices_that_are_set_up(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct block_devices all;

	assert_int_equal(block_devices_read(&root, &all), -ENOENT);
	unit_puts(dir, "sys/class/block/loop0/dev", "7:0\n");
	unit_puts(dir, "sys/class/block/loop0/loop/backing_file", "/a b.img\n");
	unit_puts(dir, "sys/class/block/loop0/holders/dm-0/x", "");
	unit_puts(dir, "sys/class/block/dm-0/dev", "253:0\n");
	unit_puts(dir, "sys/class/block/dm-0/dm/name", "root\n");
	unit_puts(dir, "sys/class/block/dm-0/dm/uuid", "\n");
	unit_puts(dir, "sys/class/block/odd/dev", "none\n");
	assert_int_equal(block_devices_read(&root, &all), 0);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.items[0].mapping, "root");
	assert_string_equal(all.items[0].uuid, "");
	assert_int_equal(all.items[1].number, makedev(7, 0));
	assert_string_equal(all.items[1].backing, "/a b.img");
	assert_null(all.items[1].mapping);
	assert_int_equal(all.items[1].holders.n, 1);
	assert_string_equal(all.items[1].holders.items[0], "dm-0");
	block_devices_done(&all);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_bound_to_a_module),
		cmocka_unit_test(interfaces_with_state_kind_and_modules),
		cmocka_unit_test(modules_up_the_bus_nearest_first),
		cmocka_unit_test(links_out_of_the_devices_are_refused),
		cmocka_unit_test(block_devices_that_are_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
