/* SPDX-License-Identifier: MIT */
#pragma once

/* Verdicts on signatures as findings: the same code, text and fix whoever gathered the evidence. */

#include "decide/verdict/verdict.h"
#include "read/image/siginfo.h"
#include "system/machine.h"
#include "verb/why/finding.h"

struct source;

/* The machine without the states that stop every module, which why_process() reports. */
struct trust_machine signature_machine(const struct machine_reading *reading);

/*
 * Appends the verdict: a finding of the code WHY_SIGNATURE, or WHY_SIGNATURE_UNKNOWN, its word the code of the verdict.
 * Nothing of a file whose signature the kernel lets pass, to find that it is no module. 0, -ENOMEM.
 */
int signature_add(struct why *found, const struct trust_machine *machine, const struct trust_module *module,
		  const struct trust_verdict *verdict);

#ifdef KMODCTL_SMALL
static inline const char *signature_unseen(const struct source *src _unused_, struct span file _unused_,
					   char *ret _unused_, size_t n _unused_)
{
	return NULL;
}
static inline bool signature_may_be_for_ima(const struct source *src _unused_)
{
	return true;
}
#else
/* Why the kernel does not see the signature of a module that counts as unsigned, perhaps in ret; NULL: it has none. */
const char *signature_unseen(const struct source *src, struct span file, char *ret, size_t n);
/* Has the file a signature or hash for IMA, in its security.ima? false: surely not. */
bool signature_may_be_for_ima(const struct source *src);
#endif

/* Where DKMS, Debian's and Ubuntu's shim-signed and akmods keep their key, and its certificate, which is enrolled. */
#define SIGNATURE_KEY_FILES 3
struct signature_key_file {
	const char *key, *certificate;
};
extern const struct signature_key_file signature_key_files[SIGNATURE_KEY_FILES];
