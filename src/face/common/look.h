/* SPDX-License-Identifier: MIT */
#pragma once

/* Looks are single bytes in the text, which text that others choose cannot hold (base/printable.h). */
enum look {
	LOOK_PLAIN = 1, /* ends the others */
	LOOK_HEAD,
	LOOK_GOOD,
	LOOK_WARN,
	LOOK_BAD,
	LOOK_COMMAND, /* a line to be pasted: where it is broken, the shell joins it again */
	LOOKS
};
