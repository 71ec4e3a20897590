// SPDX-License-Identifier: MIT
/* kmodctl reload: unloads modules and loads them again, or restores everything as it was. */
#include <errno.h>
#include <string.h>

#include "base/optstring.h"
#include "base/signals.h"
#include "verb/why/refusal.h"
#include "read/kernel/kmsg.h"
#include "act/load/run.h"
#include "decide/plan/order.h"
#include "verb/reload/reload.h"
#include "system/sys.h"

/* A load that is being carried out, for the messages when it fails. */
struct attempt {
	const struct plan_step *failed;
};

static struct run runner(const struct reload *x)
{
	return (struct run){
		.sys = x->sys,
		.live = &x->running->live,
	};
}

int reload_plan_load(const struct reload *x, const char *name, const char *extra, bool even_loaded, struct plan *ret)
{
	const struct order_options o = { .extra = extra, .ignore_loaded = even_loaded };
	_cleanup_candidates_ struct candidates found = { 0 };
	int r = resolve_literal(name, &found);

	return r < 0 ? r : order_load(&x->running->world, &found.items[0], &o, ret);
}

static void ended(void *data, const struct plan_step *step, int result)
{
	struct attempt *a = data;

	if (result < 0 && step->vital)
		a->failed = step;
}

static void tell_cause(struct reload *x, const struct plan_step *step, struct kmsg *kmsg, int error)
{
	_cleanup_kmsg_list_ struct kmsg_list said = { 0 };
	const struct refusal refusal = {
		.sys = x->sys,
		.world = &x->running->world,
		.kmsg = &said,
		.name = step->name,
		.path = step->path,
		.error = error,
	};

	kmsg_collect(kmsg, &said);
	refusal_report(&refusal);
}

/* Loads a module and what it needs. -errno, reported. */
static int load(struct reload *x, const char *name, const char *extra)
{
	_cleanup_plan_ struct plan plan = { 0 };
	_cleanup_kmsg_ struct kmsg kmsg = { .fd = -1 };
	struct attempt attempt = { 0 };
	struct run run = runner(x);
	int r = reload_plan_load(x, name, extra, false, &plan);

	run.ended = ended;
	run.data = &attempt;
	kmsg_open(&x->sys->root, &kmsg);
	if (r >= 0 && plan.requests[0].verdict == PLAN_GO)
		r = run_load(&run, &plan, &plan.requests[0]);
	if (r < 0) {
		sys_error(x->sys, "reload.load", "could not load %s: %s", name, strerror(-r));
		if (attempt.failed)
			tell_cause(x, attempt.failed, &kmsg, r);
	}
	return r;
}

static int unload(struct reload *x, struct reload_module *m)
{
	struct run run = runner(x);
	int status = 0, r;

	run.remove_status = &status;
	r = run_remove_step(&run, m->removal);
	if (r < 0) {
		sys_error(x->sys, "reload.unload", "could not unload %s: %s", m->name, strerror(-r));
		run_tell_signal(x->sys, m->removal, status);
	} else {
		m->removed = true;
	}
	return r;
}

/* "NAME=VALUE" as the file of the parameter; NULL: there is no such file. */
static const struct setting *setting_of(const struct settings *now, const char *option)
{
	return settings_find_n(now, option, strcspn(option, "="));
}

/* Can all of them be written now? */
static bool are_writable(const struct settings *now, const struct strv *options)
{
	for (size_t i = 0; i < options->n; i++) {
		const struct setting *s = setting_of(now, options->items[i]);

		if (!s || !setting_is_writable(s))
			return false;
	}
	return true;
}

static bool write_settings(const struct reload *x, const char *module, const struct settings *now,
			   const struct strv *options)
{
	for (size_t i = 0; i < options->n; i++) {
		const char *value = strchr(options->items[i], '=') + 1;

		if (setting_write(&x->sys->root, module, setting_of(now, options->items[i])->name, value) < 0)
			return false;
	}
	return true;
}

/*
 * Loads a module as it was. The configured options come first, since only what differs then was set by hand. Those
 * parameters are written if all of them are writable; otherwise the module is loaded a second time.
 */
static int bring_back(struct reload *x, struct reload_module *m)
{
	_cleanup_settings_ struct settings now = { 0 };
	_cleanup_strv_ struct strv differences = { 0 };
	_cleanup_buf_ struct buf options = BUF_INIT;
	int r = load(x, m->name, NULL);

	if (r >= 0)
		r = settings_read(&x->sys->root, m->name, &now);
	if (r >= 0)
		r = reload_differences(m, &now, &differences);
	if (r < 0 || !differences.n)
		return r;
	if (are_writable(&now, &differences) && write_settings(x, m->name, &now, &differences))
		return 0;
	r = optstring_join((int)differences.n, differences.items, &options);
	if (r >= 0)
		r = unload(x, m);
	return r < 0 ? r : load(x, m->name, buf_str(&options));
}

/* Unloads the new module again, with the holders that were already loaded on top of it. */
static int clear_again(struct reload *x)
{
	int r = 0;

	for (size_t i = 0; i < x->n && r >= 0; i++)
		if (x->modules[i].loaded_again)
			r = unload(x, &x->modules[i]);
	return r;
}

static enum reload_result restore(struct reload *x)
{
	enum reload_result result = clear_again(x) < 0 ? RELOAD_BROKEN : RELOAD_RESTORED;

	for (size_t i = x->n; i-- > 0;)
		if (x->modules[i].removed && bring_back(x, &x->modules[i]) < 0)
			result = RELOAD_BROKEN;
	return result;
}

static int unload_all(struct reload *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (unload(x, &x->modules[i]) < 0)
			return -EBUSY;
	return 0;
}

/* Loads the requested module with its new options, then its holders. */
static int load_all(struct reload *x)
{
	for (size_t i = x->n; i-- > 0;) {
		struct reload_module *m = &x->modules[i];
		int r = i == x->n - 1 ? load(x, m->name, x->given) : bring_back(x, m);

		if (r < 0)
			return r;
		m->loaded_again = true;
	}
	return 0;
}

/*
 * Signals wait until everything is back in place: the connection that this was typed into may be lost with the network
 * driver that is reloaded.
 */
enum reload_result reload_carry_out(struct reload *x)
{
	enum reload_result result;
	struct signals held;

	signals_hold(&held);
	result = unload_all(x) < 0 || load_all(x) < 0 ? restore(x) : RELOAD_OK;
	signals_release(&held);
	return result;
}
