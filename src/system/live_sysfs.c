// SPDX-License-Identifier: MIT
#include "system/live_sysfs.h"

#include <stdint.h>

static int sysfs_state(void *data, const char *name, enum live_state *ret)
{
	return live_state_of(data, name, ret);
}

static bool sysfs_is_live(void *data, const char *name)
{
	return live_is_live(data, name);
}

static int sysfs_refcnt(void *data, const char *name, int *ret)
{
	return live_refcnt_of(data, name, ret);
}

static int sysfs_holders(void *data, const char *name, struct strv *ret)
{
	return live_holders_of(data, name, ret);
}

struct live_view live_sysfs(const struct root *root)
{
	return (struct live_view){
		.state = sysfs_state,
		.is_live = sysfs_is_live,
		.refcnt = sysfs_refcnt,
		.holders = sysfs_holders,
		.data = (void *)(uintptr_t)root,
	};
}
