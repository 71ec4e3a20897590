// SPDX-License-Identifier: MIT
#include "verb/boot/list.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/dropin.h"
#include "base/modname.h"
#include "base/nearest.h"
#include "base/oom.h"
#include "base/paths.h"
#include "base/replace.h"
#include "decide/plan/resolve.h"
#include "read/index/similar.h"
#include "read/kernel/live.h"
#include "system/module_files.h"
#include "system/release.h"

#define DIRECTORY SYSCONFDIR "/modules-load.d"
#define PREFIX DIRECTORY "/kmodctl-"
#define HEADER "# Written by kmodctl boot.\n"

/* ---- what the installed kernels know ---- */

struct known {
	size_t kernels, having, builtin;
	struct strv lacking; /* releases */
	struct buf hint;     /* at another name, of the first kernel that has one like it */
};

static int ask_kernel(struct sys *sys, const struct policy *policy, const char *release, const char *name,
		      struct known *ret)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	_cleanup_candidates_ struct candidates found = { 0 };
	struct plan_world world = { .policy = policy, .diag = &sys->diag };
	int r = system_open_catalog(sys, NULL, release, &sys->diag, &catalog);

	world.catalog = catalog;
	if (r == 0)
		r = resolve(&world, name, &found);
	if (r < 0)
		return only_oom(r);
	ret->kernels++;
	if (found.n == 0 && !ret->hint.n && similar_hint(catalog, name, &ret->hint) < 0)
		return -ENOMEM;
	if (found.n == 0)
		return strv_add(&ret->lacking, release);
	ret->having++;
	ret->builtin += found.items[0].builtin;
	return 0;
}

static int ask_kernels(struct sys *sys, const struct policy *policy, const char *name, struct known *ret)
{
	_cleanup_strv_ struct strv releases = { 0 };
	int r = releases_installed(&sys->root, &releases);

	for (size_t i = 0; r == 0 && i < releases.n; i++)
		r = ask_kernel(sys, policy, releases.items[i], name, ret);
	return r;
}

/* A name that no kernel knows would be an error at every boot. */
static int judge_unknown(struct sys *sys, const char *name, const struct known *known, bool force)
{
	if (known->kernels == 0) {
		sys_warning(sys, "boot.no-index",
			    "%s: no kernel's indexes could be read: whether there is such a module is unknown", name);
		return 0;
	}
	diag_report(&sys->diag, force ? LOG_WARNING : LOG_ERR, "boot.unknown", NULL, 0,
		    "%s: no installed kernel has a module of that name%s%s", name, buf_str(&known->hint),
		    force ? "" : "; --force enables it all the same");
	return force ? 0 : -ENOENT;
}

static void warn_of(struct sys *sys, const struct policy *policy, const char *name, const struct known *known)
{
	const struct policy_entry *denied = policy_blacklist(policy, name);

	for (size_t i = 0; known->having > 0 && i < known->lacking.n; i++)
		sys_warning(sys, "boot.not-everywhere", "%s: kernel %s has no module of that name", name,
			    known->lacking.items[i]);
	if (known->builtin > 0 && known->builtin == known->having)
		sys_warning(sys, "boot.builtin", "%s is built into the kernel: there is nothing to load", name);
	if (denied)
		sys_warning(sys, "boot.denied", "%s is deny-listed by %s:%u and will not be loaded at boot", name,
			    denied->file, denied->line);
}

static int judge_name(struct sys *sys, const char *name, bool force)
{
	const struct policy_request request = { .root = sys->root };
	_cleanup_(policy_free_p) struct policy *policy = NULL;
	struct known known = { .hint = BUF_INIT };
	int r = policy_load(&request, &sys->diag, &policy);

	if (r == 0)
		r = ask_kernels(sys, policy, name, &known);
	if (r == 0 && known.having == 0)
		r = judge_unknown(sys, name, &known, force);
	if (r == 0)
		warn_of(sys, policy, name, &known);
	strv_done(&known.lacking);
	buf_done(&known.hint);
	return r;
}

/* ---- enable, disable ---- */

/* The managed file of a module; an invalid name is reported. */
static int managed_path(struct sys *sys, const char *module, char name[static MODNAME_MAX], struct buf *ret)
{
	int r = module[0] == '-' ? -EINVAL : modname_normalize(module, name);

	for (const char *p = module; r == 0 && *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			r = -EINVAL;
	if (r < 0) {
		module_report_name(sys, "boot.name", module);
		return r;
	}
	return buf_addf(ret, PREFIX "%s.conf", name);
}

/* Whether a name is listed; *ret_other is a place outside of the managed file, borrowed from the list, or NULL. */
static bool is_listed(const struct modload *list, const char *name, const char *path,
		      const struct modload_entry **ret_other)
{
	bool listed = false;

	*ret_other = NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct modload_entry *e = &list->items[i];

		if (!modname_equal(e->name, name))
			continue;
		if (strcmp(e->file, path) == 0)
			listed = true;
		else
			*ret_other = e;
	}
	return listed;
}

/* diag NULL: what is odd in the lists was reported already. */
static int read_lists(struct sys *sys, struct diag *diag, struct modload *ret)
{
	const struct modload_request request = { .root = sys->root };

	return modload_read(&request, diag, ret);
}

/* 1: the managed file lists it, 0: it does not. */
static int is_enabled(struct sys *sys, struct diag *diag, const char *name, const char *path)
{
	_cleanup_modload_ struct modload list = { 0 };
	const struct modload_entry *other;
	int r = read_lists(sys, diag, &list);

	return r < 0 ? r : is_listed(&list, name, path, &other);
}

static int write_managed(struct sys *sys, const char *name, const char *path)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = buf_addf(&text, HEADER "%s\n", name);

	if (r == 0)
		r = root_mkdirs(&sys->root, DIRECTORY);
	if (r == 0)
		r = file_replace(&sys->root, path, buf_span(&text), 0644);
	if (r < 0)
		sys_error(sys, "boot.write", "could not write %s: %s", path, strerror(-r));
	if (r == 0)
		r = is_enabled(sys, NULL, name, path);
	if (r != 0)
		return r < 0 ? r : 0;
	sys_error(sys, "boot.not-read-back", "%s was written, but is not read at boot", path);
	return -EIO;
}

int boot_enable(struct sys *sys, const char *module, bool force)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	char name[MODNAME_MAX];
	int r = managed_path(sys, module, name, &path);

	if (r == 0)
		r = judge_name(sys, name, force);
	if (r == 0)
		r = is_enabled(sys, &sys->diag, name, buf_str(&path));
	return r != 0 ? r : write_managed(sys, name, buf_str(&path));
}

/* It may have been meant for one that is listed. */
static int report_unlisted(struct sys *sys, const char *name, const struct modload *list)
{
	_cleanup_buf_ struct buf hint = BUF_INIT;
	struct nearest search;

	nearest_start(&search, name, strlen(name));
	for (size_t i = 0; i < list->n; i++)
		nearest_offer(&search, list->items[i].name, strlen(list->items[i].name));
	if (nearest_hint(&search, &hint) < 0)
		return -ENOMEM;
	sys_error(sys, "boot.not-enabled", "%s is not loaded at boot by any list%s", name, buf_str(&hint));
	return -ENOENT;
}

/* What else lists it stays, and is reported. */
static int report_others(struct sys *sys, const char *name, const char *path, bool removed)
{
	_cleanup_modload_ struct modload list = { 0 };
	const struct modload_entry *other;
	int r = read_lists(sys, NULL, &list);

	if (r < 0)
		return r;
	is_listed(&list, name, path, &other);
	if (other && other->line)
		sys_error(sys, "boot.still-listed", "%s is still listed in %s:%u", name, other->file, other->line);
	else if (other)
		sys_error(sys, "boot.still-listed", "%s is still listed in %s", name, other->file);
	else if (!removed)
		return report_unlisted(sys, name, &list);
	return other ? -ENOENT : 0;
}

/* Somebody put another module into the managed file: it must not be removed with it. */
static int check_alone(struct sys *sys, const char *name, const char *path)
{
	_cleanup_modload_ struct modload list = { 0 };
	int r = read_lists(sys, &sys->diag, &list);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (strcmp(list.items[i].file, path) == 0 && !modname_equal(list.items[i].name, name)) {
			sys_error(sys, "boot.shared", "%s:%u lists %s as well: remove %s there by hand", path,
				  list.items[i].line, list.items[i].name, name);
			r = -EEXIST;
		}
	return r;
}

int boot_disable(struct sys *sys, const char *module)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	char name[MODNAME_MAX];
	int r = managed_path(sys, module, name, &path);

	if (r == 0)
		r = check_alone(sys, name, buf_str(&path));
	if (r < 0)
		return r;
	r = root_unlink(&sys->root, buf_str(&path));
	if (r < 0 && r != -ENOENT) {
		sys_error(sys, "boot.write", "could not remove %s: %s", buf_str(&path), strerror(-r));
		return r;
	}
	return report_others(sys, name, buf_str(&path), r == 0);
}

/* ---- list ---- */

static const char *state_of(const struct boot_list *l, const struct root *root, const char *name)
{
	enum live_state state = LIVE_ABSENT;

	if (catalog_is_builtin(l->catalog, name))
		return live_state_name(LIVE_BUILTIN);
	if (live_state_of(root, name, &state) < 0 || state == LIVE_ABSENT)
		return catalog_dep_line(l->catalog, name) ? "not-loaded" : "unknown";
	return live_state_name(state);
}

static struct boot_row row_of(const struct boot_list *l, const struct root *root, const struct modload_entry *e)
{
	char name[MODNAME_MAX];
	/* A name ends nowhere: systemd looks for gamma.ko as it is written. */
	bool usable = !strpbrk(e->name, "./") && modname_normalize(e->name, name) == 0;

	return (struct boot_row){
		.entry = e,
		.state = usable ? state_of(l, root, name) : "unknown",
		.denied = usable ? policy_blacklist(l->policy, name) : NULL,
		.managed = strncmp(e->file, PREFIX, sizeof(PREFIX) - 1) == 0,
	};
}

/* Somebody may wonder why the modules that a file lists are not loaded. */
static int report_unread(struct sys *sys)
{
	_cleanup_strv_ struct strv paths = { 0 };
	int r = dropin_unread(&sys->root, modload_default_paths, &paths);

	for (size_t i = 0; r == 0 && i < paths.n; i++) {
		const char *files[] = { paths.items[i], NULL };
		const struct modload_request request = { .root = sys->root, .files = files };
		_cleanup_modload_ struct modload list = { 0 };

		r = modload_read(&request, NULL, &list);
		if (r == 0 && list.n > 0)
			sys_warning(sys, "boot.not-read", "%s is not read at boot: only files NAME.conf are",
				    paths.items[i]);
	}
	return r;
}

static int open_list(struct boot_list *l, struct sys *sys)
{
	const struct policy_request request = { .root = sys->root };
	int r = system_open_catalog(sys, NULL, NULL, &sys->diag, &l->catalog);

	return r < 0 ? r : policy_load(&request, &sys->diag, &l->policy);
}

int boot_list_read(struct sys *sys, struct boot_list *ret)
{
	int r;

	*ret = (struct boot_list){ 0 };
	r = read_lists(sys, &sys->diag, &ret->entries);
	if (r == 0)
		r = report_unread(sys);
	if (r == 0)
		r = open_list(ret, sys);
	if (r == 0) {
		ret->rows = calloc(ret->entries.n + 1, sizeof(*ret->rows));
		r = ret->rows ? 0 : -ENOMEM;
	}
	for (; r == 0 && ret->n < ret->entries.n; ret->n++)
		ret->rows[ret->n] = row_of(ret, &sys->root, &ret->entries.items[ret->n]);
	if (r < 0)
		boot_list_done(ret);
	return r;
}

void boot_list_done(struct boot_list *l)
{
	free(l->rows);
	catalog_close(l->catalog);
	policy_free(l->policy);
	modload_done(&l->entries);
	*l = (struct boot_list){ 0 };
}
