// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/kernel/modalias.h"

static void devices_tell_their_alias_and_driver(void **state)
{
	_cleanup_modaliases_ struct modaliases m = { 0 };
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };

	(void)state;
	unit_puts(dir, "sys/bus/pci/devices/0000:00:02.0/modalias", "pci:v1\n");
	unit_puts(dir, "sys/bus/pci/drivers/a-driver/bind", "");
	unit_link(dir, "sys/bus/pci/devices/0000:00:02.0/driver", "../../drivers/a-driver");
	unit_link(dir, "sys/bus/pci/drivers/a-driver/module", "../../../../module/a-module");
	unit_puts(dir, "sys/bus/pci/devices/0000:00:01.0/modalias", "pci:v2\n");
	unit_puts(dir, "sys/bus/acpi/devices/PNP0A03:00/modalias", "acpi:PNP0A03:\n");
	unit_puts(dir, "sys/bus/acpi/devices/empty/modalias", "\n");
	unit_puts(dir, "sys/bus/acpi/devices/none/uevent", "\n");
	unit_puts(dir, "sys/class/dmi/id/modalias", "dmi:x\n");
	unit_puts(dir, "sys/devices/system/cpu/modalias", "cpu:type:x86\n");
	assert_int_equal(modaliases_read(&root, &m), 0);
	assert_int_equal(m.n, 5);
	assert_string_equal(m.items[0].modalias, "acpi:PNP0A03:");
	assert_string_equal(m.items[1].name, "0000:00:01.0");
	assert_null(m.items[1].driver);
	assert_null(m.items[1].module);
	assert_string_equal(m.items[2].bus, "pci");
	assert_string_equal(m.items[2].driver, "a-driver");
	assert_string_equal(m.items[2].module, "a_module");
	assert_string_equal(m.items[3].modalias, "dmi:x");
	assert_string_equal(m.items[4].bus, "cpu");
	unit_rmdir(dir);
}

static void a_machine_without_sysfs_has_none(void **state)
{
	struct modaliases m = { 0 };
	const struct root root = { .prefix = "/nonexistent" };

	(void)state;
	assert_int_equal(modaliases_read(&root, &m), 0);
	assert_int_equal(m.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_tell_their_alias_and_driver),
		cmocka_unit_test(a_machine_without_sysfs_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
