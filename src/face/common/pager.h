/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A pager for text that is longer than the screen: $KMODCTL_PAGER, $PAGER, less or more, found in PATH and started
 * without a shell. Who is privileged gets no program out of the environment of another user, and a less that starts
 * nothing and opens no other file (LESSSECURE); for another user there is no other pager.
 *
 * A process confines itself before it reads foreign bytes (base/confine.h), and can start no program any more: the one
 * that becomes the pager is made before, and waits.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/span.h"

struct pager {
	pid_t child;
	int to;
};

/* 1: it waits; 0: there is none ("cat", or an empty name); -errno. */
int pager_start(struct pager *p);
/* Shows the text and waits until its reader has had enough; an empty text: the pager ends unseen. 1: shown; 0: not. */
int pager_finish(struct pager *p, struct span text);
/* Is this root's, on behalf of a user who may be allowed this command and no other (sudo, doas, pkexec)? */
bool pager_is_for_another_user(void);
/* Where the process is privileged: from here on a less in it, or in what it becomes, starts nothing (LESSSECURE). */
void pager_secure(void);
