// SPDX-License-Identifier: MIT
/* modprobe: the modules that an operand names. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/modname.h"
#include "face/common/report.h"
#include "face/kmod/modprobe/private.h"
#include "verb/why/refusal.h"

static int find_path(struct modprobe *m, const char *arg, struct candidates *ret)
{
	_cleanup_free_ char *path = NULL;
	struct stat st;
	int r = root_stat(&m->env->sys.root, arg, &st);

	if (r >= 0)
		r = root_abspath(arg, &path);
	if (r >= 0)
		r = resolve_path(path, ret);
	if (r >= 0)
		return 1;
	return report_fatal(m->env, "modprobe.path", "Failed to get module from path %s: %s", arg, strerror(-r)) ? -1 :
														   0;
}

/* beta.ko.xz is what the file of beta is called. */
static void tell_file_name(struct modprobe *m, const char *arg)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	char name[MODNAME_MAX];

	if (modname_extension(arg) == 0 || modname_from_path(arg, name) < 0 ||
	    resolve_name(&m->world, name, &found) < 0 || !found.n)
		return;
	diag_report(&m->env->sys.diag, m->o->all ? LOG_WARNING : LOG_ERR, "modprobe.file-name", NULL, 0,
		    "%s is the name of a file: the module is called %s", arg, name);
}

void modprobe_tell_support(const struct modprobe *m)
{
	if (!m->o->dirname && !m->o->release && diag_wants(&m->env->sys.diag, LOG_ERR))
		refusal_report_support(&m->env->sys);
}

int modprobe_find(struct modprobe *m, const char *arg, struct candidates *ret)
{
	int level = m->o->all ? LOG_WARNING : LOG_CRIT;

	if (arg[0] == '/' || strncmp(arg, "./", 2) == 0)
		return find_path(m, arg, ret);
	if (resolve(&m->world, arg, ret) >= 0 && ret->n > 0)
		return 1;
	diag_report(&m->env->sys.diag, level, "modprobe.not-found", NULL, 0, "Module %s not found in directory %s", arg,
		    catalog_dir(m->world.catalog));
	tell_file_name(m, arg);
	modprobe_tell_support(m);
	report_similar(m->env, m->world.catalog, arg);
	return report_was_fatal(m->env) ? -1 : 0;
}
