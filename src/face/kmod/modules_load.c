// SPDX-License-Identifier: MIT
/*
 * modules-load: what modules-load.d(5), the kernel command line and /etc/modules ask for, loaded as one plan
 * without barriers: a module starts as soon as what it needs itself is there.
 */
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "base/pool.h"
#include "read/conf/modload.h"
#include "verb/why/refusal.h"
#include "system/live_sysfs.h"
#include "act/load/parallel.h"
#include "decide/plan/order.h"
#include "face/common/cli.h"
#include "face/kmod/commands.h"
#include "face/common/report.h"

/* More threads than this only wait for the kernel's own locks. */
#define JOBS_MAX 16

struct options {
	uint32_t jobs; /* 0: by CPUs */
	bool dry_run, json, verbose;
};

enum outcome { OUTCOME_LOADED, OUTCOME_ALREADY, OUTCOME_BUILTIN, OUTCOME_DENIED, OUTCOME_NOT_FOUND, OUTCOME_FAILED };

/* One module that an entry stands for. */
struct wish {
	const struct modload_entry *entry;
	size_t request;       /* in the plan; unused if not found */
	enum outcome outcome;
	int error;            /* OUTCOME_FAILED: of the module named by culprit */
	const char *culprit;  /* itself, or the dependency that failed */
	struct strv causes;
};

struct boot {
	struct env *env;
	struct options o;
	struct modload list;
	struct policy *policy;
	struct catalog *catalog;
	struct live_view live;
	struct plan_world world;
	struct plan plan;
	struct graph graph;
	struct parallel_result *results;
	struct wish *wishes;
	size_t n, cap;
	struct kmsg kmsg;
	struct kmsg_list said;
};

enum { OPT_JSON = CLI_LONG };

static const struct cli_option boot_options[] = {
	{ 'j', "jobs", "N", "load up to N modules at once (default: number of CPUs)", NULL, 0 },
	{ 'n', "dry-run", NULL, "print what would be loaded, in order", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print the result (with -n: the plan) as JSON", NULL, 0 },
	{ 'v', "verbose", NULL, "print each module as it is loaded", NULL, 0 },
	{ 0 },
};

static int set_option(struct env *env, void *values, int id, const char *arg)
{
	struct options *o = values;

	switch (id) {
	case 'j':
		if (parse_u32(arg, 10, &o->jobs) < 0 || o->jobs == 0) {
			report_error(env, "modules-load.jobs", "--jobs takes a number from 1 on, not '%s'", arg);
			return -EINVAL;
		}
		return 0;
	case 'n':
		o->dry_run = true;
		return 0;
	case OPT_JSON:
		o->json = true;
		return 0;
	default:
		o->verbose = true;
		return 0;
	}
}

static const char *const usage[] = { "[options] [configuration file...]", NULL };

/* ---- wishes into a plan ---- */

static struct wish *add_wish(struct boot *b, const struct modload_entry *e)
{
	if (vec_room(&b->wishes, b->n, &b->cap) < 0)
		return NULL;
	b->wishes[b->n] = (struct wish){ .entry = e, .outcome = OUTCOME_NOT_FOUND };
	return &b->wishes[b->n++];
}

static enum outcome outcome_of_verdict(enum plan_verdict v)
{
	switch (v) {
	case PLAN_BUILTIN:
		return OUTCOME_BUILTIN;
	case PLAN_DENIED:
		return OUTCOME_DENIED;
	case PLAN_LOADED:
		return OUTCOME_ALREADY;
	default:
		return OUTCOME_LOADED;
	}
}

static int plan_candidate(struct boot *b, const struct modload_entry *e, const struct candidate *c)
{
	const struct order_options o = { .asked = e->name, .extra = e->options, .deny = true, .deny_by_alias = true };
	struct wish *w = add_wish(b, e);
	int r;

	if (!w)
		return -ENOMEM;
	r = order_load(&b->world, c, &o, &b->plan);
	if (r < 0)
		return r;
	w->request = b->plan.n_requests - 1;
	w->outcome = outcome_of_verdict(b->plan.requests[w->request].verdict);
	return 0;
}

static int plan_entry(struct boot *b, const struct modload_entry *e)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int r = resolve(&b->world, e->name, &found);

	if (r == -ENOMEM)
		return r;
	if (r < 0 || found.n == 0)
		return add_wish(b, e) ? 0 : -ENOMEM;
	r = 0;
	for (size_t i = 0; r == 0 && i < found.n; i++)
		r = plan_candidate(b, e, &found.items[i]);
	return r;
}

static int make_plan(struct boot *b)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < b->list.n; i++)
		r = plan_entry(b, &b->list.items[i]);
	return r < 0 ? r : plan_graph(&b->world, &b->plan, &b->graph);
}

/* ---- carrying out ---- */

static void starting(void *data, const struct plan_step *step)
{
	struct boot *b = data;

	if (b->o.verbose && !b->o.json)
		plan_print_step(step, b->env->out);
	fflush(b->env->out);
}

static int carry_out(struct boot *b)
{
	const struct run run = {
		.sys = &b->env->sys,
		.live = &b->live,
		.starting = starting,
		.data = b,
	};
	unsigned cpus = pool_cpus();
	unsigned jobs = b->o.jobs ? b->o.jobs : cpus < JOBS_MAX ? cpus : JOBS_MAX;

	b->results = calloc(b->graph.n + 1, sizeof(*b->results));
	if (!b->results)
		return -ENOMEM;
	if (kmsg_open(&b->env->sys.root, &b->kmsg) < 0)
		b->kmsg.fd = -1;
	return run_parallel(&run, &b->plan, &b->graph, jobs, b->results);
}

/* Why a wish failed: its own module's error, or that of the dependency which failed first. */
static void find_cause(struct boot *b, struct wish *w, size_t node)
{
	struct cause_query q = { .root = &b->env->sys.root, .catalog = b->catalog, .kmsg = &b->said };
	const struct plan_step *step;

	if (b->results[node].error == -ECANCELED)
		node = b->results[node].blocker;
	step = &b->plan.steps[b->graph.nodes[node].step];
	w->outcome = OUTCOME_FAILED;
	w->error = b->results[node].error;
	w->culprit = step->name;
	q.name = step->name;
	q.path = step->path;
	q.options = step->options;
	q.error = w->error;
	if (step->action == PLAN_INSERT)
		cause_of_load(&q, &w->causes);
}

static void find_results(struct boot *b)
{
	if (b->kmsg.fd >= 0)
		kmsg_collect(&b->kmsg, &b->said);
	for (size_t i = 0; i < b->n; i++) {
		struct wish *w = &b->wishes[i];
		size_t node;

		if (w->outcome == OUTCOME_LOADED &&
		    graph_find(&b->graph, &b->plan, b->plan.requests[w->request].name, &node) && b->results[node].error < 0)
			find_cause(b, w, node);
	}
}

/* ---- telling ---- */

static const char *outcome_name(enum outcome o)
{
	static const char *const names[] = { "loaded", "already-loaded", "builtin", "denied", "not-found", "failed" };

	return names[o];
}

static void place_of(const struct modload_entry *e, struct buf *into)
{
	buf_adds(into, e->file);
	if (e->line)
		buf_addf(into, ":%u", e->line);
}

static void tell(struct boot *b, const struct wish *w)
{
	_cleanup_buf_ struct buf place = BUF_INIT;
	const struct modload_entry *e = w->entry;

	place_of(e, &place);
	if (w->outcome == OUTCOME_NOT_FOUND)
		report_warning(b->env, "modules-load.not-found", "%s: Failed to find module '%s'", buf_str(&place), e->name);
	else if (w->outcome == OUTCOME_DENIED)
		report_notice(b->env, "modules-load.denied", "%s: Module '%s' is deny-listed (%s:%u)", buf_str(&place), e->name,
			      b->plan.requests[w->request].file, b->plan.requests[w->request].line);
	if (w->outcome != OUTCOME_FAILED)
		return;
	report_error(b->env, "modules-load.failed", "%s: Failed to insert module '%s': %s", buf_str(&place), w->culprit,
		     strerror(-w->error));
	for (size_t i = 0; i < w->causes.n; i++)
		report_error(b->env, "modules-load.cause", "%s", w->causes.items[i]);
}

static void json_wish(struct json *j, const struct boot *b, const struct wish *w)
{
	bool planned = w->outcome != OUTCOME_NOT_FOUND;

	json_object(j, NULL);
	json_str(j, "asked", w->entry->name);
	json_str(j, "name", planned ? b->plan.requests[w->request].name : NULL);
	json_str(j, "file", w->entry->file);
	json_uint(j, "line", w->entry->line);
	json_str(j, "result", outcome_name(w->outcome));
	json_int(j, "errno", -w->error);
	json_str(j, "failed_module", w->culprit);
	json_array(j, "cause");
	for (size_t i = 0; i < w->causes.n; i++)
		json_str(j, NULL, w->causes.items[i]);
	json_end(j);
	json_end(j);
}

static void print_json(const struct boot *b)
{
	struct json j;

	json_init(&j, b->env->out, true);
	json_object(&j, NULL);
	json_int(&j, "schema", 1);
	if (b->o.dry_run) {
		plan_json(&b->plan, &j);
	} else {
		json_array(&j, "modules");
		for (size_t i = 0; i < b->n; i++)
			json_wish(&j, b, &b->wishes[i]);
		json_end(&j);
	}
	json_end(&j);
}

/* Each module once, in an order in which they could be loaded one by one. */
static void print_plan(const struct boot *b)
{
	for (size_t i = 0; i < b->graph.n; i++) {
		const struct plan_step *s = &b->plan.steps[b->graph.nodes[i].step];

		if (!s->builtin)
			plan_print_step(s, b->env->out);
	}
}

/* As with systemd's, no device (ENODEV) and nothing there to load or link to (ENOENT) are told, but no failure. */
static bool counts_as_failure(const struct wish *w)
{
	return w->outcome == OUTCOME_FAILED && w->error != -ENODEV && w->error != -ENOENT;
}

static int finish(struct boot *b)
{
	int status = b->list.error ? 1 : 0;

	for (size_t i = 0; i < b->n; i++) {
		tell(b, &b->wishes[i]);
		status |= counts_as_failure(&b->wishes[i]);
	}
	if (b->o.json)
		print_json(b);
	else if (b->o.dry_run)
		print_plan(b);
	return status;
}

/* ---- set-up ---- */

static int boot_open(struct boot *b, const char *const *files)
{
	struct modload_request wanted = { .root = b->env->sys.root, .files = files };
	struct policy_request policy = { .root = b->env->sys.root };
	struct utsname uts;
	char dir[256];
	int r = kernel_uname(b->env->sys.kernel, &uts);

	if (r < 0)
		return r;
	snprintf(dir, sizeof(dir), "/lib/modules/%s", uts.release);
	policy.moduledir = dir;
	r = modload_read(&wanted, &b->env->sys.diag, &b->list);
	r = r < 0 ? r : policy_load(&policy, &b->env->sys.diag, &b->policy);
	r = r < 0 ? r : catalog_open(&b->env->sys.root, dir, &b->env->sys.diag, &b->catalog);
	b->live = live_sysfs(&b->env->sys.root);
	b->world = (struct plan_world){ b->catalog, b->policy, &b->live, &b->env->sys.diag };
	return r;
}

static void boot_done(struct boot *b)
{
	for (size_t i = 0; i < b->n; i++)
		strv_done(&b->wishes[i].causes);
	free(b->wishes);
	free(b->results);
	kmsg_list_done(&b->said);
	if (b->kmsg.fd >= 0)
		kmsg_close(&b->kmsg);
	graph_done(&b->graph);
	plan_done(&b->plan);
	catalog_close(b->catalog);
	policy_free(b->policy);
	modload_done(&b->list);
}

static int boot_run(struct boot *b, const char *const *files)
{
	int r = boot_open(b, files);

	if (r == 0)
		r = make_plan(b);
	if (r == 0 && !b->o.dry_run)
		r = carry_out(b);
	if (r < 0) {
		report_error(b->env, "modules-load.setup", "could not load modules: %s", strerror(-r));
		return 1;
	}
	if (!b->o.dry_run)
		find_results(b);
	return finish(b);
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const struct options *o = values;
	struct boot b = { .env = env, .o = *o, .kmsg.fd = -1 };
	int status = boot_run(&b, argc > 0 ? (const char *const *)argv : NULL);

	boot_done(&b);
	return status;
}

int cmd_modules_load(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = usage,
		.summary = "Loads the modules listed in modules-load.d(5), on the kernel command line and in /etc/modules.",
		.options = boot_options,
		.set = set_option,
		.run = run,
	};
	struct options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
