/* SPDX-License-Identifier: MIT */
#pragma once

/* The verbs of the `kmodctl` binary: one file each. */

#include "face/common/command.h"

extern const struct command kmodctl_verbs[];
/* Names that kmodctl answers to by argv[0]: sign-file, kmodsign, mokutil. */
extern const struct command kmodctl_tools[];

/* Reports the operand of a word that takes none. STATUS_USAGE. */
int command_takes_none(struct env *env, const char *code, const char *word, const char *operand);

int cmd_boot(struct env *env, int argc, char **argv);
int cmd_config(struct env *env, int argc, char **argv);
int cmd_key(struct env *env, int argc, char **argv);
int cmd_params(struct env *env, int argc, char **argv);
int cmd_sign(struct env *env, int argc, char **argv);
int cmd_sign_file(struct env *env, int argc, char **argv);
int cmd_verify(struct env *env, int argc, char **argv);

/* `kmodctl VERB ...` */
int cmd_kmodctl(struct env *env, int argc, char **argv);

int cmd_devices(struct env *env, int argc, char **argv);
int cmd_info(struct env *env, int argc, char **argv);
int cmd_keys(struct env *env, int argc, char **argv);
int cmd_list(struct env *env, int argc, char **argv);
int cmd_mok(struct env *env, int argc, char **argv);
int cmd_mokutil(struct env *env, int argc, char **argv);
int cmd_reload(struct env *env, int argc, char **argv);
int cmd_report(struct env *env, int argc, char **argv);
int cmd_search(struct env *env, int argc, char **argv);
int cmd_status(struct env *env, int argc, char **argv);
int cmd_tree(struct env *env, int argc, char **argv);
int cmd_trust(struct env *env, int argc, char **argv);
int cmd_users(struct env *env, int argc, char **argv);
int cmd_why(struct env *env, int argc, char **argv);
