// SPDX-License-Identifier: MIT
#include "system/system.h"

#include <errno.h>
#include <string.h>

#include "system/live_sysfs.h"
#include "system/release.h"
#include "system/sys.h"

/* Of the release that uts names. */
static int open_parts(struct sys *sys, bool is_running, struct running *x)
{
	struct policy_request request = { .root = sys->root, .no_cmdline = !is_running };
	int r = system_open_catalog(sys, NULL, x->uts.release, &sys->diag, &x->catalog);

	if (r < 0)
		return r;
	request.moduledir = catalog_dir(x->catalog);
	r = policy_load(&request, &sys->diag, &x->policy);
	x->live = live_sysfs(&sys->root);
	x->world = (struct plan_world){
		.catalog = x->catalog,
		.policy = x->policy,
		.live = is_running ? &x->live : NULL,
		.diag = &sys->diag,
	};
	return r;
}

int running_open(struct sys *sys, struct running *ret)
{
	int r;

	*ret = (struct running){ 0 };
	r = kernel_uname(sys->kernel, &ret->uts);
	if (r == 0)
		r = open_parts(sys, true, ret);
	if (r < 0) {
		running_close(ret);
		sys_error(sys, "running.open", "could not read the indexes and configuration of the running kernel: %s",
			  strerror(-r));
	}
	return r;
}

#ifndef KMODCTL_SMALL
int running_open_release(struct sys *sys, const char *release, struct running *ret)
{
	struct utsname uts;
	int r = -ENAMETOOLONG;

	if (!release || (kernel_uname(sys->kernel, &uts) == 0 && strcmp(release, uts.release) == 0))
		return running_open(sys, ret);
	*ret = (struct running){ 0 };
	if (strlen(release) < sizeof(ret->uts.release)) {
		strcpy(ret->uts.release, release);
		r = open_parts(sys, false, ret);
	}
	if (r < 0) {
		running_close(ret);
		sys_error(sys, "running.open-release", "could not read the indexes and configuration of kernel %s: %s",
			  release, strerror(-r));
	}
	return r;
}
#endif

void running_close(struct running *r)
{
	if (r->catalog)
		catalog_close(r->catalog);
	if (r->policy)
		policy_free(r->policy);
	r->catalog = NULL;
	r->policy = NULL;
}
