// SPDX-License-Identifier: MIT
/* kmodctl params: shows a module's parameters, current and configured, and sets them. */
#include "verb/params/set.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/common/display.h"
#include "face/kmodctl/status.h"
#include "face/common/report.h"
#include "system/module_files.h"

enum { OPT_JSON = CLI_LONG, OPT_NOW, OPT_PERSIST, OPT_UNSET };

/* What is requested, and how it is shown. */
struct params_options {
	struct params_request request;
	bool json;
};

static const struct cli_option option_table[] = {
	{ OPT_PERSIST, "persist", NULL, "set it for every load, in /etc/modprobe.d/kmodctl-MODULE.conf", NULL, 0 },
	{ OPT_NOW, "now", NULL, "set it in the running kernel (default without --persist)", NULL, 0 },
	{ OPT_UNSET, "unset", "NAME", "remove NAME from /etc/modprobe.d/kmodctl-MODULE.conf", NULL, 0 },
	{ OPT_JSON, "json", NULL, "print JSON", NULL, 0 },
	CLI_VERBOSE,
	{ 0 },
};

static const char *const usage[] = {
	"[--json] MODULE",
	"[--now] [--persist] MODULE NAME=VALUE...",
	"--unset NAME MODULE",
	NULL,
};

/* ---- command line ---- */

static int add_change(struct params_request *o, const char *name, size_t n, const char *value, bool bare)
{
	struct edit_change *c;

	if (vec_room(&o->changes, o->n, &o->cap) < 0 || strv_addn(&o->words, name, n) < 0)
		return -ENOMEM;
	c = &o->changes[o->n];
	*c = (struct edit_change){ .name = o->words.items[o->words.n - 1], .value = value, .bare = bare };
	o->n++;
	return 0;
}

static int add_word(struct params_request *o, const char *word)
{
	const char *equals = strchr(word, '=');

	return equals ? add_change(o, word, (size_t)(equals - word), equals + 1, false) :
			add_change(o, word, strlen(word), "", true);
}

static int set_option(struct env *env _unused_, void *values, int id, const char *arg)
{
	struct params_options *o = values;

	switch (id) {
	case OPT_PERSIST:
		o->request.persist = true;
		return 0;
	case OPT_NOW:
		o->request.now = true;
		return 0;
	case OPT_UNSET:
		return add_change(&o->request, arg, strlen(arg), NULL, false);
	default:
		o->json = true;
		return 0;
	}
}

/* ---- showing ---- */

static const char *effect_text(enum params_effect effect)
{
	switch (effect) {
	case PARAMS_IN_EFFECT:
		return "in effect";
	case PARAMS_NOT_IN_EFFECT:
		return "not in effect";
	default:
		return NULL;
	}
}

static void print_configured(FILE *out, const struct params_item *p)
{
	const char *effect = effect_text(p->effect);

	say(out, "    configured  %s by %s", p->configured ? p->configured : "given without a value", p->origin->file);
	if (p->origin->line)
		say(out, ":%u", p->origin->line);
	say(out, "%s%s\n", effect ? ": " : "", effect ? effect : "");
}

static void print_item(FILE *out, const struct params_item *p)
{
	const char *stated;
	size_t n;

	say(out, "%.*s (%s)", (int)p->name_len, p->name, p->type ? p->type : "type unknown");
	say(out, "%s%s\n", p->description ? ": " : "", p->description ? p->description : "");
	if (p->live && p->live->value)
		say(out, "    current     %s%s\n", p->live->value, setting_is_writable(p->live) ? " (writable)" : "");
	else if (p->live)
		say(out, "    current     cannot be read%s\n", setting_is_writable(p->live) ? " (writable)" : "");
	stated = params_stated_default(p, &n);
	if (stated)
		say(out, "    default     %.*s, according to its description\n", (int)n, stated);
	if (p->origin)
		print_configured(out, p);
}

static const char *state_of(const struct params_subject *s)
{
	return s->state == LIVE_ABSENT ? "not-loaded" : live_state_name(s->state);
}

static void print_text(FILE *out, const struct params_subject *s)
{
	say(out, "%s: %s", s->name,
	    s->builtin              ? "built into the kernel" :
	    s->state == LIVE_ABSENT ? "not loaded" :
				      "loaded");
	say(out, "%s%s\n", s->path ? ", " : "", s->path ? s->path : "");
	for (size_t i = 0; i < s->params.n; i++)
		print_item(out, &s->params.items[i]);
	if (s->params.n == 0)
		fputs("The module has no parameters.\n", out);
	else if (s->state == LIVE_LIVE)
		fputs("The kernel does not keep the options of the load; parameters without a current value are hidden "
		      "by the module.\n",
		      out);
}

static void json_stated(struct json *j, const struct params_item *p)
{
	size_t n;
	const char *stated = params_stated_default(p, &n);

	if (stated)
		json_strn(j, "default", stated, n);
	else
		json_null(j, "default");
}

static void json_origin(struct json *j, const struct params_item *p)
{
	const struct policy_entry *e = p->origin;

	json_str(j, "configured", p->configured);
	json_str(j, "file", e ? e->file : NULL);
	if (e && e->line)
		json_uint(j, "line", e->line);
	else
		json_null(j, "line");
	if (p->effect == PARAMS_IN_EFFECT || p->effect == PARAMS_NOT_IN_EFFECT)
		json_bool(j, "in_effect", p->effect == PARAMS_IN_EFFECT);
	else
		json_null(j, "in_effect");
}

static void json_item(struct json *j, const struct params_item *p)
{
	json_object(j, NULL);
	json_strn(j, "name", p->name, p->name_len);
	json_str(j, "type", p->type);
	json_str(j, "description", p->description);
	json_str(j, "current", p->live ? p->live->value : NULL);
	json_stated(j, p);
	if (p->live)
		json_bool(j, "writable", setting_is_writable(p->live));
	else
		json_null(j, "writable");
	json_origin(j, p);
	json_end(j);
}

static void print_json(struct env *env, const struct params_subject *s, const struct strv *notes)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "module", s->name);
	json_str(&j, "state", state_of(s));
	json_str(&j, "filename", s->path);
	json_array(&j, "parameters");
	for (size_t i = 0; i < s->params.n; i++)
		json_item(&j, &s->params.items[i]);
	json_end(&j);
	json_array(&j, "notes");
	for (size_t i = 0; i < notes->n; i++)
		json_str(&j, NULL, notes->items[i]);
	json_end(&j);
	answer_close(env, &j);
}

/* ---- the command ---- */

static int work_on(struct env *env, const char *module, const struct params_options *o)
{
	_cleanup_strv_ struct strv notes = { 0 };
	_cleanup_params_subject_ struct params_subject s = { 0 };
	int r = params_subject_open(&env->sys, module, &s);

	if (r < 0)
		return r;
	if (o->request.n > 0)
		r = params_set(&s, &o->request, &notes);
	if (o->json)
		print_json(env, &s, &notes);
	else if (o->request.n == 0)
		print_text(env->out, &s);
	for (size_t i = 0; !o->json && i < notes.n; i++)
		say(env->out, "%s\n", notes.items[i]);
	return r;
}

static int read_words(struct params_request *o, int argc, char **argv)
{
	int r = 0;

	for (int i = 0; r == 0 && i < argc; i++)
		r = add_word(o, argv[i]);
	for (size_t i = 0; i < o->n; i++)
		o->persist |= !o->changes[i].value;
	o->now |= !o->persist;
	return r;
}

/* "card.debug=1", as on the kernel command line, or "debug=1", and no module: 1, reported. */
static int is_setting(struct env *env, const char *word)
{
	size_t dot = strcspn(word, "."), equals = strcspn(word, "=");

	if (!word[equals])
		return 0;
	if (dot && dot < equals)
		report_error(env, "params.missing", "'%s' is for the kernel command line: kmodctl params %.*s %s", word,
			     (int)dot, word, word + dot + 1);
	else
		report_error(env, "params.missing", "the module comes first: kmodctl params MODULE %s", word);
	return 1;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	struct params_options *o = values;
	char name[MODNAME_MAX];
	int r;

	if (argc == 0) {
		report_error(env, "params.missing", "missing module");
		return STATUS_USAGE;
	}
	if (is_setting(env, argv[0]))
		return STATUS_USAGE;
	if ((o->request.persist || o->request.now) && argc == 1 && o->request.n == 0) {
		report_error(env, "params.nothing", "nothing to set; give NAME=VALUE");
		return STATUS_USAGE;
	}
	if (module_name_of_operand(&env->sys, "params.name", argv[0], name) < 0)
		return STATUS_USAGE;
	display_page(env);
	r = read_words(&o->request, argc - 1, argv + 1);
	if (r == 0)
		r = work_on(env, argv[0], o);
	return r < 0 ? STATUS_NO : STATUS_YES;
}

int cmd_params(struct env *env, int argc, char **argv)
{
	static const struct cli cli = {
		.usage = usage,
		.summary = "Show the parameters of a module, or set them.",
		.options = option_table,
		.set = set_option,
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("done", "not done: no such module or parameter, a wrong value, not written", ""),
		.run = run,
	};
	struct params_options o = { 0 };
	int status = cli_main(env, &cli, argc, argv, &o);

	strv_done(&o.request.words);
	free(o.request.changes);
	return status;
}
