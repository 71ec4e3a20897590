/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Security modules that judge a module's file otherwise than by the signature appended to it, and refuse it with an
 * errno of their own: what they are told to do on this machine, as far as it can be read. IMA's errno, log and files
 * were measured on Linux 6.12; those of SELinux, IPE and LoadPin were not.
 */

#include <stdbool.h>

#include "base/root.h"
#include "read/kernel/lockstate.h"

enum guard {
	GUARD_SELINUX, /* the permission module_load of the file's label */
	GUARD_IMA,     /* appraisal: a signature or hash in the file's security.ima */
	GUARD_IPE,     /* the policy's rules on KMODULE */
	GUARD_LOADPIN, /* everything must come from one file system */
	GUARDS,
};

struct guard_state {
	enum lock_answer active; /* can it refuse a module? */
	bool present;            /* this kernel has it, whatever it does */
	char source[256];        /* the file that says so; of unknown: the one that would */
	int error;               /* 0, or why it could not be read */
	char text[192];          /* what it does, or what is not known about it */
};

struct guards {
	struct guard_state items[GUARDS];
	bool bpf; /* programs can be attached to the same hooks */
};

/* release: of the running kernel, whose configuration tells what it does not have. */
void guards_read(const struct root *root, const char *release, struct guards *ret);

const char *guard_name(enum guard g); /* "SELinux", for people */
const char *guard_key(enum guard g);  /* "selinux", stable */
int guard_errno(enum guard g);        /* positive: what a refusal of it gives */
/* How to find out what is unknown about it, or whether it was it: one sentence. */
const char *guard_settle(enum guard g);
/* What makes it accept a module: one sentence. */
const char *guard_remedy(enum guard g);
/* Is this text of the kernel's log its refusal of a module? */
bool guard_logged(enum guard g, const char *text);
