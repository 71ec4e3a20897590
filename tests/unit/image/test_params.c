// SPDX-License-Identifier: MIT
#include "image_test.h"

#include <errno.h>

#include "read/image/facts.h"

static void joins_by_name_in_order_of_first_appearance(void **state)
{
	static const char text[] =
		"parm=b:text\0parmtype=a:int\0parm=junk\0parmtype=b:bool\0parm=c: x : y\0parm=b:later\0";
	struct modinfo m;
	struct parameters p;

	(void)state;
	assert_int_equal(modinfo_parse(span_of(text, sizeof(text) - 1), &m), 0);
	assert_int_equal(parameters_read(&m, &p), 0);
	assert_int_equal(p.n, 3);
	assert_memory_equal(p.items[0].name, "b:", 2);
	assert_string_equal(p.items[0].description, "later");
	assert_string_equal(p.items[0].type, "bool");
	assert_null(p.items[1].description);
	assert_string_equal(p.items[1].type, "int");
	assert_string_equal(p.items[2].description, " x : y");
	assert_null(p.items[2].type);
	parameters_done(&p);
	modinfo_done(&m);
}

static void finds_dash_for_underscore(void **state)
{
	static const char text[] = "parmtype=rx_mode:int\0";
	struct modinfo m;
	struct parameters p;

	(void)state;
	assert_int_equal(modinfo_parse(span_of(text, sizeof(text) - 1), &m), 0);
	assert_int_equal(parameters_read(&m, &p), 0);
	assert_ptr_equal(parameters_find(&p, "rx-mode=1", 7), &p.items[0]);
	assert_null(parameters_find(&p, "rx_mod", 6));
	assert_null(parameters_find(&p, "tx_mode", 7));
	parameters_done(&p);
	modinfo_done(&m);
}

static int verdict(const char *type, const char *value)
{
	const struct parameter p = { .name = "x", .name_len = 1, .type = type };

	return parameter_check(&p, value, value ? strlen(value) : 0);
}

static void takes_the_kernels_numbers(void **state)
{
	static const struct {
		const char *type, *value;
		int result;
	} cases[] = {
		{ "int", "0", 0 },
		{ "int", "-2147483648", 0 },
		{ "int", "-2147483649", -ERANGE },
		{ "int", "2147483648", -ERANGE },
		{ "int", "0x7fffffff", 0 },
		{ "int", "+5", 0 },
		{ "int", "-0x10", 0 },
		{ "int", "-+5", -EINVAL },
		{ "int", "017", 0 },
		{ "int", "08", -EINVAL },
		{ "int", "0x", -EINVAL },
		{ "int", "", -EINVAL },
		{ "int", "-", -EINVAL },
		{ "int", "5\n", 0 },
		{ "int", "5 ", -EINVAL },
		{ "int", " 5", -EINVAL },
		{ "int", "5,6", -EINVAL },
		{ "int", "0b1", -EINVAL },
		{ "int", "\"7\"", 0 },
		{ "uint", "4294967295", 0 },
		{ "uint", "4294967296", -ERANGE },
		{ "uint", "-1", -EINVAL },
		{ "hexint", "ff", -EINVAL },
		{ "hexint", "0xff", 0 },
		{ "byte", "255", 0 },
		{ "byte", "256", -ERANGE },
		{ "short", "-32768", 0 },
		{ "short", "32768", -ERANGE },
		{ "ushort", "65535", 0 },
		{ "ushort", "0x10000", -ERANGE },
		{ "ulong", "4294967295", 0 },
		{ "ullong", "18446744073709551615", 0 },
		{ "ullong", "18446744073709551616", -ERANGE },
		{ "ullong", "99999999999999999999x", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		if (verdict(cases[i].type, cases[i].value) != cases[i].result)
			fail_msg("%s %s", cases[i].type, cases[i].value);
	}
}

static void a_long_is_the_kernels(void **state)
{
	static const struct {
		const char *type, *value;
		int bits32, bits64;
	} cases[] = {
		{ "long", "2147483647", 0, 0 },
		{ "long", "2147483648", -ERANGE, 0 },
		{ "long", "-2147483648", 0, 0 },
		{ "long", "9223372036854775808", -ERANGE, -ERANGE },
		{ "ulong", "4294967296", -ERANGE, 0 },
		{ "ulong", "18446744073709551616", -ERANGE, -ERANGE },
		{ "array of ulong", "1,4294967296", -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct parameter p = { .name = "x", .name_len = 1, .type = cases[i].type };
		const char *value = cases[i].value;

		assert_int_equal(parameter_check(&p, value, strlen(value)), cases[i].bits64);
		p.long_bits = 64;
		assert_int_equal(parameter_check(&p, value, strlen(value)), cases[i].bits64);
		p.long_bits = 32;
		assert_int_equal(parameter_check(&p, value, strlen(value)), cases[i].bits32);
	}
}

static void takes_the_kernels_booleans(void **state)
{
	static const char *const good[] = { "y", "Yes", "1", "true", "on", "OFF", "n", "0", "False" };
	static const char *const bad[] = { "", "2", "o", "ok", "enable", "-1" };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(good); i++)
		assert_int_equal(verdict(i % 2 ? "bool" : "invbool", good[i]), 0);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(verdict("bool", bad[i]), -EINVAL);
}

static void only_flags_may_come_without_value(void **state)
{
	(void)state;
	assert_int_equal(verdict("bool", NULL), 0);
	assert_int_equal(verdict("bint", NULL), 0);
	assert_int_equal(verdict("invbool", NULL), -EINVAL);
	assert_int_equal(verdict("int", NULL), -EINVAL);
	assert_int_equal(verdict("charp", NULL), -EINVAL);
	assert_int_equal(verdict("array of bool", NULL), -EINVAL);
}

static void checks_every_element_of_an_array(void **state)
{
	(void)state;
	assert_int_equal(verdict("array of int", "1,2,3"), 0);
	assert_int_equal(verdict("array of int", "1, 2"), -EINVAL);
	assert_int_equal(verdict("array of int", "1,"), -EINVAL);
	assert_int_equal(verdict("array of byte", "1,256"), -ERANGE);
	assert_int_equal(verdict("array of charp", "a,,b"), 0);
}

static void limits_strings(void **state)
{
	char text[1026];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[1025] = '\0';
	assert_int_equal(verdict("charp", text), -ERANGE);
	text[1024] = '\0';
	assert_int_equal(verdict("charp", text), 0);
}

static void unknown_types_take_anything(void **state)
{
	(void)state;
	assert_int_equal(verdict(NULL, "x"), 0);
	assert_int_equal(verdict("some_ops", "x"), 0);
	assert_int_equal(verdict("array of some_ops", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_by_name_in_order_of_first_appearance),
		cmocka_unit_test(finds_dash_for_underscore),
		cmocka_unit_test(takes_the_kernels_numbers),
		cmocka_unit_test(a_long_is_the_kernels),
		cmocka_unit_test(takes_the_kernels_booleans),
		cmocka_unit_test(only_flags_may_come_without_value),
		cmocka_unit_test(checks_every_element_of_an_array),
		cmocka_unit_test(limits_strings),
		cmocka_unit_test(unknown_types_take_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
