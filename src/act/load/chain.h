/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Install and remove commands that run modprobe: which of them are being run by the processes above this one. Without
 * that, a command that leads back to itself starts processes without end.
 *
 * MODPROBE_ANCESTORS has a word `install:NAME:PID.START` or `remove:NAME:PID.START` for each, the outermost first.
 * PID, which began at START (proc(5)), waits for the command. Once it has ended, what the command has left behind, a
 * daemon, may load the module again. MODPROBE_MODULE, which every modprobe sets, says nothing of that: where a foreign
 * one is above, a loop is found when it comes to a command that this one runs.
 */

#include <stdbool.h>

#include "base/buf.h"
#include "base/root.h"

/* More commands than these do not lead to one another on purpose: aliases by chance, wildcards. */
#define CHAIN_DEPTH_MAX 16

enum chain_state {
	CHAIN_FREE, /* may be run */
	CHAIN_LOOP, /* is being run already */
	CHAIN_DEEP, /* CHAIN_DEPTH_MAX commands have led here, whether they are still being run or not */
};

/* An install or remove command has started this process. */
bool chain_is_below(void);
/* what: "install" or "remove". The names of the chain, "a -> b (ended) -> a", are appended to *path. */
enum chain_state chain_check(const struct root *root, const char *what, const char *name, struct buf *path);
/* Appends the variable for the environment of the command, `MODPROBE_ANCESTORS=...`. 0 or -ENOMEM. */
int chain_variable(const struct root *root, const char *what, const char *name, struct buf *into);
