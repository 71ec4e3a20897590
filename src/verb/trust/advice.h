/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The command that carries out the fix of a verdict, with the keys and certificates that are on this machine: those
 * that DKMS, shim-signed and akmods make, where they make them.
 */

#include "verb/trust/reading.h"

#define ADVICE_WORDS 12

/*
 * A NULL-terminated argv; ret[0] is NULL when no single command does, or what it needs is not here. Constants, and the
 * path of the reading. 0, -ENOMEM.
 */
int advice_command(const struct trust_context *ctx, const struct module_reading *m, const char *ret[ADVICE_WORDS]);
