// SPDX-License-Identifier: MIT
#include "messages.h"

#include "read/conf/modload.h"

/* FILE:LINE:NAME(OPTIONS) of each entry, and the error if there was one. */
static char *listing(struct fixture *f, const char *const *files)
{
	const struct modload_request request = { f->root, files };
	_cleanup_modload_ struct modload m = { 0 };
	struct buf out = BUF_INIT;

	assert_int_equal(modload_read(&request, &f->diag, &m), 0);
	for (size_t i = 0; i < m.n; i++) {
		const struct modload_entry *e = &m.items[i];

		buf_addf(&out, "%s:%u:%s", e->file, e->line, e->name);
		if (e->options)
			buf_addf(&out, "(%s)", e->options);
		buf_addc(&out, ' ');
	}
	if (m.error)
		buf_addf(&out, "error %d", m.error);
	return buf_steal(&out);
}

static void expect(struct fixture *f, const char *const *files, const char *want)
{
	char *got = listing(f, files);

	assert_string_equal(got, want);
	free(got);
}

static void comments_and_blanks(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "etc/modules-load.d/a.conf", "# x\n; y\n\n  snd-timer \t\n  # z\r\nloop\r\nlast");
	expect(f, NULL,
	       "/etc/modules-load.d/a.conf:4:snd-timer /etc/modules-load.d/a.conf:6:loop "
	       "/etc/modules-load.d/a.conf:7:last ");
}

static void directories_mask_and_sort(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "usr/lib/modules-load.d/b.conf", "masked\n");
	unit_puts(f->dir, "usr/lib/modules-load.d/a.conf", "first\n");
	unit_puts(f->dir, "run/modules-load.d/b.conf", "second\n");
	expect(f, NULL, "/usr/lib/modules-load.d/a.conf:1:first /run/modules-load.d/b.conf:1:second ");
}

static void kernel_command_line_first(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "etc/modules-load.d/a.conf", "c\n");
	unit_puts(f->dir, "proc/cmdline",
		  "quiet modules_load=a-x,,b \"modules-load=q r,s\" rd.modules_load=d xmodules_load=e modules_load\n");
	expect(f, NULL,
	       "/proc/cmdline:0:a-x /proc/cmdline:0:b /proc/cmdline:0:q r /proc/cmdline:0:s "
	       "/etc/modules-load.d/a.conf:1:c ");
}

static void rd_counts_in_the_initramfs(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "proc/cmdline", "rd.modules_load=d modules_load=a");
	unit_puts(f->dir, "etc/initrd-release", "");
	expect(f, NULL, "/proc/cmdline:0:d /proc/cmdline:0:a ");
}

static void list_of_debian_last_and_with_options(void **state)
{
	struct fixture *f = *state;

	unit_puts(f->dir, "etc/modules-load.d/a.conf", "one two\n");
	unit_puts(f->dir, "etc/modules", "# /etc/modules\nloop  max_loop=4 x=1\nlp\n");
	expect(f, NULL, "/etc/modules-load.d/a.conf:1:one two /etc/modules:2:loop(max_loop=4 x=1) /etc/modules:3:lp ");
}

/* As Debian ships it: modules-load.d/modules.conf -> ../modules. */
static void linked_list_of_debian_counts_once(void **state)
{
	struct fixture *f = *state;
	char path[4096];

	unit_puts(f->dir, "etc/modules-load.d/z.conf", "z\n");
	unit_puts(f->dir, "etc/modules", "lp x=1\n");
	snprintf(path, sizeof(path), "%s/etc/modules-load.d/modules.conf", f->dir);
	assert_int_equal(symlink("../modules", path), 0);
	expect(f, NULL, "/etc/modules-load.d/modules.conf:1:lp(x=1) /etc/modules-load.d/z.conf:1:z ");
}

static void named_files_replace_everything(void **state)
{
	struct fixture *f = *state;
	const char *files[] = { "b.conf", "/own", "none.conf", "/none", "c.conf", NULL };

	unit_puts(f->dir, "etc/modules-load.d/a.conf", "a\n");
	unit_puts(f->dir, "etc/modules-load.d/b.conf", "b\n");
	unit_puts(f->dir, "lib/modules-load.d/b.conf", "masked\n");
	unit_puts(f->dir, "lib/modules-load.d/c.conf", "c\n");
	unit_puts(f->dir, "own", "own\n");
	unit_puts(f->dir, "proc/cmdline", "modules_load=x");
	expect(f, files, "/etc/modules-load.d/b.conf:1:b /own:1:own /lib/modules-load.d/c.conf:1:c error -2");
	assert_string_equal(buf_str(&f->messages), "Failed to read 'none.conf': No such file or directory\n"
						   "Failed to read '/none': No such file or directory\n");
}

/* As systemd-modules-load has it. CR LF is one line end, as editors count; a vertical tab is no blank. */
static void lines_end_at_carriage_returns_and_nul_bytes_too(void **state)
{
	static const char content[] = "# one\ra\r\nb\0c \t\r\rd\v";
	struct fixture *f = *state;
	const char *files[] = { "/l", NULL };

	unit_write(f->dir, "l", content, sizeof(content) - 1);
	expect(f, files, "/l:2:a /l:3:b /l:4:c /l:6:d\v ");
}

static void nothing_there(void **state)
{
	expect(*state, NULL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FIXTURE_TEST(comments_and_blanks),
		FIXTURE_TEST(directories_mask_and_sort),
		FIXTURE_TEST(kernel_command_line_first),
		FIXTURE_TEST(rd_counts_in_the_initramfs),
		FIXTURE_TEST(list_of_debian_last_and_with_options),
		FIXTURE_TEST(linked_list_of_debian_counts_once),
		FIXTURE_TEST(named_files_replace_everything),
		FIXTURE_TEST(lines_end_at_carriage_returns_and_nul_bytes_too),
		FIXTURE_TEST(nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
