// SPDX-License-Identifier: MIT
/* kmodctl boot: modules to load at every boot, one file of modules-load.d(5) per module. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/oom.h"
#include "base/replace.h"
#include "base/json.h"
#include "base/modname.h"
#include "read/conf/modload.h"
#include "read/kernel/live.h"
#include "decide/plan/resolve.h"
#include "face/common/cli.h"
#include "face/kmodctl/commands.h"
#include "face/common/report.h"

#define DIRECTORY "/etc/modules-load.d"
#define PREFIX DIRECTORY "/kmodctl-"
#define HEADER "# Written by kmodctl boot.\n"
#define MODULES "/lib/modules"

static const char *const usage[] = { "enable MODULE...", "disable MODULE...", "list [--json]", NULL };

/* ---- what the installed kernels know ---- */

struct known {
	size_t kernels, having, builtin;
	struct strv lacking; /* releases */
};

static int ask_kernel(struct env *env, const struct policy *policy, const char *release, const char *name, struct known *ret)
{
	_cleanup_(catalog_close_p) struct catalog *catalog = NULL;
	_cleanup_candidates_ struct candidates found = { 0 };
	_cleanup_buf_ struct buf dir = BUF_INIT;
	struct plan_world world = { .policy = policy, .diag = &env->sys.diag };
	int r = buf_addf(&dir, MODULES "/%s", release);

	if (r == 0)
		r = catalog_open(&env->sys.root, buf_str(&dir), &env->sys.diag, &catalog);
	world.catalog = catalog;
	if (r == 0)
		r = resolve(&world, name, &found);
	if (r < 0)
		return only_oom(r);
	ret->kernels++;
	if (found.n == 0)
		return strv_add(&ret->lacking, release);
	ret->having++;
	ret->builtin += found.items[0].builtin;
	return 0;
}

/* A directory without indexes is what a removed kernel leaves behind. */
static bool is_release(const struct root *root, const char *name)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	return name[0] != '.' && buf_addf(&path, MODULES "/%s/modules.dep.bin", name) == 0 && root_exists(root, buf_str(&path));
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_releases(const struct root *root, struct strv *ret)
{
	_cleanup_closedir_ DIR *dir = NULL;
	struct dirent *e;
	int r = root_opendir(root, MODULES, &dir);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	while (r == 0 && (e = readdir(dir)))
		r = is_release(root, e->d_name) ? strv_add(ret, e->d_name) : 0;
	if (ret->n > 0)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_text);
	return r;
}

static int ask_kernels(struct env *env, const struct policy *policy, const char *name, struct known *ret)
{
	_cleanup_strv_ struct strv releases = { 0 };
	int r = list_releases(&env->sys.root, &releases);

	for (size_t i = 0; r == 0 && i < releases.n; i++)
		r = ask_kernel(env, policy, releases.items[i], name, ret);
	return r;
}

static void warn_of(struct env *env, const struct policy *policy, const char *name, const struct known *known)
{
	const struct policy_entry *denied = policy_blacklist(policy, name);

	if (known->having == 0)
		report_warning(env, "boot.unknown", "%s: no installed kernel has a module of that name", name);
	for (size_t i = 0; known->having > 0 && i < known->lacking.n; i++)
		report_warning(env, "boot.not-everywhere", "%s: kernel %s has no module of that name", name, known->lacking.items[i]);
	if (known->builtin > 0 && known->builtin == known->having)
		report_warning(env, "boot.builtin", "%s is built into the kernel: there is nothing to load", name);
	if (denied)
		report_warning(env, "boot.denied", "%s is deny-listed by %s:%u and will not be loaded at boot", name, denied->file,
			       denied->line);
}

static int warn_about(struct env *env, const char *name)
{
	const struct policy_request request = { .root = env->sys.root };
	_cleanup_(policy_free_p) struct policy *policy = NULL;
	struct known known = { 0 };
	int r = policy_load(&request, &env->sys.diag, &policy);

	if (r == 0)
		r = ask_kernels(env, policy, name, &known);
	if (r == 0)
		warn_of(env, policy, name, &known);
	strv_done(&known.lacking);
	return r;
}

/* ---- enable, disable ---- */

/* The managed file of a module; reported if the name is none. */
static int managed_path(struct env *env, const char *module, char name[static MODNAME_MAX], struct buf *ret)
{
	int r = module[0] == '-' ? -EINVAL : modname_normalize(module, name);

	for (const char *p = module; r == 0 && *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-')
			r = -EINVAL;
	if (r < 0) {
		report_error(env, "boot.name", "'%s' cannot be the name of a module", module);
		return r;
	}
	return buf_addf(ret, PREFIX "%s.conf", name);
}

/* Whether a name is asked for; *ret_other is a place outside of the managed file, borrowed from the list, or NULL. */
static bool is_listed(const struct modload *list, const char *name, const char *path, const struct modload_entry **ret_other)
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

static int read_lists(struct env *env, struct modload *ret)
{
	const struct modload_request request = { .root = env->sys.root };

	return modload_read(&request, &env->sys.diag, ret);
}

/* 1: the managed file asks for it, 0: it does not. */
static int is_enabled(struct env *env, const char *name, const char *path)
{
	_cleanup_modload_ struct modload list = { 0 };
	const struct modload_entry *other;
	int r = read_lists(env, &list);

	return r < 0 ? r : is_listed(&list, name, path, &other);
}

static int write_managed(struct env *env, const char *name, const char *path)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = buf_addf(&text, HEADER "%s\n", name);

	if (r == 0)
		r = root_mkdirs(&env->sys.root, DIRECTORY);
	if (r == 0)
		r = file_replace(&env->sys.root, path, buf_span(&text), 0644);
	if (r < 0)
		report_error(env, "boot.write", "could not write %s: %s", path, strerror(-r));
	if (r == 0)
		r = is_enabled(env, name, path);
	if (r != 0)
		return r < 0 ? r : 0;
	report_error(env, "boot.not-read-back", "%s was written, but is not read at boot", path);
	return -EIO;
}

/* A file that asks for it already is left alone, with all that somebody may have added. */
static int enable(struct env *env, const char *module)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	char name[MODNAME_MAX];
	int r = managed_path(env, module, name, &path);

	if (r == 0)
		r = warn_about(env, name);
	if (r == 0)
		r = is_enabled(env, name, buf_str(&path));
	return r < 0 ? r : r > 0 ? 0 : write_managed(env, name, buf_str(&path));
}

/* What else asks for it stays, and is told. */
static int tell_others(struct env *env, const char *name, const char *path, bool removed)
{
	_cleanup_modload_ struct modload list = { 0 };
	const struct modload_entry *other;
	int r = read_lists(env, &list);

	if (r < 0)
		return r;
	is_listed(&list, name, path, &other);
	if (other && other->line)
		report_error(env, "boot.still-listed", "%s is still asked for by %s:%u", name, other->file, other->line);
	else if (other)
		report_error(env, "boot.still-listed", "%s is still asked for by %s", name, other->file);
	else if (!removed)
		report_error(env, "boot.not-enabled", "%s is not loaded at boot by any list", name);
	return other || !removed ? -ENOENT : 0;
}

/* Somebody put another module into the managed file: it must not go along. */
static int check_alone(struct env *env, const char *name, const char *path)
{
	_cleanup_modload_ struct modload list = { 0 };
	int r = read_lists(env, &list);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		if (strcmp(list.items[i].file, path) == 0 && !modname_equal(list.items[i].name, name)) {
			report_error(env, "boot.shared", "%s:%u asks for %s, too: take out %s there", path, list.items[i].line,
				     list.items[i].name, name);
			r = -EEXIST;
		}
	return r;
}

static int disable(struct env *env, const char *module)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	char name[MODNAME_MAX];
	int r = managed_path(env, module, name, &path);

	if (r == 0)
		r = check_alone(env, name, buf_str(&path));
	if (r < 0)
		return r;
	r = root_unlink(&env->sys.root, buf_str(&path));
	if (r < 0 && r != -ENOENT) {
		report_error(env, "boot.write", "could not remove %s: %s", buf_str(&path), strerror(-r));
		return -EIO;
	}
	return tell_others(env, name, buf_str(&path), r == 0);
}

/* ---- list ---- */

struct listing {
	struct env *env;
	struct policy *policy;
	struct catalog *catalog; /* of the running kernel */
};

struct row {
	const struct modload_entry *entry;
	const char *state; /* as of live_state_name(), "not-loaded" or "unknown" */
	const struct policy_entry *denied;
	bool managed;
};

static const char *state_of(const struct listing *l, const char *name)
{
	enum live_state state = LIVE_ABSENT;

	if (catalog_is_builtin(l->catalog, name))
		return live_state_name(LIVE_BUILTIN);
	if (live_state_of(&l->env->sys.root, name, &state) < 0 || state == LIVE_ABSENT)
		return catalog_dep_line(l->catalog, name) ? "not-loaded" : "unknown";
	return live_state_name(state);
}

static struct row row_of(const struct listing *l, const struct modload_entry *e)
{
	char name[MODNAME_MAX];
	bool usable = modname_normalize(e->name, name) == 0 && !strchr(name, '/');

	return (struct row){
		.entry = e,
		.state = usable ? state_of(l, name) : "unknown",
		.denied = usable ? policy_blacklist(l->policy, name) : NULL,
		.managed = strncmp(e->file, PREFIX, sizeof(PREFIX) - 1) == 0,
	};
}

static void print_row(FILE *out, const struct row *r)
{
	fprintf(out, "%-23s %-11s %s", r->entry->name, r->state, r->entry->file);
	if (r->entry->line)
		fprintf(out, ":%u", r->entry->line);
	if (r->denied)
		fprintf(out, ", deny-listed by %s:%u", r->denied->file, r->denied->line);
	fputc('\n', out);
}

static void json_row(struct json *j, const struct row *r)
{
	json_object(j, NULL);
	json_str(j, "name", r->entry->name);
	json_str(j, "options", r->entry->options);
	json_str(j, "state", r->state);
	json_str(j, "file", r->entry->file);
	if (r->entry->line)
		json_uint(j, "line", r->entry->line);
	else
		json_null(j, "line");
	json_bool(j, "managed", r->managed);
	json_bool(j, "denied", r->denied != NULL);
	json_str(j, "denied_file", r->denied ? r->denied->file : NULL);
	if (r->denied)
		json_uint(j, "denied_line", r->denied->line);
	else
		json_null(j, "denied_line");
	json_end(j);
}

static void print_list(const struct listing *l, const struct modload *list, bool as_json)
{
	struct json j;

	if (!as_json) {
		for (size_t i = 0; i < list->n; i++) {
			const struct row r = row_of(l, &list->items[i]);

			print_row(l->env->out, &r);
		}
		return;
	}
	json_init(&j, l->env->out, true);
	json_object(&j, NULL);
	json_int(&j, "schema", 1);
	json_array(&j, "modules");
	for (size_t i = 0; i < list->n; i++) {
		const struct row r = row_of(l, &list->items[i]);

		json_row(&j, &r);
	}
	json_end(&j);
	json_end(&j);
}

static int open_listing(struct listing *l)
{
	const struct policy_request request = { .root = l->env->sys.root };
	_cleanup_buf_ struct buf dir = BUF_INIT;
	struct utsname uts;
	int r = kernel_uname(l->env->sys.kernel, &uts);

	if (r == 0)
		r = buf_addf(&dir, MODULES "/%s", uts.release);
	if (r == 0)
		r = catalog_open(&l->env->sys.root, buf_str(&dir), &l->env->sys.diag, &l->catalog);
	return r < 0 ? r : policy_load(&request, &l->env->sys.diag, &l->policy);
}

static int list(struct env *env, bool as_json)
{
	struct listing l = { .env = env };
	_cleanup_modload_ struct modload entries = { 0 };
	int r = read_lists(env, &entries);

	if (r == 0)
		r = open_listing(&l);
	if (r == 0)
		print_list(&l, &entries, as_json);
	catalog_close(l.catalog);
	policy_free(l.policy);
	return r < 0 ? r : entries.error;
}

/* ---- the command ---- */

static int for_each(struct env *env, int (*fn)(struct env *env, const char *module), int argc, char **argv)
{
	int first = 0;

	if (argc == 0) {
		report_error(env, "boot.missing", "missing module");
		return -EINVAL;
	}
	for (int i = 0; i < argc; i++) {
		int r = fn(env, argv[i]);

		first = first ? first : r;
	}
	return first;
}

static int run_word(struct env *env, bool json, int argc, char **argv)
{
	if (argc > 0 && strcmp(argv[0], "enable") == 0)
		return for_each(env, enable, argc - 1, argv + 1);
	if (argc > 0 && strcmp(argv[0], "disable") == 0)
		return for_each(env, disable, argc - 1, argv + 1);
	if (argc == 1 && strcmp(argv[0], "list") == 0)
		return list(env, json);
	report_error(env, "boot.word", "one of enable, disable and list is needed");
	return -EINVAL;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const bool *json = values;

	return run_word(env, *json, argc, argv) < 0 ? 1 : 0;
}

int cmd_boot(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = usage,
		.summary = "Says which modules are loaded at every boot, whatever hardware there is.",
		.options = cli_json_option,
		.set = cli_set_json,
		.run = run,
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
