// SPDX-License-Identifier: MIT
/* pci.ids and usb.ids, and what a modalias says of a device. */
#include "../unit.h"

#include <errno.h>

#include "read/hwdata/hwids.h"

static void check_name(const struct hwid_list *l, uint32_t key, const char *want)
{
	struct span name = hwid_name(l, key);

	assert_int_equal(name.n, strlen(want));
	assert_memory_equal(name.p, want, name.n);
}

static void vendors_devices_and_classes_have_names(void **state _unused_)
{
	_cleanup_hwids_ struct hwids h = { 0 };

	assert_int_equal(hwids_parse(span_of_str("# head\n"
						 "8086  Intel Corporation\n"
						 "\t10d3  82574L\n"
						 "\t\t103c 3250  NC112T\n"
						 "1af4  Red Hat, Inc.\r\n"
						 "\t1000  Virtio\r\n"
						 "C 02  Network controller\n"
						 "\t00  Ethernet\n"
						 "\t10d3  no subclass\n"
						 "HID 21  no class\n"
						 "\t1000  of no vendor"),
				     &h),
			 0);
	assert_int_equal(h.vendors.n, 2);
	assert_int_equal(h.devices.n, 2);
	assert_int_equal(h.classes.n, 2);
	check_name(&h.vendors, 0x8086, "Intel Corporation");
	check_name(&h.vendors, 0x1af4, "Red Hat, Inc.");
	check_name(&h.devices, 0x808610d3, "82574L");
	check_name(&h.devices, 0x1af41000, "Virtio");
	check_name(&h.classes, HWIDS_CLASS(2), "Network controller");
	check_name(&h.classes, HWIDS_SUBCLASS(2, 0), "Ethernet");
	check_name(&h.vendors, 0x1000, "");
}

static void the_first_of_equal_entries_counts(void **state _unused_)
{
	_cleanup_hwids_ struct hwids h = { 0 };

	assert_int_equal(hwids_parse(span_of_str("1234  b\n1234  a\n1234\n1234  \n12345  c\n123  d\n"), &h), 0);
	assert_int_equal(h.vendors.n, 2);
	check_name(&h.vendors, 0x1234, "b");
}

static void the_file_is_where_distributions_have_it(void **state)
{
	const struct root root = { .prefix = *state };
	_cleanup_hwids_ struct hwids h = { 0 };

	assert_int_equal(hwids_open(&root, HWIDS_USB, &h), -ENOENT);
	unit_puts(*state, "usr/share/misc/usb.ids", "046d  Logitech\n");
	assert_int_equal(hwids_open(&root, HWIDS_USB, &h), 0);
	check_name(&h.vendors, 0x46d, "Logitech");
	hwids_done(&h);
	unit_puts(*state, "usr/share/hwdata/usb.ids", "046d  Logitech, Inc.\n");
	assert_int_equal(hwids_open(&root, HWIDS_USB, &h), 0);
	check_name(&h.vendors, 0x46d, "Logitech, Inc.");
}

static void aliases_name_vendor_device_and_class(void **state _unused_)
{
	struct hwid_alias a;

	assert_true(hwid_of_alias("pci:v00008086d000010D3sv00008086sd0000A01Fbc02sc00i00", &a));
	assert_int_equal(a.bus, HWIDS_PCI);
	assert_int_equal(a.vendor, 0x8086);
	assert_true(a.has_device);
	assert_int_equal(a.device, 0x10d3);
	assert_true(a.has_class);
	assert_int_equal(a.class, 2);
	assert_int_equal(a.subclass, 0);
	assert_true(hwid_of_alias("pci:v00001AF4d*sv*sd*bc*sc*i*", &a));
	assert_false(a.has_device);
	assert_false(a.has_class);
	assert_true(hwid_of_alias("usb:v046DpC52Bd*dc*dsc*dp*ic*isc*ip*in*", &a));
	assert_int_equal(a.bus, HWIDS_USB);
	assert_int_equal(a.device, 0xc52b);
	assert_true(hwid_of_alias("hid:b0003g*v0000046Dp0000C52B", &a));
	assert_int_equal(a.vendor, 0x46d);
	assert_int_equal(a.device, 0xc52b);
}

static void other_aliases_name_none(void **state _unused_)
{
	static const char *const others[] = { "pci:v*d*sv*sd*bc0Csc03i30*",
					      "pci:v0000808",
					      "usb:v*p*d*dc09*",
					      "usb:v12",
					      "hid:b0005g*v0000046Dp*",
					      "hid:b0003g",
					      "virtio:d00000001v*",
					      "",
					      "pci" };
	struct hwid_alias a;

	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		assert_false(hwid_of_alias(others[i], &a));
}

static void an_id_is_vendor_and_device(void **state _unused_)
{
	static const char *const others[] = { "",           "8086",       "8086:",        "8086:10d",  "8086:10d3a",
					      "[8086:10d3", "8086:10d3]", "0000:00:1f.6", "8086:10dg", "[8086:10d3]]" };
	uint16_t vendor = 0, device = 0;

	assert_true(hwid_parse("8086:10d3", &vendor, &device));
	assert_int_equal(vendor, 0x8086);
	assert_int_equal(device, 0x10d3);
	assert_true(hwid_parse("[046D:C52B]", &vendor, &device));
	assert_int_equal(vendor, 0x046d);
	assert_int_equal(device, 0xc52b);
	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		assert_false(hwid_parse(others[i], &vendor, &device));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vendors_devices_and_classes_have_names),
		cmocka_unit_test(the_first_of_equal_entries_counts),
		unit_test_in_dir(the_file_is_where_distributions_have_it),
		cmocka_unit_test(aliases_name_vendor_device_and_class),
		cmocka_unit_test(other_aliases_name_none),
		cmocka_unit_test(an_id_is_vendor_and_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
