/* SPDX-License-Identifier: MIT */
#pragma once

/* The options of modprobe, from the command line and from MODPROBE_OPTIONS. */

#include "base/buf.h"
#include "base/vec.h"
#include "face/common/cli.h"

struct modprobe_options {
	bool all, remove, ignore_commands, use_blacklist, dry_run, first_time, remove_holders, json;
	bool show_alias, show_depends, show_config, show_modversions, show_exports;
	bool has_wait;
	unsigned wait_ms;
	unsigned force; /* enum insert_flags */
	bool force_unload;
	int level;     /* of messages: each -v raises it by one, -q starts at the lowest */
	uint32_t jobs; /* 0: one after the other */
	const char *dirname, *release;
	struct strv config;  /* -C */
	struct buf exported; /* for MODPROBE_OPTIONS of install and remove commands */
};

extern const struct cli_option modprobe_option_table[];
extern const char *const modprobe_usage[];
/* values: a struct modprobe_options. */
int modprobe_set(struct env *env, void *values, int id, const char *arg);
/* argv[0], the words of MODPROBE_OPTIONS, the rest of argv. */
int modprobe_arguments(int argc, char **argv, struct strv *ret);
/*
 * Sets MODPROBE_OPTIONS for the modprobes that install and remove commands run. The options that came from the
 * variable itself are in it already; as words are only ever added at its end, its value is a prefix of the options
 * seen now.
 */
int modprobe_export_options(const struct modprobe_options *o);
/*
 * Are loads and removals shown? As they are done with -v, always with -D, with -n unless -q was given, which kmod
 * counts against any -v before or behind it.
 */
bool modprobe_shows_steps(const struct modprobe_options *o);
