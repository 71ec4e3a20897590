// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>

#include "read/kernel/openfiles.h"

/* Descriptor 3 is character device 10:200, 4 block device 7:0, everything else a plain file. */
static int fake_device(const struct root *root _unused_, const char *path, bool *ret_block, dev_t *ret)
{
	const char fd = path[strlen(path) - 1];

	*ret_block = fd == '4';
	*ret = fd == '4' ? makedev(7, 0) : makedev(10, 200);
	return fd == '3' || fd == '4' || fd == '9';
}

static int fake_protocol(const struct root *root _unused_, const char *path, char ret[static OPEN_NAME_MAX])
{
	strcpy(ret, "SCTP");
	return path[strlen(path) - 1] == '6' ? -EOPNOTSUPP : 0;
}

static const struct open_probe fake = { .device = fake_device, .protocol = fake_protocol };

static void nodes_and_sockets_with_their_process(void **state _unused_)
{
	char *dir = unit_mkdtemp();
	struct root root = { .prefix = dir };
	struct open_files f;

	unit_puts(dir, "proc/5/comm", "daemon\n");
	unit_link(dir, "proc/5/fd/3", "/dev/net/tun");
	unit_link(dir, "proc/5/fd/9", "/dev/net/tun");
	unit_link(dir, "proc/5/fd/4", "/dev/loop0");
	unit_link(dir, "proc/5/fd/5", "socket:[17]");
	unit_link(dir, "proc/5/fd/6", "socket:[18]");
	unit_link(dir, "proc/5/fd/7", "/etc/passwd");
	unit_link(dir, "proc/5/fd/8", "pipe:[3]");
	assert_int_equal(open_files_read(&root, &fake, &f), 0);
	assert_int_equal(f.n, 3);
	for (size_t i = 0; i < f.n; i++) {
		const struct open_file *x = &f.items[i];

		assert_int_equal(x->pid, 5);
		assert_string_equal(x->process, "daemon");
		assert_int_equal(x->count, x->kind == OPEN_CHAR ? 2 : 1);
		assert_string_equal(x->name, x->kind == OPEN_CHAR  ? "/dev/net/tun" :
					     x->kind == OPEN_BLOCK ? "/dev/loop0" :
								     "SCTP");
	}
	assert_true(f.complete);
	open_files_done(&f);
	unit_rmdir(dir);
}

static void the_real_probe_knows_devices_and_sockets(void **state _unused_)
{
	const struct root root = ROOT_REAL;
	char path[64], protocol[OPEN_NAME_MAX];
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool block = true;
	dev_t number;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(open_probe_real.device(&root, path, &block, &number), 1);
	assert_false(block);
	assert_int_equal(number, makedev(1, 3));
	assert_int_equal(open_probe_real.device(&root, "/proc/self/comm", &block, &number), 0);
	assert_int_equal(open_probe_real.device(&root, "/nosuch", &block, &number), -ENOENT);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s);
	assert_int_equal(open_probe_real.protocol(&root, path, protocol), 0);
	assert_int_equal(strncmp(protocol, "UNIX", 4), 0);
	assert_true(open_probe_real.protocol(&root, "/proc/self/comm", protocol) < 0);
	close(fd);
	close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_and_sockets_with_their_process),
		cmocka_unit_test(the_real_probe_knows_devices_and_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
