/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "base/json.h"
#include "decide/verdict/machine.h"

/* Rows of "what | value | where it was read, or why it could not be", for people and JSON alike. */
struct machine_row {
	const char *name;  /* "secure-boot": the key in JSON */
	const char *title; /* "Secure Boot" */
	const char *value; /* "on", "unknown" */
	const char *source;
	int error;
};
#define MACHINE_ROWS 10
void machine_rows(const struct trust_machine *m, struct machine_row ret[MACHINE_ROWS]);
/* As a line on out, or as an object of j under its name; the other one is NULL. */
void machine_row_print(const struct machine_row *row, FILE *out, struct json *j);
