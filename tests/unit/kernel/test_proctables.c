// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>

#include "read/kernel/proctables.h"

static void algorithms_end_at_a_blank_line_or_the_end(void **state _unused_)
{
	char text[] = "name         : cbc(aes)\ndriver       : cbc-aes-x\nmodule       : aesni_intel\nrefcnt       : "
		      "3\nselftest     : passed\n\n"
		      "name : lost\n\nname : last\ndriver : d\nmodule : kernel\nrefcnt : many";
	_cleanup_crypto_algs_ struct crypto_algs t = { 0 };

	assert_int_equal(crypto_algs_parse(text, &t), 0);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.items[0].name, "cbc(aes)");
	assert_string_equal(t.items[0].driver, "cbc-aes-x");
	assert_string_equal(t.items[0].module, "aesni_intel");
	assert_int_equal(t.items[0].refcnt, 3);
	assert_string_equal(t.items[1].name, "last");
	assert_int_equal(t.items[1].refcnt, 0);
}

static void protocols_are_summed_up(void **state _unused_)
{
	char text[] = "protocol  size sockets  memory press maxhdr  slab module     cl co\n"
		      "SCTP      1600      4       0   no       0   yes  sctp        y  n\n"
		      "SCTP      1600      3       0   no       0   yes  sctp        y  n\n"
		      "BAD       1600      x       0   no       0   yes  sctp        y  n\nSHORT 1 2\n";
	_cleanup_socket_protocols_ struct socket_protocols t = { 0 };

	assert_int_equal(socket_protocols_parse(text, &t), 0);
	assert_int_equal(t.n, 1);
	assert_string_equal(t.items[0].name, "SCTP");
	assert_string_equal(t.items[0].module, "sctp");
	assert_int_equal(t.items[0].sockets, 7);
}

static void swap_is_a_partition_or_a_file(void **state _unused_)
{
	char text[] = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/zram0  partition\t16380\t0\t-2\n/swap "
		      "file 1 2 3\n/cut\n";
	_cleanup_swap_areas_ struct swap_areas t = { 0 };

	assert_int_equal(swap_areas_parse(text, &t), 0);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.items[0].path, "/dev/zram0");
	assert_false(t.items[0].is_file);
	assert_string_equal(t.items[1].path, "/swap");
	assert_true(t.items[1].is_file);
}

static void majors_of_both_kinds(void **state _unused_)
{
	char text[] = "Character devices:\n  1 mem\n  5 /dev/tty\n\nBlock devices:\n  7 loop\n253 device-mapper\nx y\n";
	_cleanup_device_majors_ struct device_majors t = { 0 };

	assert_int_equal(device_majors_parse(text, &t), 0);
	assert_int_equal(t.n, 4);
	assert_string_equal(t.items[1].name, "/dev/tty");
	assert_false(t.items[1].block);
	assert_string_equal(t.items[3].name, "device-mapper");
	assert_int_equal(t.items[3].major, 253);
	assert_true(t.items[3].block);
}

static void protocols_of_other_network_namespaces(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct socket_protocols t;
	struct swap_areas none;

	assert_int_equal(socket_protocols_read(&root, &t), -ENOENT);
	assert_int_equal(swap_areas_read(&root, &none), -ENOENT);
	unit_puts(dir, "proc/net/protocols", "TUN 1 2 3 4 5 6 tun\n");
	unit_link(dir, "proc/self/ns/net", "net:[1]");
	unit_puts(dir, "proc/10/net/protocols", "TUN 1 5 3 4 5 6 tun\n");
	unit_link(dir, "proc/10/ns/net", "net:[2]");
	assert_int_equal(socket_protocols_read(&root, &t), 0);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.items[0].sockets, 7);
	socket_protocols_done(&t);
	unit_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(algorithms_end_at_a_blank_line_or_the_end),
		cmocka_unit_test(protocols_are_summed_up),
		cmocka_unit_test(swap_is_a_partition_or_a_file),
		cmocka_unit_test(majors_of_both_kinds),
		cmocka_unit_test(protocols_of_other_network_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
