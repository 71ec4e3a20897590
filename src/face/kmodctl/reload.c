// SPDX-License-Identifier: MIT
/* kmodctl reload: unloads a module and loads it again with other parameters, leaving everything else as it was. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/optstring.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"
#include "system/module_files.h"
#include "verb/reload/reload.h"
#include "face/common/prompt.h"
#include "face/common/report.h"

struct reload_options {
	bool dry_run, json, yes;
};

/* What the command line asks for, and the state that the verb works on. */
struct job {
	struct env *env;
	const char *name;
	const struct reload_options *o;
	struct reload x;
};

enum { OPT_JSON = CLI_LONG };

static const struct cli_option reload_options[] = {
	{ 'n', "dry-run", NULL, "show what would be done, but do nothing", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 'y', "yes", NULL, "do not ask, even on a terminal", NULL, 0 },
	{ 0 },
};

static int reload_set(struct env *env _unused_, void *values, int id, const char *arg _unused_)
{
	struct reload_options *o = values;

	o->dry_run |= id == 'n';
	o->json |= id == OPT_JSON;
	o->yes |= id == 'y';
	return 0;
}

/* ---- the plan, as text and JSON ---- */

static const struct reload_module *find_module(const struct reload *x, const char *name)
{
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->modules[i].name, name) == 0)
			return &x->modules[i];
	return NULL;
}

static bool is_asked_for(const struct reload *x, const struct reload_module *m)
{
	return m == &x->modules[x->n - 1];
}

/* Of the steps of a load, those for modules that will not be loaded then. */
static int print_load(const struct job *job, const struct reload_module *m)
{
	const struct reload *x = &job->x;
	_cleanup_plan_ struct plan plan = { 0 };
	int r = reload_plan_load(x, m->name, is_asked_for(x, m) ? x->given : NULL, true, &plan);

	for (size_t i = 0; i < plan.n && r >= 0; i++) {
		const struct plan_step *s = &plan.steps[i];

		if (strcmp(s->name, m->name) == 0 ||
		    (!find_module(x, s->name) && world_state(&x->running->world, s->name) == LIVE_ABSENT))
			say_step(job->env->out, "", s);
	}
	return r;
}

static void print_unknown(const struct job *job, const struct reload_module *m)
{
	if (!m->unknown.n)
		return;
	say(job->env->out, "# %s: the kernel does not show the values of", m->name);
	for (size_t i = 0; i < m->unknown.n; i++)
		say(job->env->out, "%s %s", i ? "," : "", m->unknown.items[i]);
	fputs("; the configured or built-in ones will be used\n", job->env->out);
}

static void print_restored(const struct job *job, const struct reload_module *m)
{
	const struct reload *x = &job->x;
	if (is_asked_for(x, m) || !m->restorable.n)
		return;
	say(job->env->out, "# %s: keeping", m->name);
	for (size_t i = 0; i < m->restorable.n; i++)
		say(job->env->out, " %s=%s", m->restorable.items[i],
		    settings_find(&m->before, m->restorable.items[i])->value);
	fputc('\n', job->env->out);
}

static void print_devices(const struct job *job, const struct bound_devices *d)
{
	for (size_t i = 0; i < d->n; i++)
		say(job->env->out, "# device %s (%s) loses its driver %s meanwhile\n", d->items[i].name,
		    d->items[i].bus, d->items[i].driver);
}

static int print_plan(const struct job *job)
{
	const struct reload *x = &job->x;
	int r = 0;

	for (size_t i = 0; i < x->n; i++) {
		print_devices(job, &x->modules[i].devices);
		print_restored(job, &x->modules[i]);
		print_unknown(job, &x->modules[i]);
	}
	for (size_t i = 0; i < x->interfaces.n; i++)
		say(job->env->out, "# network interface %s is up and will disappear\n", x->interfaces.items[i]);
	for (size_t i = 0; i < x->n; i++)
		say_step(job->env->out, "", x->modules[i].removal);
	for (size_t i = x->n; i-- > 0 && r >= 0;)
		r = print_load(job, &x->modules[i]);
	return r;
}

static void json_lines(struct json *j, const char *key, const struct strv *lines)
{
	json_array(j, key);
	for (size_t i = 0; i < lines->n; i++)
		json_str(j, NULL, lines->items[i]);
	json_end(j);
}

static void json_kept(struct json *j, const struct reload_module *m)
{
	json_object(j, "kept");
	for (size_t i = 0; i < m->restorable.n; i++)
		json_str(j, m->restorable.items[i], settings_find(&m->before, m->restorable.items[i])->value);
	json_end(j);
}

static void print_json(const struct job *job, const char *result, const struct strv *changes, const struct strv *losses)
{
	const struct reload *x = &job->x;
	struct json j;

	answer_open(job->env, &j);
	json_str(&j, "module", job->name);
	json_str(&j, "result", result);
	json_lines(&j, "in_the_way", &x->obstacles);
	json_array(&j, "modules");
	for (size_t i = 0; i < x->n; i++) {
		json_object(&j, NULL);
		json_str(&j, "name", x->modules[i].name);
		json_str(&j, "options", is_asked_for(x, &x->modules[i]) ? x->given : "");
		json_kept(&j, &x->modules[i]);
		json_lines(&j, "unknown_parameters", &x->modules[i].unknown);
		json_end(&j);
	}
	json_end(&j);
	json_lines(&j, "interfaces", &x->interfaces);
	json_lines(&j, "changes", changes);
	json_lines(&j, "losses", losses);
	answer_close(job->env, &j);
}

/* ---- carrying out ---- */

static bool confirmed(const struct job *job)
{
	return job->o->yes || job->o->json || !prompt_is_possible(job->env) || prompt_yes(job->env, "Continue?");
}

static int refuse(const struct job *job)
{
	const struct strv none = { 0 };

	report_error(job->env, "reload.in-the-way", "%s cannot be reloaded now; nothing was changed", job->name);
	for (size_t i = 0; i < job->x.obstacles.n; i++)
		report_error(job->env, "reload.in-the-way", "%s", job->x.obstacles.items[i]);
	if (job->o->json)
		print_json(job, "refused", &none, &none);
	return STATUS_NO;
}

static void tell_result(const struct job *job, enum reload_result result, const struct strv *changes,
			const struct strv *losses)
{
	if (result == RELOAD_RESTORED)
		report_error(job->env, "reload.restored", "%s was not reloaded; the previous state is restored",
			     job->name);
	else if (result == RELOAD_BROKEN)
		report_error(job->env, "reload.broken", "%s was not reloaded, and not everything could be restored",
			     job->name);
	for (size_t i = 0; i < losses->n; i++)
		report_warning(job->env, "reload.lost", "%s", losses->items[i]);
	if (result != RELOAD_OK)
		for (size_t i = 0; i < changes->n; i++)
			report_warning(job->env, "reload.changed", "%s", changes->items[i]);
}

static int carry_out(struct job *job)
{
	static const struct {
		const char *name;
		int status;
	} ends[] = {
		[RELOAD_OK] = { "reloaded", STATUS_YES },
		[RELOAD_RESTORED] = { "restored", STATUS_OWN },
		[RELOAD_BROKEN] = { "broken", STATUS_OWN + 1 },
	};
	_cleanup_strv_ struct strv changes = { 0 }, losses = { 0 };
	enum reload_result result;

	if (policy_check(job->x.running->world.policy, &job->env->sys.diag) < 0)
		return STATUS_NO;
	fflush(job->env->out);
	result = reload_carry_out(&job->x);
	reload_find_losses(&job->x, &losses);
	reload_find_changes(&job->x, &changes);
	tell_result(job, result, &changes, &losses);
	if (job->o->json)
		print_json(job, ends[result].name, &changes, &losses);
	else if (result == RELOAD_OK)
		for (size_t i = 0; i < changes.n; i++)
			say(job->env->out, "%s\n", changes.items[i]);
	return ends[result].status;
}

static int reload(struct job *job)
{
	const struct strv none = { 0 };
	int r = reload_prepare(&job->x, job->name);

	if (r < 0)
		return r == -ENOENT ? STATUS_NO : STATUS_UNKNOWN;
	if (job->x.obstacles.n)
		return refuse(job);
	if (!job->o->json && print_plan(job) < 0)
		return STATUS_NO;
	if (job->o->dry_run) {
		if (job->o->json)
			print_json(job, "planned", &none, &none);
		return STATUS_YES;
	}
	if (confirmed(job))
		return carry_out(job);
	fputs("Nothing was changed.\n", job->env->err);
	return STATUS_NO;
}

static int prepare(struct env *env, char **args, int n, const struct reload_options *o)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_buf_ struct buf given = BUF_INIT;
	char name[MODNAME_MAX];
	struct job job = { .env = env, .name = name, .o = o, .x = { .sys = &env->sys, .running = &running } };
	int r = module_name_of_operand(&env->sys, "reload.arguments", args[0], name);

	if (r < 0)
		return STATUS_USAGE;
	if (optstring_join(n - 1, args + 1, &given) < 0) {
		report_error(env, "cli.memory", "out of memory");
		return STATUS_NO;
	}
	if (running_open(&env->sys, &running) < 0)
		return STATUS_UNKNOWN;
	job.x.given = buf_str(&given);
	r = reload(&job);
	reload_done(&job.x);
	return r;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	if (argc > 0)
		return prepare(env, argv, argc, values);
	report_error(env, "reload.arguments", "no module given; see --help");
	return STATUS_USAGE;
}

int cmd_reload(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[options] MODULE [PARAMETER=VALUE...]", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Unload a module and load it again, with the configured and the given parameters.\n"
			   "Modules that use it are unloaded first and loaded again with the parameters they\n"
			   "had. If anything fails, the previous state is restored.",
		.options = reload_options,
		.set = reload_set,
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("reloaded, or with --dry-run: can be", "refused; nothing was changed",
				      STATUS_ROW(3, "the state of the kernel could not be read")
					      STATUS_ROW(4, "failed, and the previous state is restored")
						      STATUS_ROW(5, "failed, and not everything could be restored")),
		.run = run,
	};
	struct reload_options o = { 0 };

	return cli_main(env, &cli, argc, argv, &o);
}
