// SPDX-License-Identifier: MIT
#include "verb/why/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/modname.h"
#include "base/oom.h"
#include "verb/why/device.h"
#include "verb/why/parts.h"

#define SYMBOL_MAX 512

static const char *const kinds[] = {
	[TARGET_NAME] = "name",     [TARGET_FILE] = "file",     [TARGET_PATH] = "path",
	[TARGET_DEVICE] = "device", [TARGET_SYMBOL] = "symbol",
};

const char *target_kind_name(enum target_kind kind)
{
	return kinds[kind];
}

bool target_is_path(const char *text)
{
	return text[0] == '/' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0 ||
	       (strchr(text, '/') && modname_extension(text));
}

static int is_device(struct target *t, int found)
{
	if (found > 0)
		t->kind = TARGET_DEVICE;
	return found;
}

static int find_device(const struct why_query *q, const char *asked, struct target *t)
{
	return is_device(t, device_find(q, asked, &t->modules, &t->said));
}

/* ---- paths ---- */

static int tell_path(struct target *t, enum why_code code, const char *asked, const char *what)
{
	t->kind = TARGET_PATH;
	return why_add(&t->said, WHY_OBSTACLE, code, NULL, "%s %s", asked, what);
}

static int tell_no_file(const struct why_query *q, const char *asked, struct target *t)
{
	char name[MODNAME_MAX];
	_cleanup_candidates_ struct candidates found = { 0 };
	int r = tell_path(t, WHY_NO_SUCH_PATH, asked,
			  why_leads_nowhere(&q->sys->root, asked) ? "is a link that leads nowhere" :
								    "does not exist: there is no such file");

	if (r < 0 || modname_from_path(asked, name) < 0)
		return r;
	r = only_oom(resolve_name(q->world, name, &found));
	if (r < 0 || !found.n)
		return r;
	r = why_fix(&t->said, "a module called %s is installed: ask for it by its name", name);
	return r < 0 ? r : why_command(&t->said, "kmodctl", "why", "--", name);
}

static int tell_directory(struct target *t, const char *asked)
{
	int r = tell_path(t, WHY_IS_DIRECTORY, asked, "is a directory");

	return r < 0 ? r : why_fix(&t->said, "give the name of a module, its file, or a device");
}

/* A file that exists: a module, whatever it is called, as insmod has it. */
static int find_file(const struct why_query *q, const char *asked, const struct stat *st, struct target *t)
{
	int r;

	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		return is_device(t,
				 device_find_node(q, asked, S_ISBLK(st->st_mode), st->st_rdev, &t->modules, &t->said));
	r = find_device(q, asked, t);
	if (r != 0)
		return r;
	if (S_ISDIR(st->st_mode))
		return tell_directory(t, asked);
	if (!S_ISREG(st->st_mode))
		return tell_path(t, WHY_NO_SUCH_PATH, asked, "is no regular file, and no device");
	t->kind = TARGET_FILE;
	return resolve_path(asked, &t->modules);
}

/* Where /dev has no such node, as in a container: sysfs knows the device by the same name. */
static int find_node_by_name(const struct why_query *q, const char *asked, struct target *t)
{
	return strncmp(asked, "/dev/", strlen("/dev/")) == 0 ? find_device(q, strrchr(asked, '/') + 1, t) : 0;
}

static int find_path(const struct why_query *q, const char *asked, struct target *t)
{
	struct stat st;
	int r = root_stat(&q->sys->root, asked, &st), found;

	if (r == 0)
		return find_file(q, asked, &st, t);
	found = find_node_by_name(q, asked, t);
	if (found != 0)
		return found;
	if (r == -ENOENT || r == -ENOTDIR)
		return tell_no_file(q, asked, t);
	t->kind = TARGET_PATH;
	return why_add(&t->said, WHY_OBSTACLE, WHY_NO_SUCH_PATH, NULL, "%s cannot be looked at: %s", asked,
		       strerror(-r));
}

/* ---- names ---- */

static int find_symbol(const struct why_query *q, const char *asked, struct target *t)
{
	char symbol[SYMBOL_MAX];
	int r;

	if (strchr(asked, ':') || (size_t)snprintf(symbol, sizeof(symbol), "symbol:%s", asked) >= sizeof(symbol))
		return 0;
	r = only_oom(resolve(q->world, symbol, &t->modules));
	if (r < 0 || !t->modules.n)
		return r;
	t->kind = TARGET_SYMBOL;
	return why_add(&t->said, WHY_FACT, WHY_IS_SYMBOL, NULL, "%s is a symbol, which module %s exports", asked,
		       t->modules.items[0].name);
}

/* Modules and aliases come first: a device may have any name. */
static int find_name(const struct why_query *q, const char *asked, struct target *t)
{
	int r = resolve(q->world, asked, &t->modules);

	if (r == -EINVAL || r == -ENAMETOOLONG)
		r = 0; /* no module can have it */
	if (r < 0 || t->modules.n)
		return r;
	r = find_device(q, asked, t);
	if (r == 0)
		r = is_device(t, device_find_id(q, asked, &t->modules, &t->said));
	return r != 0 ? r : find_symbol(q, asked, t);
}

int target_find(const struct why_query *q, const char *asked, struct target *ret)
{
	_cleanup_target_ struct target t = { .kind = TARGET_NAME };
	char module[MODNAME_MAX];
	struct stat st;
	/* The kernel's own directory of a module, and what is in it, stands for the module. */
	bool is_sysfs = modname_of_sysfs(asked, module);
	/* A module file in or below the working directory, as modinfo has it, or an alias with a slash in it. */
	bool is_path = target_is_path(asked) ||
		       ((strchr(asked, '/') || modname_extension(asked)) && root_stat(&q->sys->root, asked, &st) == 0);
	int r = is_sysfs ? find_name(q, module, &t) : is_path ? find_path(q, asked, &t) : find_name(q, asked, &t);

	if (r < 0)
		return r;
	candidates_drop_repeated(&t.modules);
	*ret = t;
	t = (struct target){ 0 };
	return 0;
}

void target_done(struct target *t)
{
	candidates_done(&t->modules);
	why_done(&t->said);
	*t = (struct target){ 0 };
}
