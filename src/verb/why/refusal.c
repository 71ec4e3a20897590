// SPDX-License-Identifier: MIT
#include "verb/why/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/errname.h"
#include "read/kernel/kallsyms.h"
#include "verb/why/parts.h"

#define CHECKS_MAX 5

/* The kernel does both in one step. */
static int why_symbols(struct subject *s)
{
	int r = why_needed(s);

	return r < 0 ? r : why_rules(s);
}

/*
 * What can cause each error of finit_module(2), in the order in which the kernel tests it. The first check that
 * finds an obstacle has found the cause.
 */
static const struct {
	int error;
	int (*checks[CHECKS_MAX + 1])(struct subject *);
} causes[] = {
	{ ENOSYS, { why_supported } },
#ifdef KMODCTL_SMALL
	{ EPERM, { why_process, why_signature, why_denied } },
	{ ENOEXEC, { why_format, why_versions, why_exported } }, /* an initramfs has no other copies */
#else
	{ EPERM, { why_process, why_signature, why_denied, why_initcall, why_guards } },
	{ EACCES, { why_file, why_guards } },
	{ ENOEXEC, { why_copies, why_format, why_versions, why_relocations, why_exported } },
#endif
	{ EKEYREJECTED, { why_signature } },
	{ ENOKEY, { why_signature } },
	{ EBADMSG, { why_signature } },
	{ ENOPKG, { why_signature } },
	{ ENOENT, { why_file, why_needs, why_symbols } },
	{ EINVAL, { why_packing, why_versions, why_rules, why_types } },
	{ ESRCH, { why_versions } },
	{ EBUSY, { why_state } },
};

static int run_checks(struct subject *s)
{
	int r = 0;

	for (size_t i = 0; i < ELEMENTSOF(causes); i++) {
		if (causes[i].error != -s->refused)
			continue;
		for (size_t k = 0; causes[i].checks[k] && r >= 0 && !s->found->n_obstacles; k++)
			r = causes[i].checks[k](s);
	}
	return r;
}

/* ---- the module's own error ---- */

/* Errors that the kernel itself, a security module, or opening and reading the file can give. */
static bool is_of_loading(int error)
{
	static const short errors[] = {
		EPERM,  ENOENT,    EINTR,      EIO,         ENOEXEC,     EBADF,        EAGAIN,       ENOMEM,    EACCES,
		EFAULT, EBUSY,     EEXIST,     ENOTDIR,     EISDIR,      EINVAL,       ENFILE,       EMFILE,    ETXTBSY,
		EFBIG,  ESPIPE,    ELOOP,      ENOSYS,      ESRCH,       EBADMSG,      ENOPKG,       ENOKEY,    ENODATA,
		ESTALE, EOVERFLOW, EOPNOTSUPP, EKEYEXPIRED, EKEYREVOKED, EKEYREJECTED, ENAMETOOLONG, ECANCELED,
	};

	for (size_t i = 0; i < ELEMENTSOF(errors); i++)
		if (errors[i] == error)
			return true;
	return false;
}

static bool has_other_causes(const struct why *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].weight > WHY_FACT)
			return true;
	return false;
}

/* The kernel has logged it, whatever /proc/kallsyms shows. */
static bool symbols_refused(const struct refusal *x)
{
	for (size_t i = 0; x->kmsg && i < x->kmsg->n; i++)
		if (strstr(x->kmsg->items[i].text, "Unknown symbol"))
			return true;
	return false;
}

/* 1: the kernel has all that the module needs, and may give it to one of its license; 0: that is not known. */
static int has_all_symbols(struct subject *s)
{
	_cleanup_kallsyms_ struct kallsyms kernel = { 0 };
	struct symbols imports = { 0 };
	int r = facts_imports(&s->elf, &imports);
	size_t n = imports.n;

	symbols_done(&imports);
	if (r >= 0 && n > 0)
		r = modinfo_get(&s->info, "license") ? kallsyms_read(&s->q->sys->root, &kernel) : -ENODATA;
	return r < 0 ? (r == -ENOMEM ? r : 0) : 1;
}

/*
 * ENOSYS of a kernel that lists its modules is not about the system call, unless a filter answered in its place; nor,
 * since the file was read, about a library that unpacks it. 1, 0, -ENOMEM.
 */
static int is_of_init(struct subject *s)
{
	const struct lockstate *lock;
	int r;

	if (s->refused != -ENOSYS)
		return !is_of_loading(-s->refused);
	r = subject_lock(s, &lock);
	return r < 0 ? r : lock->is_filtered == LOCK_NO && root_exists(&s->q->sys->root, "/proc/modules");
}

/* With no other cause, what is left is the init function. */
static int tell_init(const struct refusal *x, struct subject *s)
{
	int error = -s->refused, r;

	if (!s->is_module || has_other_causes(s->found))
		return 0;
#ifndef KMODCTL_SMALL
	if (error == ENODEV)
		return why_without_device(s);
#endif
	if (error != ENOENT) {
		r = is_of_init(s);
		return r <= 0 ? r :
				why_add(s->found, WHY_OBSTACLE, WHY_INIT_FAILED, NULL,
					"its own initialisation returned %s (%s)", errname(error), strerror(error));
	}
	r = symbols_refused(x) ? 0 : has_all_symbols(s);
	return r <= 0 ? r :
			why_add(s->found, WHY_OBSTACLE, WHY_INIT_FAILED, NULL,
				"every symbol it needs is there: its own initialisation returned ENOENT (%s)",
				strerror(ENOENT));
}

/* Obstacles; without any, what changes the outcome. */
static void keep_causes(struct why *w)
{
	enum why_weight least = w->n_obstacles ? WHY_OBSTACLE : WHY_NOTE;
	size_t n = 0;

	for (size_t i = 0; i < w->n && n < REFUSAL_FINDINGS_MAX; i++)
		if (w->items[i].weight >= least)
			w->items[n++] = w->items[i];
	w->n = n;
	w->n_obstacles = least == WHY_OBSTACLE ? n : 0;
}

/* ---- the kernel's own words ---- */

/* What the kernel notes of modules that it loads all the same. */
static bool is_remark(const char *text)
{
	return strstr(text, "taints kernel") || strstr(text, "tainting kernel");
}

/* Records that begin with the module's name, in either spelling of '-'. */
static bool speaks_of(const char *text, const char *name)
{
	for (; *name; name++, text++)
		if (*text != *name && !(*text == '-' && *name == '_'))
			return false;
	return *text == ':' || *text == ' ';
}

static int add_kernel_words(const struct refusal *x, struct why *w)
{
	int r = 0;

	for (size_t i = 0; x->kmsg && i < x->kmsg->n && w->n < REFUSAL_FINDINGS_MAX && r >= 0; i++) {
		const char *text = x->kmsg->items[i].text;

		if (speaks_of(text, x->name) && !is_remark(text))
			r = why_add(w, WHY_FACT, WHY_KERNEL_SAYS, NULL, "the kernel says: %s", text);
	}
	return r;
}

/* ---- the subject ---- */

/* The installed file of the name, or one that was named by its path. */
static int find_candidate(const struct refusal *x, struct candidates *ret)
{
	_cleanup_free_ char *installed = NULL;
	int r = world_path(x->world, x->name, &installed);

	if (r < 0)
		return r;
	if (!x->path || (installed && strcmp(installed, x->path) == 0))
		return resolve_literal(x->name, ret);
	return resolve_path(x->path, ret);
}

static int find_causes(const struct refusal *x, const struct candidate *c, struct why *w)
{
	_cleanup_subject_ struct subject s = { 0 };
	struct utsname uts = { 0 };
	const struct why_query q = {
		.sys = x->sys,
		.world = x->world,
		.release = kernel_uname(x->sys->kernel, &uts) < 0 ? "" : uts.release,
	};
	int r = subject_open(&q, c, w, &s);

	if (r < 0)
		return r;
	w->no_doubt = !s.src;
	s.refused = x->error;
	s.kmsg = x->kmsg;
	if (!s.path)
		return 0; /* without a file nothing was passed to the kernel */
	r = run_checks(&s);
	return r < 0 || w->n_obstacles ? r : tell_init(x, &s);
}

int refusal_explain(const struct refusal *x, struct why *ret)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	_cleanup_why_ struct why w = { 0 };
	int r = find_candidate(x, &found);

	if (r >= 0)
		r = find_causes(x, &found.items[0], &w);
	if (r == -ENOMEM)
		return r;
	keep_causes(&w);
	r = add_kernel_words(x, &w);
	if (r < 0)
		return r;
	*ret = w;
	w = (struct why){ 0 };
	return 0;
}

void refusal_report(const struct refusal *x)
{
	_cleanup_why_ struct why found = { 0 };

	if (diag_wants(&x->sys->diag, LOG_ERR) && refusal_explain(x, &found) >= 0)
		refusal_report_found(&x->sys->diag, x->name, &found);
}
