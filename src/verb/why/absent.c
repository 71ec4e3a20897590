// SPDX-License-Identifier: MIT
/* A name that resolves to nothing: which of the usual reasons applies. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/modname.h"
#include "base/moduletree.h"
#include "base/oom.h"
#include "base/paths.h"
#include "read/index/similar.h"
#include "read/kernel/live.h"
#include "system/release.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"
#include "verb/why/why.h"

/* Releases with modules that are not the one asked about, sorted. */
static int other_releases(const struct why_query *q, struct strv *ret)
{
	_cleanup_strv_ struct strv all = { 0 };
	int r = releases_installed(&q->sys->root, &all);

	for (size_t i = 0; i < all.n && r >= 0; i++)
		if (strcmp(all.items[i], q->release) != 0)
			r = strv_add(ret, all.items[i]);
	return r < 0 ? r : 0;
}

static void join(const struct strv *words, struct buf *into)
{
	for (size_t i = 0; i < words->n; i++)
		buf_addf(into, "%s%s", i ? ", " : "", words->items[i]);
}

/* 1: this other release has it. */
static int release_has(const struct why_query *q, const char *release, const char *asked)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	_cleanup_candidates_ struct candidates found = { 0 };
	_cleanup_buf_ struct buf dir = BUF_INIT;
	int r;

	buf_addf(&dir, RELEASES_DIR "/%s", release);
	r = buf_error(&dir) ? buf_error(&dir) : catalog_open(&q->sys->root, buf_str(&dir), NULL, &catalog);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	const struct plan_world world = { .catalog = catalog };

	r = resolve(&world, asked, &found);
	return r == -ENOMEM ? r : found.n > 0;
}

static int releases_that_have(const struct why_query *q, const struct strv *others, const char *asked, struct strv *ret)
{
	for (size_t i = 0; i < others->n; i++) {
		int r = release_has(q, others->items[i], asked);

		if (r > 0)
			r = strv_add(ret, others->items[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static int tell(struct why *found, enum why_code code, const char *text, const char *fix)
{
	int r = why_add(found, WHY_OBSTACLE, code, NULL, "%s", text);

	return r < 0 || !fix ? r : why_fix(found, "%s", fix);
}

static int no_directory(const struct why_query *q, const struct strv *others, struct why *found)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r;

	if (!root_exists(&q->sys->root, RELEASES_DIR))
		return tell(found, WHY_NO_MODULES, RELEASES_DIR " does not exist",
			    "in a container: load the module on the host");
	if (why_leads_nowhere(&q->sys->root, catalog_dir(q->world->catalog))) {
		buf_addf(&text, "%s is a link that leads nowhere", catalog_dir(q->world->catalog));
		return tell(found, WHY_NO_RELEASE, buf_str(&text), "mount or restore what it leads to");
	}
	if (!others->n) {
		buf_addf(&text, "no modules are installed for the running kernel %s, nor for any other", q->release);
		r = tell(found, WHY_NO_RELEASE, buf_str(&text), "install the package of its modules");
		return r < 0 ? r : remedy_modules(found, &q->sys->root, q->release, false);
	}
	buf_addf(&text, "the modules of the running kernel %s are missing; installed are those of ", q->release);
	join(others, &text);
	r = tell(found, WHY_NO_RELEASE, buf_str(&text), "reboot into an installed kernel");
	return r < 0 ? r : why_command(found, "reboot");
}

int why_no_release(const struct why_query *q, struct why *ret)
{
	_cleanup_strv_ struct strv others = { 0 };
	_cleanup_why_ struct why found = { 0 };
	int r = other_releases(q, &others) == -ENOMEM ? -ENOMEM : no_directory(q, &others, &found);

	if (r < 0)
		return r;
	*ret = found;
	found = (struct why){ 0 };
	return 0;
}

static int installed_elsewhere(const struct why_query *q, const struct strv *having, struct why *found)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r;

	buf_addf(&text, "not installed for the running kernel %s, only for ", q->release);
	join(having, &text);
	r = tell(found, WHY_OTHER_RELEASE, buf_str(&text),
		 "reboot into that kernel, or install the package with more modules");
	return r < 0 ? r : remedy_modules(found, &q->sys->root, q->release, true);
}

/* " (did you mean 'e1000e'?)": of one name, which is asked for next. */
static int fix_spelling(struct why *found, const struct buf *hint)
{
	const char *from = strchr(buf_str(hint), '\''), *to = from ? strchr(from + 1, '\'') : NULL;
	char name[MODNAME_MAX];
	int r;

	if (!to || strchr(to + 1, '\'') || (size_t)(to - from) > sizeof(name))
		return 0;
	memcpy(name, from + 1, (size_t)(to - from) - 1);
	name[to - from - 1] = '\0';
	r = why_fix(found, "use that name");
	return r < 0 ? r : why_command(found, "kmodctl", "why", "--", name);
}

static int not_installed(const struct why_query *q, const struct strv *others, const char *asked, struct why *found)
{
	_cleanup_strv_ struct strv having = { 0 };
	_cleanup_buf_ struct buf hint = BUF_INIT;
	int r = why_config(q, asked, found);
	bool has_fix = found->n > 0 && found->items[found->n - 1].fix;

	if (r < 0 || why_find(found, WHY_CONFIG_BUILTIN))
		return r;
	r = why_dkms(q, asked, found);
	if (r != 0)
		return r;
	r = releases_that_have(q, others, asked, &having);
	if (r >= 0 && having.n)
		return installed_elsewhere(q, &having, found);
	if (r >= 0)
		r = similar_hint(q->world->catalog, asked, &hint);
	if (r >= 0)
		r = why_add(found, WHY_OBSTACLE, WHY_NOT_INSTALLED, NULL,
			    "no module of this name or alias is installed for kernel %s%s%s", q->release,
			    !hint.n && root_exists(&q->sys->root, "/sys/class") ? ", and no device has it" : "",
			    buf_str(&hint));
	if (r >= 0 && hint.n)
		return fix_spelling(found, &hint);
	if (r < 0 || has_fix)
		return r;
	return why_fix(found, "check the spelling; it may be in a package with more modules, or was not built");
}

static int not_in_indexes(const struct why_query *q, const struct strv *others, const char *asked, struct why *found)
{
	_cleanup_strv_ struct strv files = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;
	char name[MODNAME_MAX];
	int r = modname_normalize(asked, name);

	if (r >= 0)
		r = only_oom(moduletree_find(&q->sys->root, catalog_dir(q->world->catalog), MODULETREE_RELEASE, name,
					     &files));
	if (r == -ENOMEM || !files.n)
		return r == -ENOMEM ? r : not_installed(q, others, asked, found);
	buf_addf(&text, "%s exists, but is not in the indexes", files.items[0]);
	r = tell(found, WHY_STALE_INDEX, buf_str(&text), "run depmod");
	return r < 0 ? r : why_command(found, "depmod", "-a", q->release);
}

/* 1: "beta.ko.xz", where beta is a module; that was reported. */
static int is_file_name(const struct why_query *q, const char *asked, struct why *found)
{
	_cleanup_candidates_ struct candidates all = { 0 };
	char name[MODNAME_MAX];
	int r;

	if (modname_extension(asked) == 0 || strchr(asked, '/') || modname_from_path(asked, name) < 0)
		return 0;
	r = resolve_name(q->world, name, &all);
	if (r < 0 || !all.n)
		return r == -ENOMEM ? r : 0;
	r = why_add(found, WHY_OBSTACLE, WHY_FILE_NAME, NULL, "that is the name of a file: the module is called %s",
		    name);
	if (r >= 0)
		r = why_fix(found, "leave the ending away");
	if (r >= 0)
		r = why_command(found, "kmodctl", "why", name);
	return r < 0 ? r : 1;
}

/* 1: e1000e.debug=5, as the kernel command line has it; that was reported. */
static int is_parameter(const struct why_query *q, const char *asked, struct why *found)
{
	const struct catalog *c = q->world->catalog;
	char name[MODNAME_MAX];
	int r;

	if (!strchr(asked, '.') || !c || modname_normalize(asked, name) < 0 ||
	    (!catalog_dep_line(c, name) && !catalog_is_builtin(c, name)))
		return 0;
	r = why_add(found, WHY_OBSTACLE, WHY_NOT_INSTALLED, NULL,
		    "the module is called %s; what stands behind the point may be a parameter of it", name);
	if (r >= 0)
		r = why_fix(found, "ask for the module, or for its parameters with kmodctl params %s", name);
	if (r >= 0)
		r = why_command(found, "kmodctl", "why", name);
	return r < 0 ? r : 1;
}

/* 1: E1000E, where e1000e is a module; that was reported. */
static int is_other_case(const struct why_query *q, const char *asked, struct why *found)
{
	char name[MODNAME_MAX];
	int r = similar_in_case(q->world->catalog, asked, name, sizeof(name));

	if (r <= 0)
		return r;
	r = why_add(found, WHY_OBSTACLE, WHY_OTHER_CASE, NULL, "the module is called %s: upper and lower case differ",
		    name);
	if (r >= 0)
		r = why_fix(found, "use that name");
	if (r >= 0)
		r = why_command(found, "kmodctl", "why", name);
	return r < 0 ? r : 1;
}

/* Built in without a line in modules.builtin: its parameters give it away. */
static bool is_in_kernel(const struct why_query *q, const char *asked)
{
	char name[MODNAME_MAX], path[MODNAME_MAX + 32];

	if (modname_normalize(asked, name) < 0 || strchr(name, '/'))
		return false;
	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return root_exists(&q->sys->root, path);
}

/* A module of that directory is loaded, or there is none, and it is a part of the kernel: /proc/modules shows which. */
static int tell_in_kernel(const struct why_query *q, const char *asked, struct why *found)
{
	_cleanup_(live_free_p) struct live *live = NULL;
	char name[MODNAME_MAX];
	int r = live_read(&q->sys->root, NULL, &live);

	if (r == -ENOMEM)
		return r;
	if (r == 0 && live_damaged(live) == 0 && modname_normalize(asked, name) == 0 && !live_find(live, name))
		return why_add(found, WHY_NOTE, WHY_IN_KERNEL, NULL,
			       "%s is built into the kernel: it is in /sys/module, and not among the loaded modules",
			       asked);
	return why_add(found, WHY_OBSTACLE, WHY_IN_KERNEL, NULL,
		       "%s is in the running kernel, but not in the indexes: %s", asked,
		       r == 0 ? "loaded from a file elsewhere" : "built in, or loaded from a file elsewhere");
}

/* A disk that was full leaves an empty file. */
static int no_index(const struct why_query *q, struct why *found)
{
	_cleanup_buf_ struct buf path = BUF_INIT, text = BUF_INIT;
	struct stat st;
	int r;

	buf_addf(&path, "%s/%s", catalog_dir(q->world->catalog), catalog_file_name(CATALOG_DEP));
	r = root_stat(&q->sys->root, buf_str(&path), &st);
	buf_addf(&text, "%s is %s", buf_str(&path),
		 r == -ENOENT              ? "missing" :
		 r == 0 && st.st_size == 0 ? "empty" :
					     "damaged");
	r = tell(found, WHY_NO_INDEX, buf_str(&text), "run depmod");
	return r < 0 ? r : why_command(found, "depmod", "-a", q->release);
}

/* A package that was removed can leave its directory, with links to the headers and what is no module. */
static bool has_modules(const struct why_query *q)
{
	_cleanup_strv_ struct strv names = { 0 };
	const char *dir = catalog_dir(q->world->catalog);
	bool has = root_list(&q->sys->root, dir, &names) < 0;

	for (size_t i = 0; i < names.n && !has; i++) {
		char path[PATH_MAX];
		struct stat st;

		if (strcmp(names.items[i], "build") == 0 || strcmp(names.items[i], "source") == 0 ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", dir, names.items[i]) >= sizeof(path))
			continue;
		has = modname_extension(names.items[i]) ||
		      (root_stat(&q->sys->root, path, &st) == 0 && S_ISDIR(st.st_mode));
	}
	return has;
}

static int find_reason(const struct why_query *q, const char *asked, struct why *found)
{
	const struct catalog *catalog = q->world->catalog;
	_cleanup_strv_ struct strv others = { 0 };

	int r = is_file_name(q, asked, found);

	if (r == 0)
		r = is_parameter(q, asked, found);
	if (r == 0)
		r = is_other_case(q, asked, found);
	if (r != 0)
		return r;
	if (other_releases(q, &others) == -ENOMEM)
		return -ENOMEM;
	if (is_in_kernel(q, asked))
		return tell_in_kernel(q, asked, found);
	r = why_kernel_supports(q, found);
	if (r != 0 || found->n_obstacles)
		return r;
	if (!root_exists(&q->sys->root, catalog_dir(catalog)))
		return no_directory(q, &others, found);
	if (!catalog_reader(catalog, CATALOG_DEP))
		return has_modules(q) ? no_index(q, found) : no_directory(q, &others, found);
	return not_in_indexes(q, &others, asked, found);
}

int why_not_found(const struct why_query *q, const char *asked, struct why *ret)
{
	_cleanup_why_ struct why found = { 0 };
	int r = find_reason(q, asked, &found);

	if (r < 0)
		return r;
	*ret = found;
	found = (struct why){ 0 };
	return 0;
}
