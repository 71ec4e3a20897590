// SPDX-License-Identifier: MIT
#include "unit.h"

#include <errno.h>
#include <sys/sysmacros.h>

#include "verb/users/users.h"

/* A link named after what it is: /dev/cM:m, /dev/bM:m. */
static int fake_device(const struct root *root, const char *path, bool *ret_block, dev_t *ret)
{
	char full[4096], target[256] = "";
	unsigned major, minor;
	char kind;

	snprintf(full, sizeof(full), "%s%s", root->prefix, path);
	if (readlink(full, target, sizeof(target) - 1) < 0)
		snprintf(target, sizeof(target), "%s", path);
	if (sscanf(target, "/dev/%c%u:%u", &kind, &major, &minor) != 3)
		return 0;
	*ret_block = kind == 'b';
	*ret = makedev(major, minor);
	return 1;
}

static int fake_protocol(const struct root *root _unused_, const char *path _unused_, char ret[static OPEN_NAME_MAX])
{
	strcpy(ret, "SCTP");
	return 0;
}

static const struct open_probe fake = { .device = fake_device, .protocol = fake_protocol };

static int ask(const char *dir, const char *module, struct users *ret)
{
	const struct root root = { .prefix = dir };
	const struct users_query q = { .root = &root, .probe = &fake, .module = module };

	return users_read(&q, ret);
}

/* All uses as phrases, one per line. */
static void assert_users(const char *dir, const char *module, unsigned unexplained, const char *want)
{
	_cleanup_users_ struct users u = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;

	assert_int_equal(ask(dir, module, &u), 0);
	for (size_t i = 0; i < u.n; i++) {
		buf_addf(&text, "%u ", u.items[i].references);
		user_describe(&u.items[i], &text);
		buf_addc(&text, '\n');
	}
	assert_string_equal(buf_str(&text), want);
	assert_int_equal(u.unexplained, unexplained);
}

static void holders_of_holders(void **state)
{
	const char *dir = *state;
	struct users u;

	unit_puts(dir, "proc/modules", "c 1 0 - Live 0x0\nb 1 1 c, Live 0x0\na 1 3 b,c, Live 0x0\n");
	assert_int_equal(ask(dir, "nosuch", &u), -ENOENT);
	assert_users(dir, "a", 1, "1 module b\n1 module c\n");
	assert_users(dir, "b", 0, "1 module c\n");
	unit_puts(dir, "proc/modules", "c 1 0 - Live 0x0\nb 1 1 c, Live 0x0\na 1 1 b, Live 0x0\n");
	assert_users(dir, "a", 0, "1 module b\n0 module c, through b\n");
}

static void open_nodes_by_number_and_name(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/modules",
		  "ppp 1 2 - Live 0x0\ntun 1 2 - Live 0x0\nmisc 1 3 - Live 0x0\nevdev 1 2 - Live 0x0\n");
	unit_puts(dir, "proc/devices", "Character devices:\n108 ppp\nBlock devices:\n");
	unit_puts(dir, "proc/9/comm", "pppd\n");
	unit_link(dir, "proc/9/fd/3", "/dev/c108:0");
	unit_link(dir, "proc/9/fd/4", "/dev/c10:200");
	unit_link(dir, "proc/9/fd/5", "/dev/c10:7");
	unit_link(dir, "proc/9/fd/6", "/dev/c13:64");
	unit_puts(dir, "sys/devices/virtual/misc/tun/uevent", "DEVNAME=tun\n");
	unit_link(dir, "sys/dev/char/10:200", "../../devices/virtual/misc/tun");
	unit_puts(dir, "sys/devices/virtual/misc/misc/uevent", "DEVNAME=misc\n");
	unit_link(dir, "sys/dev/char/10:7", "../../devices/virtual/misc/misc");
	unit_puts(dir, "sys/devices/virtual/input/event0/uevent", "DEVNAME=input/event0\n");
	unit_link(dir, "sys/dev/char/13:64", "../../devices/virtual/input/event0");
	assert_users(dir, "ppp", 0, "2 /dev/c108:0 open in pppd (pid 9)\n");
	assert_users(dir, "tun", 0, "2 /dev/c10:200 open in pppd (pid 9)\n");
	assert_users(dir, "misc", 2, "1 /dev/c10:7 open in pppd (pid 9)\n");
	assert_users(dir, "evdev", 0, "2 /dev/c13:64 open in pppd (pid 9)\n");
}

static void mounts_and_swap_pin_the_drivers_below(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/modules", "loop 1 2 - Live 0x0\nbtrfs 1 1 - Live 0x0\n");
	unit_puts(dir, "proc/devices", "Block devices:\n7 loop\n");
	unit_puts(dir, "proc/self/mountinfo",
		  "1 2 0:40 / /srv rw - btrfs /dev/b7:0 rw\n1 2 0:41 / /t rw - tmpfs tmpfs rw\n");
	unit_puts(dir, "proc/swaps", "/dev/b7:1 partition 1 2 3\n/dev/b8:1 partition 1 2 3\n");
	assert_users(dir, "btrfs", 0, "1 file system btrfs mounted on /srv (/dev/b7:0)\n");
	assert_users(dir, "loop", 0, "1 file system btrfs mounted on /srv (/dev/b7:0)\n1 swap on /dev/b7:1\n");
}

static void sockets_of_processes_and_the_rest(void **state)
{
	const char *dir = *state;

	unit_puts(dir, "proc/modules", "sctp 1 6 - Live 0x0\n");
	unit_puts(dir, "proc/net/protocols", "SCTP 1600 3 0 no 0 yes sctp y\n");
	unit_puts(dir, "proc/9/comm", "server\n");
	unit_link(dir, "proc/9/fd/3", "socket:[1]");
	unit_link(dir, "proc/9/fd/4", "socket:[2]");
	assert_users(dir, "sctp", 0, "4 SCTP socket of server (pid 9) 2 times\n2 1 SCTP socket\n");
}

static void no_more_is_explained_than_there_is(void **state)
{
	const char *dir = *state;
	struct users u;

	unit_puts(dir, "proc/modules", "wp512 1 1 - Live 0x0\nstays 1 0 [permanent], Live 0x0\n");
	unit_puts(dir, "proc/crypto", "name : wp512\ndriver : d\nmodule : wp512\nrefcnt : 9\n");
	assert_int_equal(ask(dir, "wp512", &u), 0);
	assert_int_equal(u.explained, 1);
	assert_int_equal(u.unexplained, 0);
	assert_false(u.permanent);
	users_done(&u);
	assert_int_equal(ask(dir, "stays", &u), 0);
	assert_true(u.permanent);
	users_done(&u);
}

static void the_short_form_ends_with_the_rest(void **state)
{
	const char *dir = *state;
	const struct root root = { .prefix = dir };
	const struct users_query q = { .root = &root, .probe = &fake, .module = "a" };
	_cleanup_strv_ struct strv lines = { 0 }, without = { 0 };

	unit_puts(dir, "proc/modules", "a 1 6 b,c,d,e,f, Live 0x0\n");
	assert_int_equal(users_brief(&q, true, &lines), 0);
	assert_int_equal(lines.n, USERS_BRIEF_MAX);
	assert_string_equal(lines.items[0], "a: used by module b");
	assert_string_equal(lines.items[3], "a: and 2 more: kmodctl users a");
	assert_int_equal(users_brief(&q, false, &without), 0);
	assert_int_equal(without.n, 1);
	assert_string_equal(without.items[0], "a: used by something that cannot be seen (1 of 6 references)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(holders_of_holders),
		unit_test_in_dir(open_nodes_by_number_and_name),
		unit_test_in_dir(mounts_and_swap_pin_the_drivers_below),
		unit_test_in_dir(sockets_of_processes_and_the_rest),
		unit_test_in_dir(no_more_is_explained_than_there_is),
		unit_test_in_dir(the_short_form_ends_with_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
