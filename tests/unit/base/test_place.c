// SPDX-License-Identifier: MIT
#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/place.h"

#define SOMEBODY 4242

static int target(const struct root *root, const char *path, size_t top, struct place *p)
{
	struct stat st;
	int fd, r = place_find(root, path, top, p);

	if (r < 0)
		return r;
	fd = place_open_target(p, O_RDONLY, &st);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static void expect(void **state, const char *path, size_t top, int error, const char *name)
{
	const struct root root = { .prefix = *state };
	_cleanup_place_ struct place p = PLACE_INIT;

	assert_int_equal(target(&root, path, top, &p), error);
	if (name)
		assert_string_equal(p.name, name);
}

static void links_that_the_user_named_are_followed(void **state)
{
	unit_puts(*state, "d/sub/f", "text");
	unit_link(*state, "dir", "d");
	unit_link(*state, "d/one", "../dir/two");
	unit_link(*state, "d/two", "sub/f");
	expect(state, "/dir/one", PLACE_NAMED, 0, "f");
	expect(state, "/dir/sub/f", PLACE_NAMED, 0, "f");
	expect(state, "/dir/none", PLACE_NAMED, -ENOENT, "none");
}

static void links_that_were_found_are_not(void **state)
{
	unit_puts(*state, "out/f", "text");
	unit_puts(*state, "d/sub/f", "text");
	unit_link(*state, "top", "d");
	unit_link(*state, "d/f", "../out/f");
	unit_link(*state, "d/out", "../out");
	expect(state, "/top/sub/f", strlen("/top"), 0, "f");
	expect(state, "/top//sub//f", strlen("/top"), 0, "f");
	expect(state, "/top/f", strlen("/top"), -ELOOP, NULL);
	expect(state, "/top/out/f", strlen("/top"), -ENOTDIR, NULL);
}

static void links_that_lead_nowhere(void **state)
{
	unit_link(*state, "lost", "nowhere");
	unit_link(*state, "astray", "no/where");
	unit_link(*state, "circle", "circle");
	expect(state, "/lost", PLACE_NAMED, -ENOLINK, NULL);
	expect(state, "/astray", PLACE_NAMED, -ENOLINK, NULL);
	expect(state, "/circle", PLACE_NAMED, -ELOOP, NULL);
}

static void own(void **state, const char *name, uid_t uid)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", (char *)*state, name);
	assert_int_equal(lchown(path, uid, uid), 0);
}

/* Otherwise a link planted in time would lead root to any file. */
static void a_link_of_another_user_leads_to_files_of_that_user_only(void **state)
{
	if (geteuid() != 0)
		skip_because("needs root");
	unit_puts(*state, "ours", "text");
	unit_puts(*state, "theirs", "text");
	unit_link(*state, "planted", "ours");
	unit_link(*state, "harmless", "theirs");
	unit_link(*state, "admin", "theirs");
	own(state, "planted", SOMEBODY);
	own(state, "harmless", SOMEBODY);
	own(state, "theirs", SOMEBODY);
	expect(state, "/planted", PLACE_NAMED, -EACCES, NULL);
	expect(state, "/harmless", PLACE_NAMED, 0, "theirs");
	expect(state, "/admin", PLACE_NAMED, 0, "theirs");
}

/* What was found stays found, whatever the path leads to afterwards. */
static void the_directory_is_looked_up_once(void **state)
{
	const struct root root = { .prefix = *state };
	_cleanup_place_ struct place p = PLACE_INIT;
	char old[PATH_MAX], moved[PATH_MAX];
	struct stat st, found;
	int fd;

	unit_puts(*state, "d/f", "text");
	unit_puts(*state, "other/f", "other");
	snprintf(old, sizeof(old), "%s/d", (char *)*state);
	snprintf(moved, sizeof(moved), "%s/moved", (char *)*state);
	assert_int_equal(place_find(&root, "/d/f", PLACE_NAMED, &p), 0);
	assert_int_equal(rename(old, moved), 0);
	unit_link(*state, "d", "other");
	fd = place_open_target(&p, O_RDONLY, &found);
	assert_true(fd >= 0);
	close(fd);
	strcat(moved, "/f");
	assert_int_equal(stat(moved, &st), 0);
	assert_int_equal(st.st_ino, found.st_ino);
}

static void names_that_cannot_be(void **state)
{
	char name[NAME_MAX + 8] = "/";

	memset(name + 1, 'x', NAME_MAX + 1);
	expect(state, name, PLACE_NAMED, -ENAMETOOLONG, NULL);
	expect(state, name, 0, -ENAMETOOLONG, NULL);
	expect(state, "/none/f", PLACE_NAMED, -ENOENT, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		unit_test_in_dir(links_that_the_user_named_are_followed),
		unit_test_in_dir(links_that_were_found_are_not),
		unit_test_in_dir(links_that_lead_nowhere),
		unit_test_in_dir(a_link_of_another_user_leads_to_files_of_that_user_only),
		unit_test_in_dir(the_directory_is_looked_up_once),
		unit_test_in_dir(names_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
