/* SPDX-License-Identifier: MIT */
#pragma once

/* What the files of kmodcli share. */

#include <libkmod.h>

#include <stdbool.h>
#include <stddef.h>

#define CONFIGS_MAX 16

struct args {
	const char *root, *version, *field, *configs[CONFIGS_MAX];
	int n_configs;
	bool all, blacklist, ignore_commands, dry_run, quiet, remove, remove_holders, verbose, show_depends, resolve,
		show_config;
	bool show_versions, show_exports, first_time, force_vermagic, force_modversion, by_name, has_wait;
	unsigned wait_ms;
	char end;             /* of a line of modinfo */
	char inherited[4096]; /* what modprobe hands to the commands it starts */
};

/* Each takes the operands and returns the exit status. */
int do_modprobe(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv);
int do_modprobe_remove(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv);
int do_modinfo(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv);

/* The words as the kernel's options: a value with a blank gets quotes. The caller frees it. */
char *joined_options(char **words, int n);
