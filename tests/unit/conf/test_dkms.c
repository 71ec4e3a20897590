// SPDX-License-Identifier: MIT
#include "../unit.h"

#include "read/conf/dkms.h"

#define HEAD "PACKAGE_NAME=p\nPACKAGE_VERSION=\"1.0\"\n"
#define RELEASE "6.1.0-13-amd64"

static struct dkms_conf read_conf(const char *text)
{
	struct dkms_conf c;

	assert_int_equal(dkms_conf_read(span_of_str(text), RELEASE, &c), 0);
	return c;
}

static void modules_have_the_names_that_a_shell_would_read(void **state)
{
	static const struct {
		const char *text, *first, *second;
	} table[] = {
		{ HEAD, "p", NULL },
		{ HEAD "BUILT_MODULE_NAME=a", "a", NULL },
		{ HEAD "  BUILT_MODULE_NAME[0]='a' # remark\nBUILT_MODULE_NAME[1]=b-c; X=1", "a", "b-c" },
		{ HEAD "BUILT_MODULE_NAME[0]=\"$PACKAGE_NAME\"", "p", NULL },
		{ HEAD "BUILT_MODULE_NAME[0]=\"${PACKAGE_NAME}_x\"'y'z", "p_xyz", NULL },
		{ HEAD "BUILT_MODULE_NAME[10]=\"${PACKAGE_VERSION[0]}\"", "1.0", NULL },
		{ HEAD "BUILT_MODULE_NAME[0]=a\nDEST_MODULE_NAME[0]=new", "new", NULL },
		{ HEAD "DEST_MODULE_NAME=new", "new", NULL },
		{ HEAD "BUILT_MODULE_NAME[0]=a\\\nb", "ab", NULL },
		{ HEAD "MAKE[0]=\"make \\\n\tall\"\nBUILT_MODULE_NAME[0]=m\r\n", "m", NULL },
		{ HEAD "BUILT_MODULE_NAME[0]=m-$kernelver", "m-" RELEASE, NULL },
		{ HEAD "if true; then\nX=1\nfi\nBUILT_MODULE_NAME[0]=m", "m", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		struct dkms_conf c = read_conf(table[i].text);

		assert_int_equal(c.state, DKMS_NAMES);
		assert_int_equal(c.modules.n, table[i].second ? 2 : 1);
		assert_string_equal(c.modules.items[0], table[i].first);
		if (table[i].second)
			assert_string_equal(c.modules.items[1], table[i].second);
		dkms_conf_done(&c);
	}
}

static void what_commands_and_conditions_decide_is_not_known(void **state)
{
	static const char *const table[] = {
		HEAD "BUILT_MODULE_NAME[0]=$(cat name)",
		HEAD "BUILT_MODULE_NAME[0]=`cat name`",
		HEAD "BUILT_MODULE_NAME[0]=${PACKAGE_NAME%x}",
		HEAD "BUILT_MODULE_NAME[0]=$nobody",
		HEAD "BUILT_MODULE_NAME[0]=a\nBUILT_MODULE_NAME[0]+=b",
		HEAD "BUILT_MODULE_NAME=(a b)",
		HEAD "if [ x ]; then\nBUILT_MODULE_NAME[0]=a\nfi",
		HEAD "[ x ] && BUILT_MODULE_NAME[0]=a",
		HEAD ". ./names",
		"source ./common.conf",
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		struct dkms_conf c = read_conf(table[i]);

		assert_int_equal(c.state, DKMS_UNCLEAR);
		dkms_conf_done(&c);
	}
}

static void without_a_name_and_a_version_it_is_invalid(void **state)
{
	static const char *const table[] = { "", "\n# nothing\n", "PACKAGE_NAME=a\nBUILT_MODULE_NAME=b",
					     "PACKAGE_VERSION=1" };

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		struct dkms_conf c = read_conf(table[i]);

		assert_int_equal(c.state, DKMS_INVALID);
		dkms_conf_done(&c);
	}
}

static void releases_may_be_excluded(void **state)
{
	static const struct {
		const char *line;
		bool takes;
	} table[] = {
		{ "", true },
		{ "BUILD_EXCLUSIVE_KERNEL=\"^(5\\.[6-9]\\.|6\\.)\"", true },
		{ "BUILD_EXCLUSIVE_KERNEL='^5\\.'", false },
		{ "BUILD_EXCLUSIVE_KERNEL=\"^5\\.\"\nBUILD_EXCLUSIVE_KERNEL=", true },
		{ "BUILD_EXCLUSIVE_KERNEL=$(x)", true },
		{ "BUILD_EXCLUSIVE_KERNEL='(('", true },
		{ "BUILD_EXCLUSIVE_KERNEL='a{99}'", false },
		{ "BUILD_EXCLUSIVE_KERNEL='a{9999}'", true },
		{ "BUILD_EXCLUSIVE_KERNEL='(a)\\1'", true },
		{ "BUILD_EXCLUSIVE_KERNEL='^5(+++++++++++++++++++++++++++++++++)'", true },
		{ "BUILD_EXCLUSIVE_KERNEL='^5+++++++++++++++++++++++++++++++++'", false },
		{ "BUILD_EXCLUSIVE_KERNEL='^(2\\.6\\..*|3\\..*|4\\..*|5\\..*|7\\..*|8\\..*|9\\..*)'", false },
		{ "BUILD_EXCLUSIVE_KERNEL='^(5+)+\\.'", false },
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(table); i++) {
		char text[256];
		struct dkms_conf c;

		snprintf(text, sizeof(text), HEAD "%s\n", table[i].line);
		c = read_conf(text);
		assert_int_equal(dkms_conf_takes(&c, RELEASE), table[i].takes);
		if (c.kernels && i < 5)
			assert_int_equal(c.kernels_line, 3);
		dkms_conf_done(&c);
	}
}

static void autoinstall_is_a_value(void **state)
{
	struct dkms_conf yes = read_conf(HEAD "AUTOINSTALL=yes"), no = read_conf(HEAD "AUTOINSTALL=");

	(void)state;
	assert_true(yes.autoinstall);
	assert_false(no.autoinstall);
	dkms_conf_done(&yes);
	dkms_conf_done(&no);
}

static void values_that_grow_end_somewhere(void **state)
{
	char text[1024] = HEAD "A=x\n";
	struct dkms_conf c;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		strcat(text, "A=$A$A\n");
	strcat(text, "BUILT_MODULE_NAME=$A\n");
	c = read_conf(text);
	assert_int_equal(c.state, DKMS_UNCLEAR);
	dkms_conf_done(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_have_the_names_that_a_shell_would_read),
		cmocka_unit_test(what_commands_and_conditions_decide_is_not_known),
		cmocka_unit_test(without_a_name_and_a_version_it_is_invalid),
		cmocka_unit_test(releases_may_be_excluded),
		cmocka_unit_test(autoinstall_is_a_value),
		cmocka_unit_test(values_that_grow_end_somewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
