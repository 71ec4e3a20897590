// SPDX-License-Identifier: MIT
#include "tools/kmod_commands.h"

const struct command kmod_tools[] = {
	{ 0 },
};

const struct command kmod_words[] = {
	{ 0 },
};
