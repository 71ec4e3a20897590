/* SPDX-License-Identifier: MIT */
#pragma once

/* The truth table: every kind of signature in every state of the machine, as this kernel decides. */

#include "decide/verdict/verdict.h"

enum table_signature {
	TABLE_UNSIGNED,
	TABLE_UNKNOWN, /* signed by a key that is unknown everywhere */
	TABLE_BUILTIN, /* signed by the kernel's own key */
	TABLE_MOK,     /* signed by a key in the MOK list */
	TABLE_DB,      /* signed by a key in the firmware's db */
	TABLE_SIGNATURES,
};

struct table_row {
	enum table_signature signature;
	bool secure_boot;
	bool sig_enforce; /* requested on the kernel command line */
	bool lockdown;    /* lockdown=integrity on the kernel command line */
	bool here;        /* this machine is in that state */
	struct trust_verdict verdict;
};

#define TABLE_STATES 6
#define TABLE_ROWS (TABLE_SIGNATURES * TABLE_STATES)

void trust_table(const struct trust_machine *machine, struct table_row ret[TABLE_ROWS]);
const char *table_signature_name(enum table_signature s);
