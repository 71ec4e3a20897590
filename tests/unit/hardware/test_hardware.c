// SPDX-License-Identifier: MIT
/* Which devices want a module, and which have what they need. */
#include "../plan/fixture.h"

#include "verb/hardware/hardware.h"

static const struct fixture_live none[] = { { 0 } };

/* A device of a bus, and the driver that is bound to it. */
static void add_device(struct fixture *f, const char *bus, const char *name, const char *modalias, const char *driver)
{
	char path[256];

	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s/modalias", bus, name);
	unit_puts(f->dir, path, modalias);
	snprintf(path, sizeof(path), "sys/bus/%s/devices/%s/driver", bus, name);
	if (driver)
		unit_link(f->dir, path, driver);
}

static void check(struct fixture *f, size_t i, enum hardware_state state, const char *modules)
{
	_cleanup_hardware_ struct hardware h = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct sys sys = { .root = f->root };

	assert_int_equal(hardware_read(&sys, &f->world, &h), 0);
	assert_true(i < h.n);
	for (size_t k = 0; k < h.items[i].n_modules; k++)
		buf_addf(&text, "%s%s ", h.items[i].modules[k].name, h.items[i].modules[k].builtin ? "+" : "");
	assert_string_equal(buf_str(&text), modules);
	assert_int_equal(h.items[i].state, state);
	assert_int_equal(hardware_count(&h, state), 1);
}

static void a_device_without_a_driver_wants_its_module(void **state _unused_)
{
	struct fixture f;

	fixture_open(&f, "", none);
	add_device(&f, "pci", "1", "pci:v1", NULL);
	check(&f, 0, HARDWARE_IDLE, "e ");
	add_device(&f, "pci", "1", "pci:v1", "../drivers/e");
	check(&f, 0, HARDWARE_DRIVEN, "e ");
	fixture_close(&f);
}

static void what_registers_no_driver_there_serves_without_one(void **state _unused_)
{
	static const struct fixture_live loaded[] = { { .name = "e", .state = LIVE_LIVE }, { 0 } };
	struct fixture f;

	fixture_open(&f, "", loaded);
	add_device(&f, "pci", "1", "pci:v1", NULL);
	unit_puts(f.dir, "sys/module/e/drivers/usb:e", "");
	check(&f, 0, HARDWARE_SERVED, "e ");
	unit_puts(f.dir, "sys/module/e/drivers/pci:e", "");
	check(&f, 0, HARDWARE_IDLE, "e ");
	fixture_close(&f);
}

static void code_in_the_kernel_serves(void **state _unused_)
{
	struct fixture f;

	fixture_open(&f, "", none);
	add_device(&f, "odd", "1", "net-pf-1", NULL);
	check(&f, 0, HARDWARE_SERVED, "unix+ ");
	fixture_close(&f);
}

static void what_takes_no_driver_is_not_called_idle(void **state _unused_)
{
	struct fixture f;

	fixture_open(&f, "", none);
	unit_puts(f.dir, "sys/class/input/input0/modalias", "pci:v2");
	check(&f, 0, HARDWARE_NOT_LOADED, "e ");
	fixture_close(&f);
}

static void an_alias_that_is_switched_off_still_shows_the_module(void **state _unused_)
{
	_cleanup_hardware_ struct hardware h = { 0 };
	struct fixture f;

	fixture_open(&f, "alias pci:* off\nblacklist e\n", none);
	add_device(&f, "pci", "1", "pci:v1", NULL);
	check(&f, 0, HARDWARE_IDLE, "e ");
	assert_int_equal(hardware_read(&(struct sys){ .root = f.root }, &f.world, &h), 0);
	assert_int_equal(h.items[0].off->line, 1);
	assert_int_equal(h.items[0].modules[0].blacklisted->line, 2);
	fixture_close(&f);
}

static void only_installed_modules_count_once(void **state _unused_)
{
	struct fixture f;

	fixture_open(&f, "alias pci:* no-such\nalias p* e\nalias pci:v* e\n", none);
	add_device(&f, "pci", "1", "pci:v1", NULL);
	check(&f, 0, HARDWARE_IDLE, "e ");
	fixture_close(&f);
}

static void a_description_by_acpi_is_left_out(void **state _unused_)
{
	struct fixture f;

	fixture_open(&f, "", none);
	add_device(&f, "acpi", "X:00", "pci:v1", NULL);
	unit_puts(f.dir, "sys/bus/acpi/devices/X:00/physical_node/modalias", "");
	add_device(&f, "platform", "X:00", "nosuch:v1", NULL);
	check(&f, 0, HARDWARE_UNKNOWN, "");
	fixture_close(&f);
}

static void what_cannot_be_listed_is_not_known(void **state _unused_)
{
	_cleanup_hardware_ struct hardware h = { 0 };
	const struct plan_world empty = { 0 };
	struct fixture f;

	fixture_open(&f, "", none);
	assert_int_equal(hardware_read(&(struct sys){ .root = f.root }, &empty, &h), 0);
	assert_int_equal(h.n, 0);
	assert_int_equal(h.error, -ENOENT);
	assert_false(h.is_indexed);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_without_a_driver_wants_its_module),
		cmocka_unit_test(what_registers_no_driver_there_serves_without_one),
		cmocka_unit_test(code_in_the_kernel_serves),
		cmocka_unit_test(what_takes_no_driver_is_not_called_idle),
		cmocka_unit_test(an_alias_that_is_switched_off_still_shows_the_module),
		cmocka_unit_test(only_installed_modules_count_once),
		cmocka_unit_test(a_description_by_acpi_is_left_out),
		cmocka_unit_test(what_cannot_be_listed_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
