/* SPDX-License-Identifier: MIT */
#pragma once

/* Which files a command works on: files as they are named, directories as all the modules below them. */

#include "base/diag.h"
#include "base/root.h"
#include "base/vec.h"

/*
 * Appends path itself, or if it is a directory every regular *.ko, *.ko.gz, *.ko.xz, *.ko.zst below it, sorted. Links
 * are not followed below it (build, source). Reported: what cannot be read (-errno).
 */
int tree_collect(const struct root *root, const char *path, struct diag *diag, struct strv *ret);
