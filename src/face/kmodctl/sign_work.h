/* SPDX-License-Identifier: MIT */
#pragma once

/* The files of kmodctl sign: whose signatures would be replaced, the work on several threads, and what came of it. */

#include "act/sign/sign.h"
#include "face/common/env.h"
#include "face/kmodctl/file_work.h"
#include "system/module_files.h"

struct sign_work {
	struct env *env;
	const struct module_list *files;
	struct sign_job job;
	unsigned jobs; /* threads */
	bool json, verbose, yes;
	/* set by sign_work_run() */
	struct sign_scratch *scratch; /* one per thread */
	struct sign_result *results;  /* one per file */
	char **signers;               /* of the signatures that would be replaced; NULL: none */
	struct file_progress progress;
};

/*
 * With SIGN_REPLACE, says first whose signatures would be replaced, and asks, or without a terminal wants `yes`. When a
 * signal comes, files in progress are finished and no more are started; what was done is printed in any case. Returns
 * the exit status.
 */
int sign_work_run(struct sign_work *w);
