// SPDX-License-Identifier: MIT
/* Files and directories of configuration that are not read: by their names, by permission, because others mask them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fileio.h"
#include "base/oom.h"
#include "base/shellword.h"
#include "read/conf/search.h"
#include "verb/config/lint_parts.h"

static const char *const *const families[] = { policy_default_paths, modload_default_paths, search_default_paths };

static int look_at_reading(struct lint_run *r, const char *path, const char *what)
{
	_cleanup_close_ int fd = root_open(&r->sys->root, path, O_RDONLY | O_NONBLOCK);

	if (fd >= 0 || fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	r->into->is_incomplete = true;
	return lint_add(r, LINT_ERROR, "lint.unreadable", path, 0,
			fd == -EACCES ? "run it as root, or correct the mode" : NULL, "%s cannot be read: %s", what,
			strerror(-fd));
}

/* What editors and package managers put aside is left out on purpose. */
static bool is_put_aside(const char *path)
{
	static const char *const ends[] = { "~",         ".bak",     ".disabled", ".dpkg-dist", ".dpkg-new",
					    ".dpkg-old", ".orig",    ".pacnew",   ".pacsave",   ".rpmnew",
					    ".rpmorig",  ".rpmsave", ".ucf-dist", ".ucf-old",   ".old",
					    ".save",     ".swp",     ".off" };
	size_t n = strlen(path);

	for (size_t i = 0; i < ELEMENTSOF(ends); i++)
		if (n > strlen(ends[i]) && strcmp(path + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static int tell_unread(struct lint_run *r, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	_cleanup_buf_ struct buf fix = BUF_INIT;
	int e;

	if (*name == '.')
		return lint_add(r, LINT_WARNING, "lint.hidden", path, 0, "rename it",
				"the file is not read: its name begins with a dot");
	if (is_put_aside(path))
		return lint_add(r, LINT_NOTE, "lint.suffix", path, 0, NULL,
				"the file is not read: its name does not end in .conf");
	buf_adds(&fix, "mv ");
	e = shellword_add(&fix, path);
	buf_addc(&fix, ' ');
	if (e >= 0)
		e = shellword_add(&fix, path);
	buf_adds(&fix, ".conf");
	return e < 0 ? e :
		       lint_add(r, LINT_WARNING, "lint.suffix", path, 0, buf_str(&fix),
				"the file is not read: its name does not end in .conf");
}

static int tell_unread_files(struct lint_run *r, const char *const *dirs)
{
	_cleanup_strv_ struct strv unread = { 0 };
	int e = dropin_unread(&r->sys->root, dirs, &unread);

	for (size_t i = 0; i < unread.n && e >= 0; i++)
		e = tell_unread(r, unread.items[i]);
	return e;
}

static int tell_family(struct lint_run *r, const char *const *dirs)
{
	_cleanup_dropin_ struct dropin files = { 0 };
	int e = dropin_collect(&r->sys->root, dirs, NULL, &files);

	for (size_t i = 0; dirs[i] && e >= 0; i++)
		e = look_at_reading(r, dirs[i], "the directory");
	for (size_t i = 0; i < files.n && e >= 0; i++)
		e = look_at_reading(r, files.items[i].path, "the file");
	return e < 0 ? e : tell_unread_files(r, dirs);
}

static int tell_masked(struct lint_run *r, const struct config_masked *m)
{
	return lint_add(r, LINT_NOTE, "lint.masked", m->path, 0, NULL, "the file is not read: %s has the same name",
			m->by);
}

int lint_files(struct lint_run *r)
{
	int e = 0;

	for (size_t i = 0; i < ELEMENTSOF(families) && e >= 0; i++)
		e = tell_family(r, families[i]);
	for (size_t i = 0; i < r->config->n_masked && e >= 0; i++)
		e = tell_masked(r, &r->config->masked[i]);
	return only_oom(e);
}
