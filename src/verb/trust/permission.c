// SPDX-License-Identifier: MIT
#include "verb/trust/permission.h"

#include <string.h>

#include "base/fileio.h"
#include "base/num.h"

/* The second number of the line "Uid:" is the one that counts. 1: it is root's; 0: not; -1: unknown. */
static int is_root(const struct root *root)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	const char *p =
		file_read(root, "/proc/self/status", 1u << 20, &text) < 0 ? NULL : strstr(buf_str(&text), "\nUid:");
	uint64_t real, effective;

	if (!p)
		return -1;
	p += strlen("\nUid:");
	p += strspn(p, " \t");
	if (!scan_u64(&p, &real))
		return -1;
	p += strspn(p, " \t");
	return scan_u64(&p, &effective) ? effective == 0 : -1;
}

void permission_read(const struct trust_context *ctx, struct permission *ret)
{
	bool assumed = ctx->machine.may_load.value != ctx->reading->machine.may_load.value;
	int root;

	ret->may_load = ctx->machine.may_load.value;
	ret->fix = NULL;
	if (ret->may_load == TRUST_YES) {
		ret->text = "this process may load modules";
		return;
	}
	if (ret->may_load == TRUST_UNKNOWN) {
		ret->text = "whether this process may load modules is unknown: /proc/self/status could not be read";
		ret->fix = "mount -t proc proc /proc";
		return;
	}
	if (assumed) {
		ret->text = "assumed: this process may not load modules";
		return;
	}
	if (ctx->reading->lock.in_user_namespace == LOCK_YES) {
		ret->text = "this process may not load modules: it is in a user namespace (a container)";
		ret->fix = "load the module on the host";
		return;
	}
	root = is_root(&ctx->sys->root);
	ret->text = root == 0 ? "you may not load modules: you are not root" :
		    root == 1 ? "root may not load modules here, without CAP_SYS_MODULE (a container?)" :
				"this process may not load modules: it lacks CAP_SYS_MODULE";
	ret->fix = root == 0 ? "sudo modprobe MODULE, or insmod FILE" :
		   root == 1 ? "load the module on the host" :
			       "load it as root (sudo), outside of containers";
}
