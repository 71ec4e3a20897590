/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Install and remove commands that run modprobe: which of them are being run by the processes above this one. Without
 * that, a command that leads back to itself starts processes without end.
 *
 * MODPROBE_ANCESTORS has a word `install:NAME:PID` or `remove:NAME:PID` for each, the outermost first. PID waits for
 * the command: a daemon which the command has left behind may load the module again. Where only a foreign modprobe
 * is above, MODPROBE_MODULE, which every one sets, is all that is known.
 */

#include <stdbool.h>

#include "base/buf.h"

/* More commands than these are not nested on purpose: aliases by chance, wildcards. */
#define CHAIN_DEPTH_MAX 16

enum chain_state {
	CHAIN_FREE, /* may be run */
	CHAIN_LOOP, /* is being run already */
	CHAIN_DEEP, /* CHAIN_DEPTH_MAX commands are being run already */
};

/* what: "install" or "remove". Unless it is free, the names of the chain, "a -> b -> a", are appended to *path. */
enum chain_state chain_check(const char *what, const char *name, struct buf *path);
/* Appends the variable for the environment of the command, `MODPROBE_ANCESTORS=...`. 0 or -ENOMEM. */
int chain_variable(const char *what, const char *name, struct buf *into);
