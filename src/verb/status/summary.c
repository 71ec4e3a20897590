// SPDX-License-Identifier: MIT
#include "verb/status/summary.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/paths.h"
#include "decide/verdict/verdict.h"
#include "read/efi/vars.h"

#define COMMAND_WORDS 4
#define FAILURES_SHOWN 4

/* What says more. */
#define COMMAND(...) ((const char *const[COMMAND_WORDS]){ __VA_ARGS__ })

enum summary_mark summary_verdict(const struct summary *s)
{
	return s->n_wrong ? SUMMARY_WRONG : s->n_unknown ? SUMMARY_UNKNOWN : SUMMARY_GOOD;
}

const char *summary_mark_name(enum summary_mark mark)
{
	static const char *const names[] = { "good", "note", "wrong", "unknown" };

	return names[mark];
}

void summary_done(struct summary *s)
{
	free(s->items);
	arena_done(&s->strings);
	*s = (struct summary){ 0 };
}

/* ---- lines ---- */

static int set_command(struct summary *s, struct summary_line *line, const char *const *command)
{
	const char **copy = arena_array(&s->strings, COMMAND_WORDS + 1, sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	for (size_t i = 0; i < COMMAND_WORDS && command[i]; i++) {
		copy[i] = arena_str(&s->strings, command[i]);
		if (!copy[i])
			return -ENOMEM;
	}
	line->command = copy;
	return 0;
}

static int add(struct summary *s, enum summary_mark mark, const char *topic, const char *const *command,
	       const char *fmt, ...) _printf_(5, 6);

static int add(struct summary *s, enum summary_mark mark, const char *topic, const char *const *command,
	       const char *fmt, ...)
{
	struct summary_line *line;
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = buf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (r < 0 || vec_room(&s->items, s->n, &s->cap) < 0)
		return -ENOMEM;
	line = &s->items[s->n];
	*line = (struct summary_line){ .mark = mark, .topic = topic, .text = arena_str(&s->strings, buf_str(&text)) };
	if (!line->text)
		return -ENOMEM;
	s->n++;
	s->n_wrong += mark == SUMMARY_WRONG;
	s->n_unknown += mark == SUMMARY_UNKNOWN;
	return command ? set_command(s, line, command) : 0;
}

static int add_unknown(struct summary *s, const char *topic, const char *path, int error)
{
	return add(s, SUMMARY_UNKNOWN, topic, NULL, "unknown: %s: %s", path,
		   error == -ENODATA ? "shows nothing (a container?)" : file_strerror(error < 0 ? error : -error));
}

/* "a, b and 3 more": as many as fit into the columns, but one at least. Sticky error. */
static void add_words(struct buf *into, const struct strv *words, size_t columns)
{
	for (size_t i = 0; i < words->n; i++) {
		if (i > 0 && into->n + strlen(words->items[i]) + strlen(", and 1000 more") > columns) {
			buf_addf(into, " and %zu more", words->n - i);
			return;
		}
		buf_addf(into, "%s%s", i ? ", " : "", words->items[i]);
	}
}

/* A line about several things, whose text is cut to leave room for the command. */
static int add_list(struct summary *s, enum summary_mark mark, const char *topic, const char *const *command,
		    const struct strv *words, const char *behind)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	size_t taken = strlen(behind);

	for (size_t i = 0; command && i < COMMAND_WORDS && command[i]; i++)
		taken += strlen(command[i]) + 1;
	add_words(&text, words, taken + 24 < SUMMARY_TEXT ? SUMMARY_TEXT - taken - 2 : 24);
	return buf_error(&text) ? -ENOMEM : add(s, mark, topic, command, "%s%s", buf_str(&text), behind);
}

/* ---- what the kernel enforces ---- */

static int add_fact(struct summary *s, const char *topic, const struct trust_fact *f, const char *yes, const char *no)
{
	if (f->value == TRUST_UNKNOWN)
		return f->error ? add_unknown(s, topic, f->source ? f->source : "its source", f->error) :
				  add(s, SUMMARY_UNKNOWN, topic, NULL, "unknown: %s", f->source ? f->source : "");
	return add(s, SUMMARY_GOOD, topic, NULL, "%s", f->value == TRUST_YES ? yes : no);
}

static int add_lockdown(struct summary *s, const struct trust_machine *m)
{
	const char *level = lockdown_name(m->lockdown);
	const struct trust_fact *source = &m->lockdown_source;

	return level ? add(s, SUMMARY_GOOD, "lockdown", NULL, "%s", level) :
		       add_unknown(s, "lockdown", source->source, source->error);
}

/* What the kernel would do with an unsigned module, if it loads any. */
static enum trust_outcome judge_unsigned(const struct trust_machine *m)
{
	const struct trust_module module = { .is_elf = true, .signature = TRUST_SIG_NONE };
	struct trust_machine loading = *m;
	struct trust_verdict v;

	loading.modules_disabled.value = loading.without_modules.value = loading.denied.value = TRUST_NO;
	trust_judge(&loading, &module, &v);
	return v.outcome;
}

static int add_signatures(struct summary *s, const struct trust_machine *m)
{
	enum trust_outcome outcome = judge_unsigned(m);

	if (m->sig_checked.value == TRUST_NO)
		return add(s, SUMMARY_GOOD, "signatures", NULL, "not checked by this kernel");
	if (outcome == TRUST_UNDECIDED && m->sig_enforce.value == TRUST_NO)
		return add_unknown(s, "signatures", m->lockdown_source.source, m->lockdown_source.error);
	if (outcome == TRUST_REFUSED && m->sig_enforce.value != TRUST_YES)
		return add(s, SUMMARY_GOOD, "signatures", NULL, "enforced, by lockdown");
	return add_fact(s, "signatures", &m->sig_enforce, "enforced: without one that the kernel accepts, none loads",
			"not enforced: unsigned modules load, and taint the kernel");
}

static int add_machine(struct summary *s, const struct status *status)
{
	const struct trust_machine *m = &status->machine.machine;
	int r = add(s, SUMMARY_GOOD, "kernel", NULL, "%s", status->machine.release);

	if (r >= 0)
		r = add_fact(s, "secure boot", &m->secure_boot, "on", "off");
	if (r >= 0)
		r = add_lockdown(s, m);
	if (r >= 0)
		r = add_signatures(s, m);
	if (r >= 0 && m->without_modules.value == TRUST_YES)
		return add(s, SUMMARY_NOTE, "loading", NULL, "this kernel was built without modules");
	if (r >= 0 && m->modules_disabled.value == TRUST_UNKNOWN)
		r = add_fact(s, "loading", &m->modules_disabled, "", "");
	if (r >= 0 && m->modules_disabled.value == TRUST_YES)
		r = add(s, SUMMARY_NOTE, "loading", NULL,
			"switched off until the next boot: kernel.modules_disabled is 1");
	return r;
}

/* ---- taint ---- */

static int add_trouble(struct summary *s, const struct status_taint_flag *f)
{
	return add(s, SUMMARY_WRONG, "taint", COMMAND("dmesg"), "%c: %s", f->letter, f->text);
}

static int add_flags(struct summary *s, const struct status_taint *t)
{
	_cleanup_strv_ struct strv remarks = { 0 };
	_cleanup_buf_ struct buf word = BUF_INIT;
	int r = 0;

	for (unsigned bit = 0; bit < STATUS_TAINT_BITS && r >= 0; bit++) {
		const struct status_taint_flag *f = status_taint_flag(bit);

		if (!(t->bits >> bit & 1))
			continue;
		if (f && f->is_trouble) {
			r = add_trouble(s, f);
			continue;
		}
		buf_clear(&word);
		f ? buf_addf(&word, "%s (%c)", f->text, f->letter) : buf_addf(&word, "bit %u", bit);
		r = buf_error(&word) ? buf_error(&word) : strv_add(&remarks, buf_str(&word));
	}
	if (r >= 0 && remarks.n)
		r = add_list(s, SUMMARY_NOTE, "taint", NULL, &remarks, "");
	return r < 0 || t->bits ? r : add(s, SUMMARY_GOOD, "taint", NULL, "none");
}

/* Which of the loaded modules did it. */
static int add_tainters(struct summary *s, const struct status_taint *t)
{
	_cleanup_strv_ struct strv words = { 0 };

	for (size_t i = 0; t->live && i < live_count(t->live); i++) {
		const struct live_module *m = live_get(t->live, i);
		_cleanup_buf_ struct buf word = BUF_INIT;

		if (!*m->taint)
			continue;
		buf_addf(&word, "%s (%s)", m->name, m->taint);
		if (buf_error(&word) || strv_add(&words, buf_str(&word)) < 0)
			return -ENOMEM;
	}
	if (words.n)
		return add_list(s, SUMMARY_NOTE, "tainted by", COMMAND("kmodctl", "list", "tainted"), &words, "");
	if (!t->live)
		return add_unknown(s, "tainted by", "/proc/modules", t->live_error);
	return t->bits ? add(s, SUMMARY_NOTE, "tainted by", NULL, "no module that is loaded now") : 0;
}

static int add_taint(struct summary *s, const struct status_taint *t)
{
	return t->error < 0 ? add_unknown(s, "taint", "/proc/sys/kernel/tainted", t->error) : add_flags(s, t);
}

/* ---- failures ---- */

static int add_failure(struct summary *s, const struct status_failure *f)
{
	const char *cause = f->cause ? f->cause : f->words;

	if (!f->name)
		return add(s, SUMMARY_WRONG, "failed", COMMAND("kmodctl", "trust"), "name not logged: %s", cause);
	return add(s, SUMMARY_WRONG, "failed", COMMAND("kmodctl", "why", f->name), "%s: %s", f->name, cause);
}

static int add_failures(struct summary *s, const struct status_failures *f)
{
	size_t shown = 0;
	int r = 0;

	if (f->error < 0)
		return add_unknown(s, "failed", "/dev/kmsg", f->error);
	for (size_t i = 0; i < f->n && r >= 0 && shown < FAILURES_SHOWN; i++) {
		if (f->items[i].loaded)
			continue;
		r = add_failure(s, &f->items[i]);
		shown++;
	}
	if (r >= 0 && f->n_open > shown)
		r = add(s, SUMMARY_WRONG, "failed", COMMAND("kmodctl", "status", "--json"), "%zu more",
			f->n_open - shown);
	if (r < 0 || f->n_open)
		return r;
	if (!f->from_boot)
		return add(s, SUMMARY_UNKNOWN, "failed", NULL, "unknown: /dev/kmsg: its first records are overwritten");
	return add(s, SUMMARY_GOOD, "failed", NULL, "no module, as far as the kernel logged it");
}

/* ---- devices ---- */

static int idle_devices(const struct hardware *h, struct strv *ret)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct hardware_device *d = &h->items[i];
		_cleanup_buf_ struct buf word = BUF_INIT;

		if (d->state != HARDWARE_IDLE)
			continue;
		buf_addf(&word, "%s (%s)", d->id->name, d->modules[0].name);
		if (buf_error(&word) || strv_add(ret, buf_str(&word)) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int add_devices(struct summary *s, const struct hardware *h, const char *release)
{
	_cleanup_strv_ struct strv idle = { 0 };
	int r = idle_devices(h, &idle);

	if (r < 0)
		return r;
	if (h->error < 0)
		return add_unknown(s, "devices", "/sys/bus", h->error);
	if (!h->n)
		return add(s, SUMMARY_UNKNOWN, "devices", NULL, "unknown: /sys/bus: no device has a modalias");
	if (!h->is_indexed)
		return add(s, SUMMARY_UNKNOWN, "devices", NULL, "unknown: modules.alias.bin of %s: not readable",
			   release);
	if (idle.n)
		return add_list(s, SUMMARY_WRONG, "devices", COMMAND("kmodctl", "devices"), &idle, " without a driver");
	return add(s, SUMMARY_GOOD, "devices", NULL, "%zu, none of which waits for a module that is installed", h->n);
}

/* ---- the indexes ---- */

static int add_index(struct summary *s, const struct status_index *x, const char *release)
{
	const char *const *depmod = COMMAND("depmod", "-a", release);

	switch (x->state) {
	case INDEX_CURRENT:
		return add(s, SUMMARY_GOOD, "indexes", NULL, "those of %s fit its module files", release);
	case INDEX_ABSENT:
		return add(s, SUMMARY_WRONG, "indexes", depmod, "modules.dep.bin is missing or damaged");
	case INDEX_NO_MODULES:
		return add(s, SUMMARY_WRONG, "indexes", x->absence.items[0].command, "%s", x->absence.items[0].text);
	case INDEX_UNKNOWN:
		return add_unknown(s, "indexes", "module files of the running kernel", x->error);
	case INDEX_STALE:
		break;
	}
	if (x->unlisted.n)
		return add(s, SUMMARY_WRONG, "indexes", depmod, "%zu file%s not in modules.dep: %s", x->n_unlisted,
			   x->n_unlisted > 1 ? "s are" : " is", x->unlisted.items[0]);
	return add(s, SUMMARY_WRONG, "indexes", depmod, "%zu of its files %s missing: %s", x->n_gone,
		   x->n_gone > 1 ? "are" : "is", x->gone.items[0]);
}

/* ---- what waits ---- */

static int add_configured(struct summary *s, const struct status_waiting *w)
{
	int r = 0;

	if (w->options_error < 0)
		r = add_unknown(s, "options", "a file or directory of modprobe.d", w->options_error);
	if (r >= 0 && w->options.n)
		r = add_list(s, SUMMARY_WRONG, "options", COMMAND("kmodctl", "params", w->options.items[0]),
			     &w->options, ": not the configured values");
	if (r >= 0 && w->boot_error < 0)
		r = add_unknown(s, "at boot", "a list of modules-load.d", w->boot_error);
	if (r >= 0 && w->missing.n)
		r = add_list(s, SUMMARY_WRONG, "at boot", COMMAND("kmodctl", "why", w->missing.items[0]), &w->missing,
			     ": not installed");
	if (r >= 0 && w->boot.n)
		r = add_list(s, SUMMARY_WRONG, "at boot", COMMAND("kmodctl", "why", w->boot.items[0]), &w->boot,
			     ": not loaded");
	return r;
}

static int add_mok(struct summary *s, const struct status_waiting *w)
{
	const char *const *more = COMMAND("kmodctl", "mok", "status");

	switch (w->efi) {
	case EFI_NO_FIRMWARE:
		return 0;
	case EFI_NOT_MOUNTED:
		return add(s, SUMMARY_UNKNOWN, "mok", more, "unknown: %s: not mounted", EFI_VARS_DIR);
	case EFI_HIDDEN:
		return add(s, SUMMARY_UNKNOWN, "mok", more, "unknown: %s: shows no firmware", EFI_FIRMWARE_DIR);
	case EFI_PRESENT:
		break;
	}
	if (w->mok_error < 0)
		return add_unknown(s, "mok", EFI_VARS_DIR, w->mok_error);
	return w->n_requests ? add(s, SUMMARY_WRONG, "mok", more, "%zu request%s a reboot", w->n_requests,
				   w->n_requests > 1 ? "s wait for" : " waits for") :
			       0;
}

static int add_waiting(struct summary *s, const struct status_waiting *w)
{
	size_t before = s->n;
	int r = add_configured(s, w);

	if (r >= 0)
		r = add_mok(s, w);
	if (r >= 0 && w->newer_error < 0)
		r = add_unknown(s, "newer", RELEASES_DIR, w->newer_error);
	if (r >= 0 && w->newer.n)
		r = add(s, SUMMARY_WRONG, "newer", COMMAND("reboot"), "%s is installed, and not running",
			w->newer.items[w->newer.n - 1]);
	return r < 0 || s->n > before ? r : add(s, SUMMARY_GOOD, "waiting", NULL, "nothing waits for a reboot");
}

/* What only a kernel with modules can have. */
static int add_modules(struct summary *x, const struct status *s)
{
	int r = add_tainters(x, &s->taint);

	if (r >= 0)
		r = add_failures(x, &s->failures);
	if (r >= 0)
		r = add_devices(x, &s->hardware, s->machine.release);
	return r < 0 ? r : add_index(x, &s->index, s->machine.release);
}

int summary_of(const struct status *s, struct summary *ret)
{
	_cleanup_summary_ struct summary x = { 0 };
	int r = add_machine(&x, s);

	if (r >= 0)
		r = add_taint(&x, &s->taint);
	if (r >= 0 && s->machine.machine.without_modules.value != TRUST_YES)
		r = add_modules(&x, s);
	if (r >= 0)
		r = add_waiting(&x, &s->waiting);
	if (r < 0)
		return r;
	*ret = x;
	x = (struct summary){ 0 };
	return 0;
}
