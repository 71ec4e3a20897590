/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The one silent prompt: what is typed is not shown, and a signal, also one that stops the process, leaves the
 * terminal with its echo on.
 */

#include <stddef.h>

#include "face/common/env.h"

/*
 * Writes the prompt to out and reads one line from in, without echo where in is a terminal. ret gets it without its
 * newline; it has cap bytes. 0; -EFBIG: the line was longer and is cut, the rest of it read; -EINTR: a signal that ends
 * the process came, and is delivered when this returns; or -errno.
 */
int prompt_silent(int in, int out, const char *prompt, char *ret, size_t cap);

/*
 * Asks for a password of min to max characters, twice, three times at most, on standard output (beside JSON: standard
 * error) and input, as mokutil does. ret: max + 2 bytes, to be wiped. -EINVAL after three attempts.
 */
int prompt_password(struct env *env, size_t min, size_t max, char *ret);

/* mok_secret's questions, for a face's `struct env` as data: "Abort" on standard error when the person gives up. */
int prompt_choose(void *data, size_t min, size_t max, char *ret);
int prompt_answer(void *data, const char *note, const char *prompt, char *ret, size_t cap);

/* Is there a person at standard input who sees standard error? */
bool prompt_is_possible(const struct env *env);
/* "Replace them? [y/N] " on standard error. */
bool prompt_yes(struct env *env, const char *question);
