// SPDX-License-Identifier: MIT
/* What a device is, how it may be called, and what keeps its modules from serving it. */
#include "../plan/fixture.h"

#include "verb/devices/served.h"

static const struct fixture_live none[] = { { 0 } };

static void read_devices(struct fixture *f, struct sys *sys, struct served *ret)
{
	const struct why_query q = { .sys = sys, .world = &f->world, .release = "5.0.0" };

	*sys = (struct sys){ .root = f->root };
	assert_int_equal(served_read(&q, ret), 0);
}

static void names_of_hwdata_say_what_a_device_is(void **state _unused_)
{
	_cleanup_served_ struct served s;
	struct fixture f;
	struct sys sys;

	fixture_open(&f, "", none);
	unit_puts(f.dir, "usr/share/misc/pci.ids",
		  "8086  Intel\n\t10d3  82574L\nC 02  Network\n\t00  Ethernet controller\n");
	unit_puts(f.dir, "sys/bus/pci/devices/0000:00:03.0/modalias",
		  "pci:v00008086d000010D3sv00000000sd00000000bc02sc00i00\n");
	unit_puts(f.dir, "sys/bus/pci/devices/0000:00:04.0/modalias",
		  "pci:v00008087d000010D3sv00000000sd00000000bc02sc80i00\n");
	unit_puts(f.dir, "sys/bus/platform/devices/x/modalias", "platform:x\n");
	read_devices(&f, &sys, &s);
	assert_int_equal(s.hardware.n, 3);
	assert_string_equal(s.items[0].id, "8086:10d3");
	assert_string_equal(s.items[0].what, "Ethernet controller: Intel 82574L");
	assert_string_equal(s.items[1].what, "Network");
	assert_null(s.items[2].id);
	assert_null(s.items[2].what);
	assert_true(served_is_called(&s.items[0], "00:03.0"));
	assert_true(served_is_called(&s.items[0], "8086:10D3"));
	assert_true(served_is_called(&s.items[0], "e"));
	assert_true(served_is_called(&s.items[0], "pci"));
	assert_false(served_is_called(&s.items[0], "00:04.0"));
	assert_false(served_is_called(&s.items[0], "f"));
	fixture_close(&f);
}

static void what_is_in_the_way_is_said(void **state _unused_)
{
	_cleanup_served_ struct served s;
	struct fixture f;
	struct sys sys;

	fixture_open(&f, "alias usb:v1* off\n", none);
	unit_puts(f.dir, "sys/bus/pci/devices/1/modalias", "pci:v1\n");
	unit_puts(f.dir, "sys/bus/pci/devices/2/modalias", "nothing:v1\n");
	read_devices(&f, &sys, &s);
	assert_true(served_is_unserved(&s.items[0]));
	assert_non_null(s.items[0].obstacles[0]); /* the file is not there */
	assert_null(s.items[0].obstacle);
	assert_true(served_is_unserved(&s.items[1]));
	assert_string_equal(s.items[1].obstacle, "no installed module has an alias for it");
	fixture_close(&f);
}

static void without_sysfs_nothing_is_known(void **state _unused_)
{
	struct served s;
	struct fixture f;
	struct sys sys;
	struct why_query q = { .sys = &sys, .world = &f.world, .release = "5.0.0" };

	fixture_open(&f, "", none);
	sys = (struct sys){ .root = f.root };
	assert_int_equal(served_read(&q, &s), -ENOENT);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_hwdata_say_what_a_device_is),
		cmocka_unit_test(what_is_in_the_way_is_said),
		cmocka_unit_test(without_sysfs_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
