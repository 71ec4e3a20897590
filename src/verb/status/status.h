/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The machine on one screen, as far as modules go: what the kernel enforces, what taints it, what failed to load in
 * this boot, which devices want a module, whether the indexes are stale, and what waits for a reboot. Reads, and
 * changes nothing. Each part says why it could not be read.
 */

#include "base/arena.h"
#include "read/efi/vars.h"
#include "system/machine.h"
#include "system/system.h"
#include "verb/hardware/hardware.h"
#include "verb/mok/status.h"
#include "verb/why/query.h"

/* ---- taint: Documentation/admin-guide/tainted-kernels.rst ---- */

struct status_taint_flag {
	char letter;
	bool is_trouble; /* the kernel is not well, or somebody forced something: not only what is loaded */
	const char *text;
};

/* The flag of a bit of /proc/sys/kernel/tainted; NULL: one that is not known. */
const struct status_taint_flag *status_taint_flag(unsigned bit);
#define STATUS_TAINT_BITS 64

struct status_taint {
	uint64_t bits;
	int error;         /* -errno: of /proc/sys/kernel/tainted */
	struct live *live; /* NULL: the loaded modules could not be read, for the reason live_error */
	int live_error;
};

/* ---- modules that failed to load in this boot ---- */

struct status_failure {
	const char *name;  /* normalized; NULL: the kernel does not say which module it was */
	uint64_t usec;     /* since boot */
	const char *words; /* of the kernel, or of whoever logged it: the last about this module */
	const char *cause; /* for people, without the name */
	const char *fix;   /* NULL: none known */
	bool loaded;       /* it is loaded now all the same */
};

struct status_failures {
	struct status_failure *items; /* each module once, in the order of their first failures */
	size_t n, cap;
	size_t n_open;  /* that are not loaded now */
	int error;      /* -errno: of /dev/kmsg */
	bool from_boot; /* the log goes back to the boot */
};

#define STATUS_FAILURES_MAX 64 /* modules; more are not listed */

/* ---- the indexes ---- */

enum status_index_state { INDEX_CURRENT, INDEX_STALE, INDEX_ABSENT, INDEX_NO_MODULES, INDEX_UNKNOWN };

struct status_index {
	enum status_index_state state;
	int error;            /* of INDEX_UNKNOWN */
	struct strv unlisted; /* module files that modules.dep does not have, below its directory; the first hundred */
	struct strv gone;     /* files that modules.dep has and that are not there; the first hundred */
	size_t n_unlisted, n_gone;
	struct why absence; /* of INDEX_NO_MODULES: why there are none, and what helps */
};

/* ---- what waits ---- */

struct status_waiting {
	struct strv options; /* modules that are loaded with other parameters than are configured */
	int options_error;   /* a part of what is configured could not be read */
	struct strv boot;    /* listed to be loaded at boot, and neither loaded nor denied */
	struct strv missing; /* listed, and nothing that is installed has this name or alias */
	int boot_error;      /* -errno: a list that could not be read */
	enum efi_presence efi;
	int mok_error; /* -errno: why mok is not known, with EFI_PRESENT */
	struct mok_status mok;
	size_t n_requests; /* to MokManager, that wait for a reboot */
	struct strv newer; /* installed releases that are newer than the running one, oldest first */
	int newer_error;
};

struct status {
	struct sys sys; /* that of the caller, whose messages are left out: the parts say what could not be read */
	struct machine_reading machine;
	struct running running;
	struct status_taint taint;
	struct status_failures failures;
	struct hardware hardware;
	struct status_index index;
	struct status_waiting waiting;
	struct arena strings;
};

/* Must not be moved. 0, or -errno, reported. */
int status_read(struct sys *sys, struct status *ret);
void status_done(struct status *s);

#define _cleanup_status_ _cleanup_(status_done)

/* ---- the parts; each appends to strings, and fails only with -ENOMEM ---- */

int status_read_taint(struct sys *sys, struct status_taint *ret);
int status_read_failures(const struct why_query *q, struct arena *strings, struct status_failures *ret);
int status_read_index(const struct why_query *q, struct status_index *ret);
int status_read_waiting(struct sys *sys, const struct running *running, struct status_waiting *ret);
