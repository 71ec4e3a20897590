/* SPDX-License-Identifier: MIT */
#pragma once

/* What the kernel's X.509 parser makes of the bytes of a certificate in a message. */

#include "act/sign/form.h"

/*
 * 0, -EBADMSG for what does not follow its grammar, -EINVAL for two different algorithms, -ENOPKG for an algorithm that
 * Linux `kernel` (100 * major + minor) does not know. The signature is not checked.
 */
int cert_form_check(struct span der, unsigned kernel);

/* The first kernel (100 * major + minor) that checks signatures of keys on the named curve; 0: none does. */
unsigned cert_form_curve_since(struct span oid);
