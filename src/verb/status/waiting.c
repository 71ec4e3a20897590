// SPDX-License-Identifier: MIT
/* What was configured, requested or installed, and is not in effect before the next load or boot. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/oom.h"
#include "decide/plan/resolve.h"
#include "system/release.h"
#include "verb/boot/list.h"
#include "verb/params/subject.h"
#include "verb/status/status.h"

/* ---- parameters ---- */

static int look_at_options(struct sys *sys, const char *module, struct strv *to)
{
	_cleanup_params_subject_ struct params_subject s = { 0 };
	int r = params_subject_open(sys, module, &s);

	for (size_t i = 0; i < s.params.n && r >= 0; i++)
		if (s.params.items[i].effect == PARAMS_NOT_IN_EFFECT)
			return strv_add(to, module);
	return only_oom(r);
}

static int read_options(struct sys *sys, const struct running *running, struct status_waiting *w)
{
	const struct policy *p = running->policy;
	_cleanup_strv_ struct strv seen = { 0 };
	int r = 0;

	w->options_error = policy_check(p, NULL);
	for (size_t i = 0; i < policy_count(p, POLICY_OPTIONS) && r >= 0; i++) {
		const char *module = policy_get(p, POLICY_OPTIONS, i)->name;

		if (strv_has(&seen, module) || !world_is_live(&running->world, module))
			continue;
		r = strv_add(&seen, module);
		if (r >= 0)
			r = look_at_options(sys, module, &w->options);
	}
	return r;
}

/* ---- modules to load at boot ---- */

static int look_at_boot(const struct plan_world *world, const char *name, struct status_waiting *w)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int r = only_oom(resolve(world, name, &found));

	if (r >= 0 && !found.n)
		return strv_has(&w->missing, name) ? 0 : strv_add(&w->missing, name);
	for (size_t i = 0; i < found.n && r >= 0; i++) {
		const struct candidate *c = &found.items[i];
		bool denied = world->policy && policy_blacklist(world->policy, c->name);

		if (!c->builtin && !denied && world_state(world, c->name) == LIVE_ABSENT &&
		    !strv_has(&w->boot, c->name))
			r = strv_add(&w->boot, c->name);
	}
	return r;
}

static int read_boot(struct sys *sys, const struct running *running, struct status_waiting *w)
{
	_cleanup_boot_list_ struct boot_list list = { 0 };
	int r = boot_list_read(sys, &list);

	w->boot_error = r < 0 ? r : list.entries.error;
	for (size_t i = 0; i < list.n && r >= 0; i++)
		r = look_at_boot(&running->world, list.rows[i].entry->name, w);
	return only_oom(r);
}

/* ---- requests to MokManager ---- */

static int read_mok(struct sys *sys, struct status_waiting *w)
{
	const struct mok_status *m = &w->mok;

	w->efi = efi_presence(&sys->root);
	if (w->efi != EFI_PRESENT)
		return 0;
	w->mok_error = mok_status_look(sys, &w->mok);
	w->n_requests = m->waiting + m->deleting + m->reset + (m->validation >= 0) + (m->trust >= 0);
	return only_oom(w->mok_error);
}

/* ---- kernels ---- */

/* "6.12.0-9-amd64" -> "6.12.0-9": what follows names a flavour, of which none is newer than the other. */
static size_t version_length(const char *release)
{
	size_t n = strspn(release, "0123456789.-+~_");

	while (n > 0 && strchr(".-+~_", release[n - 1]))
		n--;
	return n;
}

static bool is_newer(const char *release, const char *than)
{
	char a[256], b[256];

	if ((size_t)snprintf(a, sizeof(a), "%.*s", (int)version_length(release), release) >= sizeof(a) ||
	    (size_t)snprintf(b, sizeof(b), "%.*s", (int)version_length(than), than) >= sizeof(b))
		return false;
	return *a && *b && strverscmp(a, b) > 0;
}

static int read_releases(struct sys *sys, const char *running, struct strv *newer, int *ret_error)
{
	_cleanup_strv_ struct strv all = { 0 };
	int r = releases_installed(&sys->root, &all);

	*ret_error = r;
	for (size_t i = 0; i < all.n && r >= 0; i++) {
		size_t at = newer->n;

		if (!is_newer(all.items[i], running))
			continue;
		r = strv_add(newer, all.items[i]);
		for (; r >= 0 && at > 0 && is_newer(newer->items[at - 1], newer->items[at]); at--) {
			char *moved = newer->items[at];

			newer->items[at] = newer->items[at - 1];
			newer->items[at - 1] = moved;
		}
	}
	return only_oom(r);
}

int status_read_waiting(struct sys *sys, const struct running *running, struct status_waiting *ret)
{
	int r = read_options(sys, running, ret);

	if (r >= 0)
		r = read_boot(sys, running, ret);
	if (r >= 0)
		r = read_mok(sys, ret);
	return r < 0 ? r : read_releases(sys, running->uts.release, &ret->newer, &ret->newer_error);
}
