/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What editors, word processors and other systems leave in a file of configuration, and what looks like something else
 * there: a byte order mark, CR LF, no-break spaces, typographic quotes and dashes, control characters, words that are
 * too long to be names, remarks behind them. What a line means stays as it is for kmod and systemd; the warning, one
 * for each kind in each file, says what is wrong with it.
 */

#include <stddef.h>

#include "base/diag.h"
#include "base/span.h"

/* How lines are read. */
enum oddity_form {
	ODDITY_DIRECTIVES, /* modprobe.d(5), depmod.d(5): lines end at a newline, words at blanks and tabs */
	ODDITY_NAMES,      /* modules-load.d(5): a name on each line, the white space around it is removed */
};

struct oddity {
	struct diag *diag;
	const char *file; /* borrowed */
	enum oddity_form form;
	unsigned told; /* kinds that were reported, as bits */
};

#ifdef KMODCTL_SMALL
/* An initramfs, where every kilobyte counts, does not explain how to edit files. */
static inline void oddity_begin(struct oddity *o _unused_, struct span content _unused_)
{
}

static inline void oddity_line(struct oddity *o _unused_, unsigned line _unused_, struct span text _unused_)
{
}
#else
/* The beginning of the file: byte order marks. Not to be called with content that is not the whole file. */
void oddity_begin(struct oddity *o, struct span content);
/* A line that is no comment, without its newline. */
void oddity_line(struct oddity *o, unsigned line, struct span text);
#endif
