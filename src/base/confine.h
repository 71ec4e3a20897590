/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Gives up, for good and for the whole process, what reading files and printing does not need: called before the
 * first foreign byte is read, so that a parser that such bytes took over can do little. Two means, each used where the
 * kernel has it:
 *
 * - Landlock (Linux 5.13): nothing can be opened for writing, made, removed, renamed or executed, no device can be
 *   controlled that is opened later, no TCP port bound or connected to, and no process outside signaled. Reading is
 *   not restricted. Descriptors that are open already go on working.
 * - a seccomp filter: no socket, no program is started, no process is traced or signaled; nothing is mounted, no
 *   module loaded, no clock, owner or mode changed; no terminal input is forged. Refused calls fail with EPERM, those
 *   that are newer than this list with ENOSYS, and calls of another architecture end the process.
 *
 * There must be no other thread yet: Landlock restricts the calling one and those that it creates.
 */

enum confine_keep {
	CONFINE_KEEP_KEYS = 1,     /* keyctl(2) and add_key(2) */
	CONFINE_KEEP_TERMINAL = 2, /* /dev/tty may be opened for writing, and its echo switched off */
};

enum confine_means { CONFINED_FILES = 1, CONFINED_CALLS = 2 };

/* Returns which means are in force, of enum confine_means. Fewer than both is not an error: old kernels, containers. */
unsigned confine(unsigned keep);
