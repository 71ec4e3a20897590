// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "base/fileio.h"
#include "base/replace.h"

static const struct root real_root = ROOT_REAL;

static void path_in(char *ret, const char *dir, const char *name)
{
	snprintf(ret, PATH_MAX, "%s/%s", dir, name);
}

static void expect_content(const char *path, const char *text)
{
	_cleanup_buf_ struct buf b = BUF_INIT;

	assert_int_equal(file_read(&real_root, path, 1000, &b), 0);
	assert_string_equal(buf_str(&b), text);
}

static void begin(const char *path, struct replacement *r)
{
	assert_int_equal(replacement_find(&real_root, path, PLACE_NAMED, r), 0);
	assert_int_equal(replacement_begin(r), 0);
	assert_int_equal(replacement_write(r, span_of_str("new ")), 0);
	assert_int_equal(replacement_write(r, span_of_str("text")), 0);
	assert_int_equal(replacement_settle(r, 0640), 0);
}

static void the_old_file_stands_until_commit(void **state)
{
	struct replacement r = REPLACEMENT_INIT;
	char *dir = *state, path[PATH_MAX], temporary[PATH_MAX];

	path_in(path, dir, "f");
	unit_puts(dir, "f", "old");
	begin(path, &r);
	expect_content(path, "old");
	path_in(temporary, dir, r.temporary);
	expect_content(temporary, "new text");
	assert_int_equal(replacement_commit(&r), 0);
	expect_content(path, "new text");
	replacement_done(&r);
	assert_int_equal(access(temporary, F_OK), -1);
}

static void giving_up_leaves_nothing(void **state)
{
	struct replacement r = REPLACEMENT_INIT;
	char *dir = *state, path[PATH_MAX], temporary[PATH_MAX];

	path_in(path, dir, "f");
	unit_puts(dir, "f", "old");
	begin(path, &r);
	path_in(temporary, dir, r.temporary);
	replacement_done(&r);
	expect_content(path, "old");
	assert_int_equal(access(temporary, F_OK), -1);
}

static void a_new_file_gets_its_mode(void **state)
{
	struct replacement r = REPLACEMENT_INIT;
	char path[PATH_MAX];
	struct stat st;
	mode_t mask = umask(077);

	path_in(path, *state, "f");
	begin(path, &r);
	assert_int_equal(replacement_commit(&r), 0);
	replacement_done(&r);
	umask(mask);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void links_stay(void **state)
{
	const struct root root = { .prefix = *state };
	char path[PATH_MAX];
	struct stat st;

	unit_puts(*state, "d/f", "old");
	unit_link(*state, "l", "d/f");
	unit_link(*state, "lost", "nowhere");
	assert_int_equal(file_replace(&root, "/l", span_of_str("new"), 0644), 0);
	path_in(path, *state, "l");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	path_in(path, *state, "d/f");
	expect_content(path, "new");
	assert_int_equal(file_replace(&root, "/lost", span_of_str("new"), 0644), -ENOENT);
}

/* A device or pipe must not become a file, and its mode not that of one. */
static void what_is_no_file_is_written_to(void **state)
{
	const struct root root = { .prefix = *state };
	char path[PATH_MAX], got[8] = "";
	struct stat st;
	int fd;

	path_in(path, *state, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(file_replace(&root, "/pipe", span_of_str("new"), 0644), 0);
	assert_int_equal(read(fd, got, sizeof(got)), 3);
	assert_string_equal(got, "new");
	close(fd);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	unit_link(*state, "masked", "/dev/null");
	assert_int_equal(file_replace(&root, "/masked", span_of_str("new"), 0644), 0);
	path_in(path, *state, "masked");
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

/* A file system without attributes is an excuse (tmpfs of older kernels has none of users), and a root that is none. */
static void set_attribute(const char *path, const char *name, const char *value, size_t n)
{
	if (setxattr(path, name, value, n, 0) == 0)
		return;
	if (errno == ENOTSUP)
		skip_because("the file system has no such attributes");
	if (errno == EPERM && geteuid() == 0)
		skip_because("root of a user namespace may not set this attribute");
	fail_msg("%s cannot be set: %s", name, strerror(errno));
}

static void attributes_are_kept(void **state)
{
	const struct root root = { .prefix = *state };
	char path[PATH_MAX], got[8] = "";

	unit_puts(*state, "f", "old");
	path_in(path, *state, "f");
	set_attribute(path, "user.note", "kept", 4);
	assert_int_equal(file_replace(&root, "/f", span_of_str("new"), 0644), 0);
	assert_int_equal(getxattr(path, "user.note", got, sizeof(got)), 4);
	assert_string_equal(got, "kept");
}

/* Labels name what a file is for; digests and signatures of the old content would make the new one look damaged. */
static void labels_are_kept_and_digests_are_not(void **state)
{
	static const char *const bound[] = { "security.ima", "security.evm" };
	const struct root root = { .prefix = *state };
	char path[PATH_MAX], got[8] = "";

	unit_puts(*state, "f", "old");
	path_in(path, *state, "f");
	if (geteuid() != 0)
		skip_because("needs root");
	set_attribute(path, "security.selinux", "label", 5);
	for (size_t i = 0; i < ELEMENTSOF(bound); i++)
		set_attribute(path, bound[i], "\4digest", 7);
	assert_int_equal(file_replace(&root, "/f", span_of_str("new"), 0644), 0);
	assert_int_equal(getxattr(path, "security.selinux", got, sizeof(got)), 5);
	assert_memory_equal(got, "label", 5);
	for (size_t i = 0; i < ELEMENTSOF(bound); i++)
		assert_int_equal(getxattr(path, bound[i], got, sizeof(got)), -1);
}

static void set_mode(void *dir, const char *name, mode_t mode)
{
	char path[PATH_MAX];

	path_in(path, dir, name);
	assert_int_equal(chmod(path, mode), 0);
}

static mode_t mode_of(void *dir, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	path_in(path, dir, name);
	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

static void privileges_of_the_old_content_are_not_carried_over(void **state)
{
	/* cap_net_raw=ep, as setcap(8) stores it: VFS_CAP_REVISION_2 with the effective bit */
	static const char capability[20] = { 1, 0, 0, 2, 0, 32 };
	const struct root root = { .prefix = *state };
	char path[PATH_MAX], got[32];

	unit_puts(*state, "f", "old");
	set_mode(*state, "f", 06750);
	path_in(path, *state, "f");
	if (geteuid() == 0)
		set_attribute(path, "security.capability", capability, sizeof(capability));
	assert_int_equal(file_replace(&root, "/f", span_of_str("new"), 0644), 0);
	assert_int_equal(mode_of(*state, "f") & 07777, 0750);
	assert_int_equal(getxattr(path, "security.capability", got, sizeof(got)), -1);
	set_mode(*state, "f", 06750);
	assert_int_equal(file_generate(&root, "/f", PLACE_NAMED, span_of_str("newer"), 0644), 0);
	assert_int_equal(mode_of(*state, "f") & 07777, 0750);
}

static void a_generated_file_takes_the_place_of_a_link(void **state)
{
	const struct root root = { .prefix = *state };
	char path[PATH_MAX];

	unit_puts(*state, "victim", "untouched");
	unit_link(*state, "f", "victim");
	unit_link(*state, "lost", "nowhere");
	assert_int_equal(file_generate(&root, "/f", PLACE_NAMED, span_of_str("new"), 0640), 0);
	assert_int_equal(file_output(&root, "/lost", span_of_str("new"), 0640), 0);
	path_in(path, *state, "victim");
	expect_content(path, "untouched");
	path_in(path, *state, "f");
	expect_content(path, "new");
	assert_int_equal(mode_of(*state, "f"), S_IFREG | 0640);
	assert_int_equal(mode_of(*state, "lost"), S_IFREG | 0640);
}

static void a_generated_file_goes_nowhere_else(void **state)
{
	const struct root root = { .prefix = *state };
	char path[PATH_MAX];

	path_in(path, *state, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(file_generate(&root, "/pipe", PLACE_NAMED, span_of_str("new"), 0644), -EINVAL);
	assert_int_equal(file_output(&root, "/pipe", span_of_str("new"), 0644), -ENXIO);
	unit_puts(*state, "out/f", "old");
	unit_puts(*state, "d/g", "old");
	unit_link(*state, "d/sub", "../out");
	assert_int_equal(file_generate(&root, "/d/sub/f", strlen("/d"), span_of_str("new"), 0644), -ENOTDIR);
	path_in(path, *state, "out/f");
	expect_content(path, "old");
}

/* A name in /dev is not to be taken by a file. */
static void output_goes_to_streams_and_devices(void **state _unused_)
{
	char got[8] = "", path[64];
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	snprintf(path, sizeof(path), "/dev/fd/%d", pipes[1]);
	assert_int_equal(file_output(&real_root, path, span_of_str("new"), 0644), 0);
	assert_int_equal(read(pipes[0], got, sizeof(got)), 3);
	assert_string_equal(got, "new");
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(file_output(&real_root, "/dev/null", span_of_str("new"), 0644), 0);
	assert_int_equal(file_generate(&real_root, "/dev/null", PLACE_NAMED, span_of_str("new"), 0644), -EINVAL);
}

/* Anybody may plant a link in /dev/shm. */
static void only_streams_are_streams(void **state _unused_)
{
	assert_int_equal(file_stream_of("/dev/stdout"), 1);
	assert_int_equal(file_stream_of("/dev/stderr"), 2);
	assert_int_equal(file_stream_of("/dev/fd/7"), 7);
	assert_int_equal(file_stream_of("/proc/self/fd/2"), 2);
	assert_int_equal(file_stream_of("/dev/shm/1"), -1);
	assert_int_equal(file_stream_of("/dev/fd/x"), -1);
	assert_int_equal(file_stream_of("/proc/1/fd/1"), -1);
}

/* Everything follows the file that was found, not its path. */
static void an_exchanged_directory_changes_nothing(void **state)
{
	_cleanup_replacement_ struct replacement r = REPLACEMENT_INIT;
	char path[PATH_MAX], d[PATH_MAX], moved[PATH_MAX];

	unit_puts(*state, "d/f", "old");
	unit_puts(*state, "other/f", "untouched");
	path_in(path, *state, "d/f");
	path_in(d, *state, "d");
	path_in(moved, *state, "moved");
	assert_int_equal(replacement_find(&real_root, path, PLACE_NAMED, &r), 0);
	assert_int_equal(rename(d, moved), 0);
	unit_link(*state, "d", "other");
	assert_int_equal(replacement_begin(&r), 0);
	assert_int_equal(replacement_write(&r, span_of_str("new")), 0);
	assert_int_equal(replacement_settle(&r, 0644), 0);
	assert_int_equal(replacement_commit(&r), 0);
	expect_content(path, "untouched");
	path_in(path, *state, "moved/f");
	expect_content(path, "new");
}

static void *replace_on_thread(void *dir)
{
	const struct root root = { .prefix = dir };

	return (void *)(intptr_t)file_replace(&root, "/f", span_of_str("new"), 0644);
}

static void the_stack_of_a_musl_thread_is_enough(void **state)
{
	pthread_attr_t attributes;
	pthread_t thread;
	void *r;

	unit_puts(*state, "f", "old");
	pthread_attr_init(&attributes);
	assert_int_equal(pthread_attr_setstacksize(&attributes, 128 << 10), 0);
	assert_int_equal(pthread_create(&thread, &attributes, replace_on_thread, *state), 0);
	pthread_join(thread, &r);
	pthread_attr_destroy(&attributes);
	assert_null(r);
}

/* The process is ended by it, but not before the temporary is gone. */
static void a_signal_waits_until_it_is_done(void **state)
{
	struct replacement r = REPLACEMENT_INIT;
	char path[PATH_MAX], command[PATH_MAX + 64];
	int status;
	pid_t pid;

	unit_puts(*state, "f", "old");
	path_in(path, *state, "f");
	pid = fork();
	if (pid == 0) {
		begin(path, &r);
		raise(SIGINT);
		replacement_done(&r);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	snprintf(command, sizeof(command), "test \"$(ls -A '%s')\" = f", (char *)*state);
	assert_int_equal(system(command), 0);
}

static void what_is_no_file_is_refused(void **state)
{
	struct replacement r = REPLACEMENT_INIT;
	char *dir = *state, path[PATH_MAX];

	assert_int_equal(replacement_find(&real_root, dir, PLACE_NAMED, &r), -EISDIR);
	replacement_done(&r);
	path_in(path, dir, "absent/f");
	assert_int_equal(replacement_find(&real_root, path, PLACE_NAMED, &r), -ENOENT);
	assert_int_equal(r.fd, -1);
}

static void below_an_anchor_the_name_itself_is_replaced(void **state)
{
	struct root root = { .prefix = *state };
	char path[PATH_MAX], target[PATH_MAX];
	struct stat st;

	unit_puts(*state, "host", "old");
	unit_puts(*state, "t/d/f", "old");
	path_in(target, *state, "host");
	unit_link(*state, "t/d/l", target);
	unit_link(*state, "t/up", "..");
	assert_int_equal(root_anchor_add(&root, "/t"), 0);
	assert_int_equal(file_replace(&root, "/t/d/f", span_of_str("new"), 0640), 0);
	assert_int_equal(file_replace(&root, "/t/d/l", span_of_str("new"), 0640), 0);
	assert_int_equal(file_replace(&root, "/t/up/host", span_of_str("inside"), 0640), 0);
	root_anchors_close(&root);
	expect_content(target, "old");
	path_in(path, *state, "t/d/f");
	expect_content(path, "new");
	path_in(path, *state, "t/host");
	expect_content(path, "inside");
	path_in(path, *state, "t/d/l");
	expect_content(path, "new");
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0640);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(the_old_file_stands_until_commit),
		unit_test_in_dir(below_an_anchor_the_name_itself_is_replaced),
		unit_test_in_dir(giving_up_leaves_nothing),
		unit_test_in_dir(a_new_file_gets_its_mode),
		unit_test_in_dir(what_is_no_file_is_refused),
		unit_test_in_dir(links_stay),
		unit_test_in_dir(what_is_no_file_is_written_to),
		unit_test_in_dir(attributes_are_kept),
		unit_test_in_dir(labels_are_kept_and_digests_are_not),
		unit_test_in_dir(privileges_of_the_old_content_are_not_carried_over),
		unit_test_in_dir(a_generated_file_takes_the_place_of_a_link),
		unit_test_in_dir(a_generated_file_goes_nowhere_else),
		unit_test_in_dir(output_goes_to_streams_and_devices),
		cmocka_unit_test(only_streams_are_streams),
		unit_test_in_dir(an_exchanged_directory_changes_nothing),
		unit_test_in_dir(the_stack_of_a_musl_thread_is_enough),
		unit_test_in_dir(a_signal_waits_until_it_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
