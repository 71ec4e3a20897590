/* SPDX-License-Identifier: MIT */
#pragma once

/* What this kernel would make of the files of many modules, each judged as by `kmodctl trust`, and kept as text. */

#include "base/arena.h"
#include "system/machine.h"
#include "verb/trust/module.h"

struct module_verdict {
	int error; /* -errno: the file could not be read; -ENOENT also where modules.dep does not have it */
	enum trust_signature signature;
	struct trust_verdict verdict;
	const char *signers; /* names and key ids; NULL: it has none, or they could not be read */
	const char *answer;  /* trust_verdict_text() */
	const char *cause;
	const char *fix; /* NULL: nothing is to be done */
};

struct verdicts {
	struct key_stores stores;
	struct trust_context context;
};

/* Borrows both. Must not be moved. 0 or -ENOMEM. */
int verdicts_open(struct sys *sys, const struct machine_reading *machine, struct verdicts *ret);
/* path NULL: it has no file. The texts are added to strings. 0 or -ENOMEM. */
int verdicts_judge(struct verdicts *v, const char *path, struct arena *strings, struct module_verdict *ret);
void verdicts_done(struct verdicts *v);

#define _cleanup_verdicts_ _cleanup_(verdicts_done)
