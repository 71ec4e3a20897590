/* SPDX-License-Identifier: MIT */
#pragma once

/* The commands of the `kmod` binary: one file or folder each. */

#include "face/common/command.h"

/* Called by argv[0] (lsmod, modprobe ...) or as `kmod WORD`. A NULL name ends it. */
extern const struct command kmod_tools[];
/* Words of `kmod` only: help, list, static-nodes. */
extern const struct command kmod_words[];

/* `kmod WORD ...` */
int cmd_kmod(struct env *env, int argc, char **argv);

int cmd_depmod(struct env *env, int argc, char **argv);
int cmd_help(struct env *env, int argc, char **argv);
int cmd_insmod(struct env *env, int argc, char **argv);
int cmd_lsmod(struct env *env, int argc, char **argv);
int cmd_modinfo(struct env *env, int argc, char **argv);
int cmd_modules_load(struct env *env, int argc, char **argv);
int cmd_modprobe(struct env *env, int argc, char **argv);
int cmd_rmmod(struct env *env, int argc, char **argv);
int cmd_static_nodes(struct env *env, int argc, char **argv);
