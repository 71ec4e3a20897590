// SPDX-License-Identifier: MIT
#include "verb/params/subject.h"

#include <errno.h>
#include <string.h>

#include "decide/plan/world.h"
#include "read/index/similar.h"
#include "system/module_files.h"
#include "system/sys.h"
#include "system/release.h"

int params_subject_refresh(struct params_subject *s)
{
	const struct policy_request request = { .root = s->sys->root };
	struct params_query q = { .module = s->name, .builtin = s->builtin, .declared = &s->facts.parameters };
	int r;

	params_done(&s->params);
	settings_done(&s->live);
	policy_free(s->policy);
	s->policy = NULL;
	r = policy_load(&request, &s->sys->diag, &s->policy);
	if (r == 0)
		r = settings_read(&s->sys->root, s->name, &s->live);
	q.live = &s->live;
	q.policy = s->policy;
	return r < 0 ? r : params_explain(&q, &s->params);
}

static bool is_in_sysfs(const struct params_subject *s)
{
	_cleanup_buf_ struct buf path = BUF_INIT;

	buf_addf(&path, "/sys/module/%s", s->name);
	return root_exists(&s->sys->root, buf_str(&path));
}

/* Installed, built in, or at least loaded? A directory of /sys/module without initstate is of a built-in module. */
static int find_module(struct params_subject *s)
{
	const struct plan_world world = { .catalog = s->catalog, .diag = &s->sys->diag };
	_cleanup_buf_ struct buf hint = BUF_INIT;
	int r = world_path(&world, s->name, &s->path);

	if (r < 0)
		return r;
	if (live_state_of(&s->sys->root, s->name, &s->state) < 0)
		s->state = LIVE_ABSENT;
	s->builtin = !s->path && s->state != LIVE_LIVE && (catalog_is_builtin(s->catalog, s->name) || is_in_sysfs(s));
	if (s->builtin)
		s->state = LIVE_BUILTIN;
	if (s->path || s->state != LIVE_ABSENT)
		return 0;
	r = similar_hint(s->catalog, s->name, &hint);
	if (r < 0)
		return r;
	sys_error(s->sys, "params.not-found", "Module %s not found for kernel %s%s", s->name, s->release,
		  buf_str(&hint));
	return -ENOENT;
}

static int read_facts(struct params_subject *s)
{
	int r;

	if (!s->path && !s->builtin)
		return 0;
	r = modinfo_subject_read(&s->sys->root, s->catalog, s->name, s->path, NULL, &s->sys->diag, &s->facts);
	if (r < 0)
		sys_error(s->sys, "params.unreadable", "could not read %s: %s",
			  s->path ? s->path : "modules.builtin.modinfo", strerror(-r));
	return r;
}

static int take_name(struct params_subject *s, const char *module)
{
	char name[MODNAME_MAX];
	int r = module_name_of_operand(s->sys, "params.name", module, name);

	if (r < 0)
		return r;
	s->name = strdup(name);
	return s->name ? 0 : -ENOMEM;
}

static int open_catalog(struct params_subject *s)
{
	struct utsname uts;
	int r = kernel_uname(s->sys->kernel, &uts);

	if (r < 0)
		return r;
	snprintf(s->release, sizeof(s->release), "%s", uts.release);
	return system_open_catalog(s->sys, NULL, s->release, &s->sys->diag, &s->catalog);
}

static int open_subject(struct params_subject *s, const char *module)
{
	int r = take_name(s, module);

	if (r == 0)
		r = open_catalog(s);
	if (r == 0)
		r = find_module(s);
	if (r == 0)
		r = read_facts(s);
	return r < 0 ? r : params_subject_refresh(s);
}

int params_subject_open(struct sys *sys, const char *module, struct params_subject *ret)
{
	struct params_subject s = { .sys = sys, .state = LIVE_ABSENT };
	int r = open_subject(&s, module);

	if (r < 0)
		params_subject_close(&s);
	else
		*ret = s;
	return r;
}

void params_subject_close(struct params_subject *s)
{
	params_done(&s->params);
	settings_done(&s->live);
	policy_free(s->policy);
	modinfo_subject_done(&s->facts);
	catalog_close(s->catalog);
	free(s->name);
	free(s->path);
}
