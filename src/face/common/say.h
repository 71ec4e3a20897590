/* SPDX-License-Identifier: MIT */
#pragma once

#include <stdio.h>

#include "base/cleanup.h"
#include "decide/plan/plan.h"

/*
 * fprintf() for text with words in it that others chose: what the arguments bring in is made printable
 * (base/printable.h), the line ends of the format stay. Whatever is not kmod's own output is printed by it; the check
 * scripts/check-layers finds an fprintf() in its place. Blanks before a newline at its end are left out. Returns how
 * many bytes were printed.
 */
size_t say(FILE *out, const char *fmt, ...) _printf_(2, 3);
/*
 * A command (NULL-terminated argv) on a line of its own that can be pasted into a shell (base/shellword.h), behind this
 * indentation.
 */
void say_command(FILE *out, const char *indent, const char *const *argv);
/* The line of a step, if it has one, behind this indentation. */
void say_step(FILE *out, const char *indent, const struct plan_step *s);
