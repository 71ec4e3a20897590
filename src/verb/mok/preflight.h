/* SPDX-License-Identifier: MIT */
#pragma once

/* What stands in the way of a request, before it is made. Everything found is reported as a warning. */

#include <stddef.h>

#include "system/sys.h"

struct cert;

/*
 * Reports what would keep the request from being carried out: no shim, no MokManager, no room. Returns the number of
 * warnings.
 */
int mok_warn_environment(struct sys *sys);
/*
 * Reports what the owner of this machine should know of the certificate. 1: this kernel would not check modules by it,
 * 0: it would, <0: -errno.
 */
int mok_warn_certificate(struct sys *sys, const struct cert *cert);
/* Reports keys that the kernel would not use for modules, once they are enrolled. Returns how many. */
int mok_warn_placement(struct sys *sys, struct cert *const *certs, size_t n);
