/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * dkms.conf (dkms(8)), which a shell reads: which modules it makes, and for which kernels. Only assignments of plain
 * words and of other variables are followed. What commands or conditions decide is not known, and counts as such.
 */

#include <stdbool.h>

#include "base/span.h"
#include "base/vec.h"

enum dkms_state {
	DKMS_NAMES,   /* a module, at least */
	DKMS_UNCLEAR, /* none that can be seen, and a command or a condition may name one */
	DKMS_INVALID, /* PACKAGE_NAME or PACKAGE_VERSION is not there: DKMS refuses it */
};

struct dkms_conf {
	enum dkms_state state;
	struct strv modules; /* as they are installed; not normalized */
	char *kernels;       /* BUILD_EXCLUSIVE_KERNEL, an extended regular expression; NULL: any, or not known */
	unsigned kernels_line;
	bool autoinstall; /* `dkms autoinstall` builds it */
};

/* release: of the kernel that counts, which is "$kernelver" in the text. 0, -ENOMEM. */
int dkms_conf_read(struct span text, const char *release, struct dkms_conf *ret);
void dkms_conf_done(struct dkms_conf *c);

/* Is it built for this release? What cannot be judged counts as yes. */
bool dkms_conf_takes(const struct dkms_conf *c, const char *release);

#define _cleanup_dkms_conf_ _cleanup_(dkms_conf_done)
