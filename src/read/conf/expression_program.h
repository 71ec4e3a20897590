/* SPDX-License-Identifier: MIT */
#pragma once

#include <limits.h>
#include <stddef.h>

#define EXPRESSION_STEPS_MAX 1000 /* about one for each character, with counts ("a{3}": "aaa") written out */
#define EXPRESSION_DEPTH_MAX 100  /* groups inside each other */

/* A step reads a byte of the release, or none. Targets are relative, so that a piece of a program can be copied. */
enum expression_op {
	OP_BYTE,
	OP_ANY,
	OP_SET,   /* to: which set */
	OP_AT,    /* a position: byte is '^', '$', or what is behind the backslash */
	OP_SPLIT, /* goes on with the next step and with the one at `to` */
	OP_JUMP,
	OP_FOUND,
};

struct expression_step {
	unsigned char op, byte;
	short to;
};

struct expression_set {
	unsigned char has[(UCHAR_MAX + 1) / CHAR_BIT];
};

struct expression {
	size_t n, n_sets; /* a set belongs to a step: there are not more of them */
	struct expression_step steps[EXPRESSION_STEPS_MAX + 1];
	struct expression_set sets[EXPRESSION_STEPS_MAX];
};

/*
 * Writes the steps, which end with OP_FOUND, over zeroes. Nothing is allocated. 0; -E2BIG: the expression is beyond
 * what is above, or has a reference to a group or a count above 32767; -EINVAL: it is none.
 */
int expression_compile(const char *expression, struct expression *ret);

/* A letter, a digit or '_'. */
int expression_is_word(int c);
