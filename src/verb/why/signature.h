/* SPDX-License-Identifier: MIT */
#pragma once

/* Verdicts on signatures as findings: the same code, text and fix whoever gathered the evidence. */

#include "decide/verdict/verdict.h"
#include "system/machine.h"
#include "verb/why/finding.h"

/* The machine without the states that stop every module, which why_process() reports. */
struct trust_machine signature_machine(const struct machine_reading *reading);

/*
 * Appends the verdict: a finding of the code WHY_SIGNATURE, or WHY_SIGNATURE_UNKNOWN, its word the code of the verdict.
 * 0, -ENOMEM.
 */
int signature_add(struct why *found, const struct trust_machine *machine, const struct trust_module *module,
		  const struct trust_verdict *verdict);

/* Where DKMS, Debian's and Ubuntu's shim-signed and akmods keep their key, and its certificate, which is enrolled. */
#define SIGNATURE_KEY_FILES 3
struct signature_key_file {
	const char *key, *certificate;
};
extern const struct signature_key_file signature_key_files[SIGNATURE_KEY_FILES];
