// SPDX-License-Identifier: MIT
/* kmodctl status: the machine on one screen. */
#include "face/kmodctl/overview.h"

#include <string.h>

#include "base/shellword.h"
#include "face/common/answer.h"
#include "face/common/cli.h"
#include "face/common/display.h"
#include "face/common/report.h"
#include "face/common/say.h"
#include "face/kmodctl/commands.h"
#include "face/kmodctl/machine_rows.h"
#include "face/kmodctl/status.h"

/* ---- text ---- */

/* A text that is longer than this is cut: what the kernel logs may be. */
#define TEXT_MAX (2 * SUMMARY_TEXT)

/* The text, cut to that many columns at the start of a character. */
static void print_cut(FILE *out, const char *text, size_t columns)
{
	size_t n = strlen(text);

	if (n > columns) {
		n = columns - strlen("...");
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	say(out, "%.*s%s", (int)n, text, text[n] ? "..." : "");
}

static void print_line(struct env *env, const struct summary_line *line)
{
	static const char marks[] = {
		[SUMMARY_GOOD] = ' ', [SUMMARY_NOTE] = '*', [SUMMARY_WRONG] = '!', [SUMMARY_UNKNOWN] = '?'
	};
	static const enum look looks[] = { [SUMMARY_GOOD] = LOOK_PLAIN,
					   [SUMMARY_NOTE] = LOOK_PLAIN,
					   [SUMMARY_WRONG] = LOOK_BAD,
					   [SUMMARY_UNKNOWN] = LOOK_WARN };
	FILE *out = env->out;
	_cleanup_buf_ struct buf command = BUF_INIT;
	bool fits;

	if (line->command)
		shellword_join(&command, line->command);
	fits = strlen(line->text) + command.n + strlen(" ()") <= SUMMARY_TEXT;
	say_look(env, looks[line->mark], "%c", marks[line->mark]);
	say(out, " %-*s ", SUMMARY_TOPIC, line->topic);
	print_cut(out, line->text, TEXT_MAX);
	if (command.n && !fits)
		say(out, "\n%*s", SUMMARY_TOPIC + 3, "");
	if (command.n)
		say(out, fits ? " (%s)" : "%s", buf_str(&command));
	fputs("\n", out);
}

void overview_print(struct env *env, const struct summary *s)
{
	for (size_t i = 0; i < s->n; i++)
		print_line(env, &s->items[i]);
}

/* ---- JSON ---- */

static void json_strings(struct json *j, const char *key, const struct strv *words)
{
	json_array(j, key);
	for (size_t i = 0; i < words->n; i++)
		json_str(j, NULL, words->items[i]);
	json_end(j);
}

/* Why something is not known; null: it is known. */
static void json_error(struct json *j, const char *key, int error)
{
	json_str(j, key, error < 0 ? strerror(-error) : NULL);
}

static void json_machine(struct json *j, const struct trust_machine *m)
{
	struct machine_row rows[MACHINE_ROWS];

	machine_rows(m, rows);
	json_object(j, "machine");
	for (size_t i = 0; i < MACHINE_ROWS; i++)
		machine_row_print(&rows[i], NULL, j);
	json_end(j);
}

static void json_tainters(struct json *j, const struct status_taint *t)
{
	if (!t->live) {
		json_null(j, "modules");
		return;
	}
	json_array(j, "modules");
	for (size_t i = 0; i < live_count(t->live); i++) {
		const struct live_module *m = live_get(t->live, i);

		if (!*m->taint)
			continue;
		json_object(j, NULL);
		json_str(j, "name", m->name);
		json_str(j, "taint", m->taint);
		json_end(j);
	}
	json_end(j);
}

static void json_taint(struct json *j, const struct status_taint *t)
{
	json_object(j, "taint");
	t->error < 0 ? json_null(j, "value") : json_uint(j, "value", t->bits);
	json_error(j, "error", t->error);
	json_array(j, "flags");
	for (unsigned bit = 0; bit < STATUS_TAINT_BITS; bit++) {
		const struct status_taint_flag *f = status_taint_flag(bit);

		if (!(t->bits >> bit & 1))
			continue;
		json_object(j, NULL);
		json_uint(j, "bit", bit);
		f ? json_strn(j, "letter", &f->letter, 1) : json_null(j, "letter");
		json_str(j, "text", f ? f->text : NULL);
		json_end(j);
	}
	json_end(j);
	json_tainters(j, t);
	json_end(j);
}

static void json_failures(struct json *j, const struct status_failures *f)
{
	json_object(j, "failed");
	json_error(j, "error", f->error);
	json_bool(j, "from_boot", f->from_boot);
	json_array(j, "modules");
	for (size_t i = 0; i < f->n; i++) {
		const struct status_failure *x = &f->items[i];

		json_object(j, NULL);
		json_str(j, "name", x->name);
		json_uint(j, "usec", x->usec);
		json_str(j, "log", x->words);
		json_str(j, "cause", x->cause);
		json_str(j, "fix", x->fix);
		json_bool(j, "loaded_now", x->loaded);
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

static void json_device(struct json *j, const struct hardware_device *d)
{
	json_object(j, NULL);
	json_str(j, "bus", d->id->bus);
	json_str(j, "name", d->id->name);
	json_str(j, "modalias", d->id->modalias);
	json_array(j, "modules");
	for (size_t i = 0; i < d->n_modules; i++)
		json_str(j, NULL, d->modules[i].name);
	json_end(j);
	json_end(j);
}

static void json_devices(struct json *j, const struct hardware *h)
{
	json_object(j, "devices");
	json_error(j, "error", h->error);
	json_bool(j, "indexed", h->is_indexed);
	json_uint(j, "count", h->n);
	json_array(j, "without_driver");
	for (size_t i = 0; i < h->n; i++)
		if (h->items[i].state == HARDWARE_IDLE)
			json_device(j, &h->items[i]);
	json_end(j);
	json_end(j);
}

static void json_index(struct json *j, const struct status_index *x)
{
	static const char *const states[] = {
		[INDEX_CURRENT] = "current",       [INDEX_STALE] = "stale",     [INDEX_ABSENT] = "absent",
		[INDEX_NO_MODULES] = "no-modules", [INDEX_UNKNOWN] = "unknown",
	};

	json_object(j, "indexes");
	json_str(j, "state", states[x->state]);
	json_error(j, "error", x->state == INDEX_UNKNOWN ? x->error : 0);
	json_strings(j, "not_listed", &x->unlisted);
	json_uint(j, "not_listed_count", x->n_unlisted);
	json_strings(j, "missing", &x->gone);
	json_uint(j, "missing_count", x->n_gone);
	json_end(j);
}

static void json_waiting(struct json *j, const struct status_waiting *w)
{
	json_object(j, "waiting");
	json_error(j, "options_error", w->options_error);
	json_strings(j, "options", &w->options);
	json_error(j, "boot_error", w->boot_error);
	json_strings(j, "boot_not_loaded", &w->boot);
	json_strings(j, "boot_not_installed", &w->missing);
	if (w->efi == EFI_PRESENT && w->mok_error >= 0)
		json_uint(j, "mok_requests", w->n_requests);
	else
		json_null(j, "mok_requests");
	json_error(j, "newer_error", w->newer_error);
	json_strings(j, "newer_releases", &w->newer);
	json_end(j);
}

void overview_json(struct json *j, const struct summary *s)
{
	json_array(j, "lines");
	for (size_t i = 0; i < s->n; i++) {
		json_object(j, NULL);
		json_str(j, "mark", summary_mark_name(s->items[i].mark));
		json_str(j, "topic", s->items[i].topic);
		json_str(j, "text", s->items[i].text);
		json_argv(j, "command", s->items[i].command);
		json_end(j);
	}
	json_end(j);
}

static void print_json(struct env *env, const struct status *s, const struct summary *lines)
{
	struct json j;

	answer_open(env, &j);
	json_str(&j, "verdict", summary_mark_name(summary_verdict(lines)));
	json_str(&j, "release", s->machine.release);
	json_machine(&j, &s->machine.machine);
	json_taint(&j, &s->taint);
	json_failures(&j, &s->failures);
	json_devices(&j, &s->hardware);
	json_index(&j, &s->index);
	json_waiting(&j, &s->waiting);
	overview_json(&j, lines);
	answer_close(env, &j);
}

/* ---- the command ---- */

static int show(struct env *env, bool as_json)
{
	_cleanup_status_ struct status status = { 0 };
	_cleanup_summary_ struct summary lines = { 0 };

	if (status_read(&env->sys, &status) < 0)
		return STATUS_UNKNOWN;
	if (summary_of(&status, &lines) < 0) {
		report_error(env, "status.memory", "out of memory");
		return STATUS_UNKNOWN;
	}
	if (as_json)
		print_json(env, &status, &lines);
	else
		overview_print(env, &lines);
	return lines.n_wrong ? STATUS_NO : lines.n_unknown ? STATUS_UNKNOWN : STATUS_YES;
}

static int run(struct env *env, void *values, int argc, char **argv)
{
	const bool *json = values;

	display_page(env);
	command_confine(env, CONFINE_KEEP_KEYS);
	if (argc == 0)
		return show(env, *json);
	return command_takes_none(env, "status.arguments", "status", argv[0]);
}

int cmd_status(struct env *env, int argc, char **argv)
{
	static const char *const usage[] = { "[--json]", NULL };
	static const struct cli cli = {
		.usage = usage,
		.summary = "Show on one screen how the machine and its kernel modules are:\n"
			   "! is to be mended, ? could not be found out, * is worth knowing.",
		.options = cli_json_option,
		.set = cli_set_json,
		.run = run,
		.wrong_usage = STATUS_USAGE,
		.epilog = STATUS_HELP("all is well", "something is to be mended",
				      STATUS_ROW(3, "something could not be found out, nothing is wrong")),
	};
	bool json = false;

	return cli_main(env, &cli, argc, argv, &json);
}
