// SPDX-License-Identifier: MIT
#include "system/system.h"

#include <string.h>

#include "system/live_sysfs.h"
#include "system/release.h"
#include "system/sys.h"

static int open_parts(struct sys *sys, struct running *x)
{
	struct policy_request request = { .root = sys->root };
	int r = kernel_uname(sys->kernel, &x->uts);

	if (r == 0)
		r = system_open_catalog(sys, NULL, x->uts.release, &sys->diag, &x->catalog);
	if (r < 0)
		return r;
	request.moduledir = catalog_dir(x->catalog);
	return policy_load(&request, &sys->diag, &x->policy);
}

int running_open(struct sys *sys, struct running *ret)
{
	int r;

	*ret = (struct running){ 0 };
	r = open_parts(sys, ret);
	if (r < 0) {
		running_close(ret);
		sys_error(sys, "running.open", "could not read the indexes and configuration of the running kernel: %s",
			  strerror(-r));
		return r;
	}
	ret->live = live_sysfs(&sys->root);
	ret->world = (struct plan_world){
		.catalog = ret->catalog,
		.policy = ret->policy,
		.live = &ret->live,
		.diag = &sys->diag,
	};
	return 0;
}

void running_close(struct running *r)
{
	if (r->catalog)
		catalog_close(r->catalog);
	if (r->policy)
		policy_free(r->policy);
	r->catalog = NULL;
	r->policy = NULL;
}
