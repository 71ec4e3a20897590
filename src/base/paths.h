// SPDX-License-Identifier: MIT
#pragma once
/*
 * Where a distribution keeps things, chosen when we are built: meson's sysconfdir and our options moduledir and
 * distconfdir. Logical paths: below the root that a program works on.
 */

/* The directories of the releases. */
#ifndef RELEASES_DIR
#define RELEASES_DIR "/lib/modules"
#endif
/* The administrator's configuration. */
#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif
/* The distribution's. */
#ifndef DISTCONFDIR
#define DISTCONFDIR "/usr/lib"
#endif

/* Directories of drop-in files, as modprobe.d(5) lists them; of the same names, the first counts. */
#define DROPIN_PATHS(name) \
	SYSCONFDIR "/" name, "/run/" name, "/usr/local/lib/" name, DISTCONFDIR "/" name, "/lib/" name, NULL
