/* SPDX-License-Identifier: MIT */
#pragma once

/* The verbs below `kmodctl key`. */

#include "face/common/env.h"

int cmd_key_generate(struct env *env, int argc, char **argv);
int cmd_key_show(struct env *env, int argc, char **argv);
int cmd_key_export(struct env *env, int argc, char **argv);
