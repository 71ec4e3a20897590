// SPDX-License-Identifier: MIT
/* kmodctl info: what a person wants to know of a module. */
#include <errno.h>
#include <string.h>

#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/status.h"
#include "system/system.h"
#include "verb/info/info.h"
#include "verb/trust/evidence.h"
#include "verb/why/target.h"
#include "verb/why/why.h"

#define INDENT 13
#define NAMES_SHOWN 24 /* of a list, in text */

/* ---- text ---- */

static void print_row(FILE *out, const char *title, const char *text)
{
	say(out, "  %-*s%s\n", INDENT - 2, title, text);
}

static void print_buf(FILE *out, const char *title, struct buf *text)
{
	if (text->n)
		print_row(out, title, buf_str(text));
	buf_clear(text);
}

static void add_names(struct buf *into, const struct strv *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (i == NAMES_SHOWN) {
			buf_addf(into, " and %zu more", names->n - i);
			return;
		}
		buf_addf(into, "%s%s", i ? ", " : "", names->items[i]);
	}
}

static void print_fact(FILE *out, const struct info *i, const char *title, const char *key)
{
	const char *value = modinfo_get(&i->facts.info, key);

	if (value && *value)
		print_row(out, title, value);
}

static void print_state(FILE *out, const struct info *i, struct buf *text)
{
	if (i->builtin)
		buf_adds(text, "built into the kernel");
	else if (i->state == LIVE_ABSENT)
		buf_addf(text, "not loaded: %s", i->verdict);
	else if (i->state == LIVE_LIVE)
		buf_adds(text, "loaded");
	else
		buf_adds(text, live_state_name(i->state));
	if (i->refcnt >= 0)
		buf_addf(text, ", use count %lld", (long long)i->refcnt);
	if (i->users.n)
		buf_adds(text, ", used by ");
	add_names(text, &i->users);
	print_buf(out, "state", text);
	if (i->state == LIVE_LIVE && why_first_of(&i->found, WHY_TROUBLE))
		print_row(out, "", i->verdict);
}

static void print_file(FILE *out, const struct info *i, struct buf *text)
{
	if (i->path) {
		buf_adds(text, i->path);
		if (i->size)
			buf_addf(text, " (%llu bytes)", (unsigned long long)i->size);
		print_buf(out, "file", text);
	}
	if (i->error < 0) {
		buf_addf(text, "unknown: %s: %s", i->path ? i->path : "modules.builtin.modinfo", strerror(-i->error));
		print_buf(out, "", text);
	}
	if (!i->path)
		return;
	if (i->owner == OWNER_PACKAGE)
		buf_addf(text, "package %s", i->package);
	else if (i->dkms)
		buf_addf(text, "DKMS has built %s for this kernel; no package has the file", i->dkms);
	else
		buf_adds(text, i->owner == OWNER_NONE ? "no package has the file" :
							"unknown: no list of packages could be read");
	if (i->place)
		buf_addf(text, ", below %s/", i->place);
	print_buf(out, "from", text);
}

static void print_devices(FILE *out, const struct info *i, struct buf *text)
{
	if (i->devices_error < 0)
		buf_addf(text, "unknown: /sys/bus: %s", strerror(-i->devices_error));
	for (size_t k = 0; k < i->n_devices && k < NAMES_SHOWN; k++) {
		const struct hardware_device *d = i->devices[k];

		buf_addf(text, "%s%s (%s", k ? ", " : "", d->id->name, d->id->bus);
		if (d->id->driver)
			buf_addf(text, ", driver %s", d->id->driver);
		else
			buf_adds(text, d->state == HARDWARE_IDLE ? ", no driver" : "");
		buf_addc(text, ')');
	}
	if (i->n_devices > NAMES_SHOWN)
		buf_addf(text, " and %zu more", i->n_devices - NAMES_SHOWN);
	print_buf(out, "devices", text);
}

static void print_names(FILE *out, const char *title, const char *before, const struct strv *names, struct buf *text)
{
	if (!names->n)
		return;
	buf_adds(text, before);
	add_names(text, names);
	print_buf(out, title, text);
}

static void print_firmware(FILE *out, const struct firmware_files *f, struct buf *text)
{
	size_t present = 0, shown = 0;

	for (size_t i = 0; i < f->n; i++)
		present += f->items[i].is_there;
	if (!f->n)
		return;
	buf_addf(text, "%zu of %zu files present", present, f->n);
	for (size_t i = 0; i < f->n && shown < NAMES_SHOWN; i++)
		if (!f->items[i].is_there)
			buf_addf(text, "%s%s", shown++ ? ", " : "; missing: ", f->items[i].name);
	if (f->n - present > shown)
		buf_addf(text, " and %zu more", f->n - present - shown);
	print_buf(out, "firmware", text);
}

static void print_parameter(FILE *out, const struct params_item *p, struct buf *text)
{
	buf_addf(text, "%.*s", (int)p->name_len, p->name);
	if (p->live)
		buf_addf(text, "=%s", p->live->value ? p->live->value : "(cannot be read)");
	buf_addf(text, " (%s)", p->type ? p->type : "type unknown");
	if (p->description)
		buf_addf(text, " %s", p->description);
	if (p->origin)
		buf_addf(text, "; configured %s in %s%s", p->configured ? p->configured : "without a value",
			 p->origin->file, p->effect == PARAMS_NOT_IN_EFFECT ? ", not in effect" : "");
	print_buf(out, "parameter", text);
}

static const struct why_finding *signature_of(const struct info *i)
{
	const struct why_finding *f = why_find(&i->found, WHY_SIGNATURE);

	return f ? f : why_find(&i->found, WHY_SIGNATURE_UNKNOWN);
}

static void print_text(FILE *out, const struct info *i)
{
	const struct why_finding *signature = signature_of(i);
	_cleanup_buf_ struct buf text = BUF_INIT;

	say(out, "%s\n", i->name);
	print_fact(out, i, "purpose", "description");
	print_state(out, i, &text);
	print_file(out, i, &text);
	print_fact(out, i, "version", "version");
	print_fact(out, i, "license", "license");
	print_fact(out, i, "built for", "vermagic");
	print_devices(out, i, &text);
	print_names(out, "needs", "", &i->needs, &text);
	print_names(out, "", "loaded before it: ", &i->before, &text);
	print_names(out, "", "loaded after it: ", &i->after, &text);
	print_names(out, "", "may be of use to it: ", &i->weak, &text);
	print_firmware(out, &i->firmware, &text);
	print_names(out, "needed by", "", &i->needed_by, &text);
	for (size_t k = 0; k < i->params.n; k++)
		print_parameter(out, &i->params.items[k], &text);
	if (signature)
		print_row(out, "signature", signature->text);
}

/* ---- JSON ---- */

static void json_strings(struct json *j, const char *key, const struct strv *words)
{
	json_array(j, key);
	for (size_t i = 0; i < words->n; i++)
		json_str(j, NULL, words->items[i]);
	json_end(j);
}

static void json_authors(struct json *j, const struct modinfo *m)
{
	static const char key[] = "author";

	json_array(j, "authors");
	for (size_t i = 0; i < m->n; i++)
		if (m->items[i].key_len == strlen(key) && memcmp(m->items[i].key, key, strlen(key)) == 0)
			json_str(j, NULL, m->items[i].value);
	json_end(j);
}

static void json_file(struct json *j, const struct info *i)
{
	static const char *const owners[] = { "unknown", "none", "package" };

	json_str(j, "file", i->path);
	json_str(j, "error", i->error < 0 ? strerror(-i->error) : NULL);
	i->size ? json_uint(j, "file_size", i->size) : json_null(j, "file_size");
	json_str(j, "place", i->place);
	json_str(j, "owner", i->path ? owners[i->owner] : NULL);
	json_str(j, "package", i->package);
	json_str(j, "dkms", i->dkms);
}

static void json_devices(struct json *j, const struct info *i)
{
	if (i->devices_error < 0) {
		json_null(j, "devices");
		return;
	}
	json_array(j, "devices");
	for (size_t k = 0; k < i->n_devices; k++) {
		const struct hardware_device *d = i->devices[k];

		json_object(j, NULL);
		json_str(j, "bus", d->id->bus);
		json_str(j, "name", d->id->name);
		json_str(j, "modalias", d->id->modalias);
		json_str(j, "driver", d->id->driver);
		json_str(j, "module", d->id->module);
		json_str(j, "state", hardware_state_name(d->state));
		json_end(j);
	}
	json_end(j);
}

static void json_firmware(struct json *j, const struct firmware_files *f)
{
	json_array(j, "firmware");
	for (size_t i = 0; i < f->n; i++) {
		json_object(j, NULL);
		json_str(j, "name", f->items[i].name);
		json_bool(j, "present", f->items[i].is_there);
		json_end(j);
	}
	json_end(j);
}

static void json_parameters(struct json *j, const struct params *p)
{
	json_array(j, "parameters");
	for (size_t i = 0; i < p->n; i++) {
		const struct params_item *x = &p->items[i];

		json_object(j, NULL);
		json_strn(j, "name", x->name, x->name_len);
		json_str(j, "type", x->type);
		json_str(j, "description", x->description);
		json_str(j, "value", x->live ? x->live->value : NULL);
		json_str(j, "configured", x->configured);
		json_str(j, "file", x->origin ? x->origin->file : NULL);
		x->origin && x->origin->line ? json_uint(j, "line", x->origin->line) : json_null(j, "line");
		json_end(j);
	}
	json_end(j);
}

static void json_signature(struct json *j, const struct info *i)
{
	const struct why_finding *f = signature_of(i);
	const struct siginfo *s = i->facts.is_signed ? &i->facts.signature : NULL;

	json_object(j, "signature");
	i->path && i->error >= 0 ? json_bool(j, "is_signed", i->facts.is_signed) : json_null(j, "is_signed");
	json_str(j, "signer", s ? s->signer : NULL);
	json_str(j, "hash", s ? s->hash : NULL);
	json_str(j, "verdict", f ? f->word : NULL);
	json_str(j, "text", f ? f->text : NULL);
	json_end(j);
}

static void print_json(struct json *j, const struct info *i)
{
	const struct modinfo *m = &i->facts.info;

	json_object(j, NULL);
	json_str(j, "name", i->name);
	json_str(j, "description", modinfo_get(m, "description"));
	json_str(j, "state", i->state == LIVE_ABSENT ? "not-loaded" : live_state_name(i->state));
	json_str(j, "verdict", i->verdict);
	i->refcnt < 0 ? json_null(j, "uses") : json_int(j, "uses", i->refcnt);
	json_strings(j, "used_by", &i->users);
	json_file(j, i);
	json_str(j, "version", modinfo_get(m, "version"));
	json_str(j, "srcversion", modinfo_get(m, "srcversion"));
	json_str(j, "vermagic", modinfo_get(m, "vermagic"));
	json_str(j, "license", modinfo_get(m, "license"));
	json_authors(j, m);
	json_devices(j, i);
	json_strings(j, "needs", &i->needs);
	json_strings(j, "softdeps_before", &i->before);
	json_strings(j, "softdeps_after", &i->after);
	json_strings(j, "weakdeps", &i->weak);
	json_firmware(j, &i->firmware);
	json_strings(j, "needed_by", &i->needed_by);
	json_parameters(j, &i->params);
	json_signature(j, i);
	json_end(j);
}

/* ---- the operands ---- */

struct job {
	struct env *env;
	struct why_query query;
	const struct hardware *hardware;
	struct json *json; /* NULL: text */
	bool printed;
	bool unread; /* the file of one of the modules */
};

static int show_module(struct job *job, const struct candidate *c)
{
	_cleanup_info_ struct info info = { 0 };
	int r = info_read(&job->query, c, job->hardware, &info);

	if (r < 0)
		return r;
	job->unread = job->unread || info.error < 0;
	if (job->json) {
		print_json(job->json, &info);
		return 0;
	}
	if (job->printed)
		fputs("\n", job->env->out);
	print_text(job->env->out, &info);
	job->printed = true;
	return 0;
}

/* It stands for no module. -ENOENT, reported. */
static int print_absent(struct job *job, const struct target *t, const char *asked)
{
	_cleanup_why_ struct why absence = { 0 };
	int r = t->said.n ? 0 : why_not_found(&job->query, asked, &absence);
	const struct why *w = t->said.n ? &t->said : &absence;

	if (r < 0)
		return r;
	if (w->n && strncmp(w->items[0].text, asked, strlen(asked)) == 0)
		report_error(job->env, "info.not-found", "%s", w->items[0].text);
	else
		report_error(job->env, "info.not-found", "%s: %s", asked, w->n ? w->items[0].text : "not found");
	return -ENOENT;
}

static int show(struct job *job, const char *asked)
{
	_cleanup_target_ struct target t = { 0 };
	int r = target_find(&job->query, asked, &t);

	if (r >= 0 && !t.modules.n)
		return print_absent(job, &t, asked);
	for (size_t i = 0; i < t.modules.n && r >= 0; i++)
		r = show_module(job, &t.modules.items[i]);
	if (r < 0)
		report_error(job->env, "info.failed", "could not examine %s: %s", asked, strerror(-r));
	return r;
}

/* 0, or of what went wrong the more serious. */
static int show_all(struct job *job, int argc, char **argv)
{
	int status = STATUS_YES;

	for (int i = 0; i < argc; i++) {
		int r = show(job, argv[i]);

		if (r < 0 && (status == STATUS_YES || r != -ENOENT))
			status = r == -ENOENT ? STATUS_NO : STATUS_UNKNOWN;
	}
	return status == STATUS_YES && job->unread ? STATUS_UNKNOWN : status;
}

static int answer(struct env *env, bool as_json, int argc, char **argv)
{
	_cleanup_running_ struct running running = { 0 };
	_cleanup_hardware_ struct hardware hardware = { 0 };
	struct json json;
	struct job job = { .env = env, .hardware = &hardware, .json = as_json ? &json : NULL };
	int status;

	if (running_open(&env->sys, &running) < 0 || hardware_read(&env->sys, &running.world, &hardware) < 0)
		return STATUS_UNKNOWN;
	job.query = (struct why_query){
		.sys = &env->sys,
		.world = &running.world,
		.release = running.uts.release,
		.signature = why_trust,
	};
	if (as_json) {
		answer_open(env, &json);
		json_str(&json, "release", running.uts.release);
		json_array(&json, "modules");
	}
	status = show_all(&job, argc, argv);
	if (as_json) {
		json_end(&json);
		answer_close(env, &json);
	}
	return status;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const bool *json = values;

	display_page(env);
	command_confine(env, CONFINE_KEEP_KEYS);
	if (argc > 0)
		return answer(env, *json, argc, argv);
	report_error(env, "info.arguments", "give a module, an alias or a module file; see --help");
	return STATUS_USAGE;
}

int cmd_info(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[--json] MODULE|ALIAS|FILE...", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Show what a module is for, whether it is loaded or why not, where it comes from,\n"
			   "its devices, what it needs and who needs it, its parameters and signature.",
		.options = cli_json_option,
		.set = cli_set_json,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("done", "one of them is not found",
				      STATUS_ROW(3, "something could not be found out")),
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
