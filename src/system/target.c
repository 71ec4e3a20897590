// SPDX-License-Identifier: MIT
#include "system/target.h"

#include <errno.h>
#include <string.h>

#include "system/release.h"

int kernel_target_read(struct sys *sys, const char *release, struct kernel_target *ret)
{
	struct utsname u;
	bool known = kernel_uname(sys->kernel, &u) == 0;
	bool running = !release || (known && strcmp(release, u.release) == 0);

	*ret = (struct kernel_target){ .keyring = running ? sys->keyring : NULL };
	if (release && release_version(release, &ret->version) < 0) {
		sys_error(sys, "sign.kernel-version", "'%s' is not a kernel version", release);
		return -EINVAL;
	}
	if (!release && (!known || release_version(u.release, &ret->version) < 0))
		ret->version = RELEASE_VERSION_ASSUMED;
	if (running)
		kconfig_read(&sys->root, known ? u.release : "", &ret->config);
	else
		kconfig_read_installed(&sys->root, release, &ret->config);
	return 0;
}
