// SPDX-License-Identifier: MIT
/*
 * kmodcli modprobe -r: the module between its softdeps and, with --remove-holders, after its users; then what nobody
 * uses any more of what it needed.
 */
#include "kmodcli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* GONE: there was nothing to do. FAILED and what is behind it are failures. */
enum result { DONE, GONE, FAILED };

struct removal {
	const struct args *a;
	struct kmod_module *going[256]; /* seen so far; in a dry run they are still there */
	size_t n;
};

static bool is_going(const struct removal *x, const struct kmod_module *m)
{
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(kmod_module_get_name(x->going[i]), kmod_module_get_name(m)) == 0)
			return true;
	return false;
}

/* Users other than those that go. */
static int users_left(const struct removal *x, const struct kmod_module *m)
{
	struct kmod_list *holders = kmod_module_get_holders(m), *e;
	int left = kmod_module_get_refcnt(m);

	kmod_list_foreach(e, holders) {
		struct kmod_module *holder = kmod_module_get_module(e);

		left -= x->a->dry_run && is_going(x, holder);
		kmod_module_unref(holder);
	}
	kmod_module_unref_list(holders);
	return left;
}

/* Every literal $CMDLINE_OPTS is replaced by nothing. The caller frees it. */
static char *expanded(const char *command)
{
	static const char placeholder[] = "$CMDLINE_OPTS";
	char *copy = strdup(command), *at;

	while (copy && (at = strstr(copy, placeholder)))
		memmove(at, at + strlen(placeholder), strlen(at + strlen(placeholder)) + 1);
	return copy;
}

static enum result run_command(const struct removal *x, const struct kmod_module *m, const char *command)
{
	char *line = expanded(command);
	int status = 0;

	if (x->a->verbose || x->a->dry_run)
		printf("remove %s\n", line);
	fflush(stdout);
	if (!x->a->dry_run) {
		setenv("MODPROBE_MODULE", kmod_module_get_name(m), 1);
		status = system(line);
		unsetenv("MODPROBE_MODULE");
	}
	free(line);
	return status ? FAILED : DONE;
}

/* -w: the kernel is asked again after 1, 2, 4... ms. */
static int remove_waiting(const struct args *a, struct kmod_module *m, unsigned flags, unsigned left)
{
	int r;

	for (unsigned pause = 1; (r = kmod_module_remove_module(m, flags | KMOD_REMOVE_NOLOG)) == -EAGAIN && left > 0;
	     pause *= 2) {
		unsigned ms = pause < left ? pause : left;

		usleep(ms * 1000);
		left -= ms;
	}
	if (r < 0 && !a->quiet)
		fprintf(stderr, "modprobe: ERROR: could not remove '%s': %s\n", kmod_module_get_name(m), strerror(-r));
	return r;
}

static enum result run_rmmod(const struct removal *x, struct kmod_module *m, bool asked_for)
{
	unsigned flags = asked_for && x->a->force_vermagic ? KMOD_REMOVE_FORCE : 0;

	if (x->a->verbose || x->a->dry_run)
		printf("rmmod %s\n", kmod_module_get_name(m));
	fflush(stdout);
	if (x->a->dry_run)
		return DONE;
	return remove_waiting(x->a, m, flags, asked_for ? x->a->wait_ms : 0) < 0 ? FAILED : DONE;
}

static enum result remove_module(struct removal *x, struct kmod_module *m, bool asked_for);

/* Backwards, and what cannot go stays. */
static void remove_soft(struct removal *x, struct kmod_list *list)
{
	struct kmod_list *e;

	kmod_list_foreach_reverse(e, list)
	{
		struct kmod_module *m = kmod_module_get_module(e);

		remove_module(x, m, false);
		kmod_module_unref(m);
	}
}

static enum result remove_holders(struct removal *x, struct kmod_module *m)
{
	struct kmod_list *holders = x->a->remove_holders ? kmod_module_get_holders(m) : NULL, *e;
	enum result result = DONE;

	kmod_list_foreach_reverse(e, holders)
	{
		struct kmod_module *holder = kmod_module_get_module(e);

		if (result != FAILED)
			result = remove_module(x, holder, false);
		kmod_module_unref(holder);
	}
	kmod_module_unref_list(holders);
	return result;
}

static void remove_unused(struct removal *x, struct kmod_module *m)
{
	struct kmod_list *needs = kmod_module_get_dependencies(m), *e;

	kmod_list_foreach_reverse(e, needs)
	{
		struct kmod_module *need = kmod_module_get_module(e);

		if (!is_going(x, need) && kmod_module_get_initstate(need) == KMOD_MODULE_LIVE &&
		    users_left(x, need) == 0) {
			x->going[x->n++] = kmod_module_ref(need);
			if (run_rmmod(x, need, false) == DONE)
				remove_unused(x, need);
		}
		kmod_module_unref(need);
	}
	kmod_module_unref_list(needs);
}

/* The module itself, its users and its dependencies. */
static enum result remove_live(struct removal *x, struct kmod_module *m, bool asked_for)
{
	if (remove_holders(x, m) == FAILED)
		return FAILED;
	if (!x->a->has_wait && !(asked_for && x->a->force_vermagic) && users_left(x, m) > 0)
		return FAILED;
	if (run_rmmod(x, m, asked_for) != DONE)
		return FAILED;
	remove_unused(x, m);
	return DONE;
}

static enum result remove_module(struct removal *x, struct kmod_module *m, bool asked_for)
{
	const char *command = x->a->ignore_commands ? NULL : kmod_module_get_remove_commands(m);
	int state = kmod_module_get_initstate(m);
	struct kmod_list *pre = NULL, *post = NULL;
	enum result result;

	if (is_going(x, m) || (!command && state < 0))
		return GONE;
	if (!command && state == KMOD_MODULE_BUILTIN)
		return FAILED;
	x->going[x->n++] = kmod_module_ref(m);
	if (!x->a->ignore_commands)
		kmod_module_get_softdeps(m, &pre, &post);
	remove_soft(x, post);
	result = command ? run_command(x, m, command) : remove_live(x, m, asked_for);
	if (result == DONE)
		remove_soft(x, pre);
	kmod_module_unref_list(pre);
	kmod_module_unref_list(post);
	return result;
}

static int remove_name(struct removal *x, struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL, *e;
	int status = kmod_module_new_from_lookup(ctx, name, &list) < 0 || !list;

	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);
		enum result result = remove_module(x, m, true);

		status |= result == FAILED || (result == GONE && x->a->first_time);
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return status;
}

int do_modprobe_remove(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	int status = 0;

	for (int i = 0; i < argc && (a->all || !status); i++) {
		struct removal x = { .a = a };

		status |= remove_name(&x, ctx, argv[i]);
		while (x.n > 0)
			kmod_module_unref(x.going[--x.n]);
	}
	return status;
}
