/* SPDX-License-Identifier: MIT */
#pragma once

#include "decide/verdict/machine.h"

/* Rows of "what | value | where it was read, or why it could not be", for people and JSON alike. */
struct machine_row {
	const char *name;   /* "secure-boot": the key in JSON */
	const char *title;  /* "Secure Boot" */
	const char *value;  /* "on", "unknown" */
	const char *source;
	int error;
};
#define MACHINE_ROWS 10
void machine_rows(const struct trust_machine *m, struct machine_row ret[MACHINE_ROWS]);
