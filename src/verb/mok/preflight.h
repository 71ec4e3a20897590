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
/* Reports what is wrong with a certificate for a kernel of this machine's version. */
void mok_warn_certificate(struct sys *sys, const char *file, const struct cert *cert);
/* Would the kernel use the keys for modules, once they are enrolled? */
void mok_warn_placement(struct sys *sys, char *const *files, struct cert *const *certs, size_t n);
