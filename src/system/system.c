// SPDX-License-Identifier: MIT
#include "system/system.h"

#include <string.h>

#include "base/buf.h"
#include "system/live_sysfs.h"
#include "face/common/report.h"

static int open_parts(struct env *env, struct running *x)
{
	_cleanup_buf_ struct buf dir = BUF_INIT;
	struct policy_request request = { .root = env->root };
	int r = kernel_uname(env->kernel, &x->uts);

	if (r < 0)
		return r;
	buf_addf(&dir, "/lib/modules/%s", x->uts.release);
	if (buf_error(&dir))
		return buf_error(&dir);
	request.moduledir = buf_str(&dir);
	r = catalog_open(&env->root, buf_str(&dir), &env->diag, &x->catalog);
	return r < 0 ? r : policy_load(&request, &env->diag, &x->policy);
}

int running_open(struct env *env, struct running *ret)
{
	int r;

	*ret = (struct running){ 0 };
	r = open_parts(env, ret);
	if (r < 0) {
		running_close(ret);
		report_error(env, "running.open", "could not read the indexes and configuration of the running kernel: %s",
			     strerror(-r));
		return r;
	}
	ret->live = live_sysfs(&env->root);
	ret->world = (struct plan_world){
		.catalog = ret->catalog,
		.policy = ret->policy,
		.live = &ret->live,
		.diag = &env->diag,
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
