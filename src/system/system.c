// SPDX-License-Identifier: MIT
#include "system/system.h"

#include <string.h>

#include "base/buf.h"
#include "system/live_sysfs.h"
#include "system/sys.h"

static int open_parts(struct sys *sys, struct running *x)
{
	_cleanup_buf_ struct buf dir = BUF_INIT;
	struct policy_request request = { .root = sys->root };
	int r = kernel_uname(sys->kernel, &x->uts);

	if (r < 0)
		return r;
	buf_addf(&dir, "/lib/modules/%s", x->uts.release);
	if (buf_error(&dir))
		return buf_error(&dir);
	request.moduledir = buf_str(&dir);
	r = catalog_open(&sys->root, buf_str(&dir), &sys->diag, &x->catalog);
	return r < 0 ? r : policy_load(&request, &sys->diag, &x->policy);
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
