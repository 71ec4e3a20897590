// SPDX-License-Identifier: MIT
/* kmodctl params: values into /sys/module and into the managed file of modprobe.d. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/fileio.h"
#include "base/nearest.h"
#include "base/optstring.h"
#include "base/paths.h"
#include "base/replace.h"
#include "verb/params/check.h"
#include "verb/params/set.h"
#include "verb/params/initramfs.h"
#include "system/sys.h"

#define FILE_MAX (1u << 20)
#define DIRECTORY SYSCONFDIR "/modprobe.d"
#define HEADER "# Written by kmodctl params; other lines may be added and are kept.\n"

/* ---- checks ---- */

/* `NAME=1, 2`: the shell made two words of it. */
static int check_blanks(const struct params_subject *s, const struct params_request *o)
{
	for (size_t i = 0; i + 1 < o->n; i++) {
		const struct edit_change *c = &o->changes[i], *next = &o->changes[i + 1];
		size_t n = c->value && !c->bare ? strlen(c->value) : 0;

		if (n > 0 && c->value[n - 1] == ',' && next->value && next->bare) {
			sys_error(s->sys, "params.blanks", "%s: no blanks after commas: write %s=%s%s", s->name,
				  c->name, c->value, next->name);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_names(const struct params_subject *s, const struct params_request *o)
{
	for (size_t i = 0; i < o->n; i++)
		if (!edit_is_name(o->changes[i].name)) {
			sys_error(s->sys, "params.parameter-name", "%s: '%s' cannot be the name of a parameter",
				  s->name, o->changes[i].name);
			return -EINVAL;
		}
	return 0;
}

/* What modprobe.d cannot express; reported before anything is done. */
static int check_persistent(const struct params_subject *s, const struct params_request *o)
{
	const struct edit_change *bad = o->persist ? edit_unwritable(o->changes, o->n) : NULL;

	if (!bad)
		return 0;
	sys_error(s->sys, "params.unwritable", "%s: %s: modprobe.d cannot hold a double quote or a control character",
		  s->name, bad->name);
	return -EINVAL;
}

static int check_repeated(const struct params_subject *s, const struct params_request *o)
{
	for (size_t i = 0; i < o->n; i++)
		for (size_t k = 0; k < i; k++)
			if (edit_word_is(o->changes[i].name, o->changes[k].name)) {
				sys_error(s->sys, "params.repeated", "%s: %s is given twice", s->name,
					  o->changes[i].name);
				return -EINVAL;
			}
	return 0;
}

/* What is set, as the kernel's option string; prefix precedes each name. */
static int option_string(const struct params_request *o, const char *prefix, struct buf *ret)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct edit_change *c = &o->changes[i];

		if (!c->value)
			continue;
		buf_addf(ret, " %s", prefix);
		option_put(ret, c->name, c->bare ? NULL : c->value);
	}
	return buf_error(ret);
}

static int check_values(const struct params_subject *s, const struct params_request *o)
{
	_cleanup_strv_ struct strv lines = { 0 };
	_cleanup_buf_ struct buf given = BUF_INIT;
	int r = 0;

	/* Neither installed nor built in: the kernel alone knows the parameters. */
	if (s->path || s->builtin)
		r = option_string(o, "", &given);
	if (r == 0 && given.n)
		r = options_check_known(s->name, &s->facts.parameters, s->path ? &s->facts.elf : NULL, buf_str(&given),
					&lines);
	for (size_t i = 0; i < lines.n; i++)
		sys_error(s->sys, "params.value", "%s", lines.items[i]);
	return lines.n > 0 ? -EINVAL : r;
}

static int check_writable(const struct params_subject *s, const struct edit_change *c)
{
	const struct params_item *item = params_find(&s->params, c->name, strlen(c->name));

	if (item && item->live && setting_is_writable(item->live))
		return 0;
	if (s->builtin)
		sys_error(s->sys, "params.fixed",
			  "%s: %s cannot be changed now; %s.%s on the kernel command line sets it for the next boot",
			  s->name, c->name, s->name, c->name);
	else
		sys_error(s->sys, "params.fixed",
			  "%s: %s cannot be changed while the module is loaded; --persist sets it for the next load",
			  s->name, c->name);
	return -EPERM;
}

static int check_now(const struct params_subject *s, const struct params_request *o)
{
	int r = 0;

	if (s->state == LIVE_ABSENT) {
		sys_error(s->sys, "params.not-loaded", "%s is not loaded; --persist sets parameters for the next load",
			  s->name);
		return -ENOENT;
	}
	for (size_t i = 0; r == 0 && i < o->n; i++)
		if (o->changes[i].value)
			r = check_writable(s, &o->changes[i]);
	return r;
}

/* modprobe.d does not apply to a module that modprobe does not load. */
static int refuse_builtin(const struct params_subject *s, const struct params_request *o)
{
	_cleanup_buf_ struct buf words = BUF_INIT, prefix = BUF_INIT;

	buf_addf(&prefix, "%s.", s->name);
	option_string(o, buf_str(&prefix), &words);
	sys_error(s->sys, "params.builtin",
		  "%s is built into the kernel: modprobe.d does not apply; on the kernel command line:%s", s->name,
		  words.n ? buf_str(&words) : " remove it there");
	return -EOPNOTSUPP;
}

static int check_all(const struct params_subject *s, const struct params_request *o)
{
	int r = check_blanks(s, o);

	if (r == 0)
		r = check_names(s, o);
	if (r == 0)
		r = check_repeated(s, o);
	if (r == 0)
		r = check_persistent(s, o);
	if (r == 0)
		r = check_values(s, o);
	if (r == 0 && o->persist && s->builtin)
		r = refuse_builtin(s, o);
	if (r == 0 && o->now)
		r = check_now(s, o);
	return r;
}

/* ---- now ---- */

static int set_one(const struct params_subject *s, const struct edit_change *c)
{
	const struct params_item *item = params_find(&s->params, c->name, strlen(c->name));
	int r = setting_write(&s->sys->root, s->name, item->live->name, c->bare ? "1" : c->value);

	if (r < 0)
		sys_error(s->sys, "params.refused", "%s: the kernel did not accept %s=%s: %s", s->name, c->name,
			  c->bare ? "1" : c->value, strerror(-r));
	return r;
}

/* Those set before one that failed get their old values back. */
static void put_back(const struct params_subject *s, const struct edit_change *changes, size_t n)
{
	for (size_t i = n; i > 0; i--) {
		const struct params_item *item = changes[i - 1].value ? params_find(&s->params, changes[i - 1].name,
										    strlen(changes[i - 1].name)) :
									NULL;

		if (item && item->live->value &&
		    setting_write(&s->sys->root, s->name, item->live->name, item->live->value) < 0)
			sys_error(s->sys, "params.put-back", "%s: %s could not be restored to %s", s->name,
				  changes[i - 1].name, item->live->value);
	}
}

static int set_now(struct params_subject *s, const struct params_request *o)
{
	for (size_t i = 0; i < o->n; i++) {
		int r = o->changes[i].value ? set_one(s, &o->changes[i]) : 0;

		if (r < 0) {
			put_back(s, o->changes, i);
			return r;
		}
	}
	return 0;
}

/* What the kernel shows now must be what was requested: some parameters round or clamp silently. */
static int check_shown(const struct params_subject *s, const struct edit_change *c)
{
	const struct params_item *item = params_find(&s->params, c->name, strlen(c->name));

	if (!item || !item->live || !item->live->value ||
	    params_same_value(item->type, c->bare ? NULL : c->value, item->live->value) != 0)
		return 0;
	sys_error(s->sys, "params.other-value", "%s: %s was set to %s, but the kernel shows %s", s->name, c->name,
		  c->bare ? "1" : c->value, item->live->value);
	return -EIO;
}

/* ---- from now on ---- */

/* What happens to the file of modprobe.d. */
struct managed {
	bool changes;
	bool empty; /* nothing but the header is left: the file is removed */
	struct replacement replacement;
};

/* Opens the file, if there is one: it is looked up once for reading and replacing. A link that leads to it stays. */
static int open_managed(const struct root *root, const char *path, struct replacement *ret, struct buf *content)
{
	int r = replacement_find(root, path, PLACE_NAMED, ret);

	if (r == -ENOENT || (r == 0 && ret->old < 0))
		return buf_adds(content, HEADER);
	return r < 0 ? r : fd_read(ret->old, FILE_MAX, content);
}

static int report_write(const struct params_subject *s, const char *path, int r)
{
	if (r == -EINVAL)
		sys_error(s->sys, "params.write", "could not write %s: it is not a file; a link to /dev/null masks it",
			  path);
	else if (r < 0)
		sys_error(s->sys, "params.write", "could not write %s: %s", path, strerror(-r));
	return r;
}

/* The new text is written beside the file, ready to replace it. */
static int stage(const struct root *root, const char *path, struct span text, struct replacement *file)
{
	int r = 0;

	if (file->old < 0) {
		replacement_done(file);
		r = root_mkdirs(root, DIRECTORY);
		if (r == 0)
			r = replacement_find(root, path, PLACE_NAMED, file);
	}
	if (r == 0)
		r = replacement_begin(file);
	if (r == 0)
		r = replacement_write(file, text);
	return r < 0 ? r : replacement_settle(file, 0644);
}

static int prepare(const struct params_subject *s, const struct params_request *o, const char *path, struct managed *m)
{
	_cleanup_buf_ struct buf old = BUF_INIT, text = BUF_INIT;
	const struct root *root = &s->sys->root;
	int r = open_managed(root, path, &m->replacement, &old);

	if (r < 0)
		return report_write(s, path, r);
	r = edit_options(buf_span(&old), s->name, o->changes, o->n, &text);
	if (r == -EINVAL)
		r = -EBADMSG; /* a NUL: not text */
	m->empty = strcmp(buf_str(&text), HEADER) == 0;
	m->changes = !span_eq(buf_span(&text), buf_span(&old));
	if (r == 0 && m->changes && !m->empty)
		r = stage(root, path, buf_span(&text), &m->replacement);
	return report_write(s, path, r);
}

static int remove_managed(const struct root *root, const char *path)
{
	int r = root_unlink(root, path);

	return r == -ENOENT ? 0 : r;
}

static int publish(const struct params_subject *s, const char *path, struct managed *m)
{
	int r = 0;

	if (m->empty)
		r = remove_managed(&s->sys->root, path);
	else if (m->changes)
		r = replacement_commit(&m->replacement);
	return report_write(s, path, r);
}

static int place_of(const struct policy_entry *e, struct buf *into)
{
	return e->line ? buf_addf(into, "%s:%u", e->file, e->line) : buf_adds(into, e->file);
}

static void report_lost(const struct params_subject *s, const struct edit_change *c, const char *path,
			const struct policy_entry *winner)
{
	_cleanup_buf_ struct buf place = BUF_INIT;

	if (winner && strcmp(winner->file, path) != 0 && place_of(winner, &place) == 0)
		sys_error(s->sys, "params.overridden", "%s: %s is written to %s, but %s comes later and wins", s->name,
			  c->name, path, buf_str(&place));
	else
		sys_error(s->sys, "params.not-read-back", "%s: %s is written to %s, but is not read back from there",
			  s->name, c->name, path);
}

/* Read back by the parser that modprobe uses: is the setting, or its absence, in effect? */
static int check_counts(const struct params_subject *s, const struct edit_change *c, const char *path)
{
	const struct params_item *item = params_find(&s->params, c->name, strlen(c->name));
	const struct policy_entry *origin = item ? item->origin : NULL;
	_cleanup_buf_ struct buf place = BUF_INIT;

	if (!c->value && origin && place_of(origin, &place) == 0)
		sys_warning(s->sys, "params.still-set", "%s: %s is still set by %s", s->name, c->name, buf_str(&place));
	if (!c->value)
		return 0;
	if (origin && strcmp(origin->file, path) == 0 &&
	    (c->bare ? !item->configured : item->configured && strcmp(item->configured, c->value) == 0))
		return 0;
	report_lost(s, c, path, origin);
	return -EIO;
}

static int add_note(struct strv *notes, struct buf *text)
{
	return strv_take(notes, buf_steal(text));
}

/* A parameter that the module declares, spelled almost like one that it does not. */
static void add_near_parameter(const struct params_subject *s, const char *name, struct buf *into)
{
	struct nearest search;

	if (params_find(&s->params, name, strlen(name)))
		return;
	nearest_start(&search, name, strlen(name));
	for (size_t i = 0; i < s->params.n; i++)
		nearest_offer(&search, s->params.items[i].name, s->params.items[i].name_len);
	nearest_hint(&search, into);
}

/* --unset of what was not there is not an error, but seldom what was meant. */
static int note_unset(const struct params_subject *s, const struct params_request *o, const char *path,
		      const struct managed *m, struct strv *notes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	for (size_t i = 0; i < o->n; i++)
		if (o->changes[i].value)
			return 0;
	if (m->changes)
		return 0;
	buf_addf(&text, "nothing to remove from %s", path);
	for (size_t i = 0; i < o->n; i++)
		add_near_parameter(s, o->changes[i].name, &text);
	return add_note(notes, &text);
}

static int note_reload(const struct params_subject *s, const struct params_request *o, struct strv *notes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	bool waiting = false;

	for (size_t i = 0; i < o->n; i++) {
		const struct params_item *item =
			params_find(&s->params, o->changes[i].name, strlen(o->changes[i].name));

		waiting |= o->changes[i].value && (!item || item->effect != PARAMS_IN_EFFECT);
	}
	if (s->state != LIVE_LIVE || !waiting)
		return 0;
	buf_addf(&text, "%s is loaded: what is configured takes effect when it is loaded again (kmodctl reload %s)",
		 s->name, s->name);
	return add_note(notes, &text);
}

static int note_initramfs(const struct params_subject *s, struct strv *notes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	struct initramfs initramfs;
	int r = initramfs_look(&s->sys->root, s->release, s->name, &initramfs);

	if (r < 0 || initramfs.has == INITRAMFS_LACKS || !initramfs.rebuild)
		return r;
	if (initramfs.has == INITRAMFS_HAS)
		buf_addf(&text, "%s is in the initramfs, which has its own copy of the configuration: run `%s`",
			 s->name, initramfs.rebuild);
	else
		buf_addf(&text, "could not determine whether %s is in the initramfs; if it is, run `%s`", s->name,
			 initramfs.rebuild);
	return add_note(notes, &text);
}

static int check_all_shown(const struct params_subject *s, const struct params_request *o)
{
	int first = 0;

	for (size_t i = 0; i < o->n; i++) {
		int r = o->changes[i].value ? check_shown(s, &o->changes[i]) : 0;

		first = first ? first : r;
	}
	return first;
}

static int check_all_count(const struct params_subject *s, const struct params_request *o, const char *path)
{
	int first = 0;

	for (size_t i = 0; i < o->n; i++) {
		int r = check_counts(s, &o->changes[i], path);

		first = first ? first : r;
	}
	return first;
}

/* ---- both ---- */

static int apply_now(struct params_subject *s, const struct params_request *o)
{
	int r = set_now(s, o);

	if (r == 0)
		r = params_subject_refresh(s);
	return r < 0 ? r : check_all_shown(s, o);
}

/* The file is written before the kernel is touched, and put in place after it: what can fail comes first. */
static int apply_persistent(struct params_subject *s, const struct params_request *o, const char *path,
			    struct strv *notes)
{
	struct managed m = { .replacement = REPLACEMENT_INIT };
	int r = prepare(s, o, path, &m);

	if (r == 0 && o->now)
		r = apply_now(s, o);
	if (r == 0)
		r = publish(s, path, &m);
	replacement_done(&m.replacement);
	if (r == 0)
		r = params_subject_refresh(s);
	if (r == 0)
		r = check_all_count(s, o, path);
	if (r == 0)
		r = note_unset(s, o, path, &m, notes);
	if (r == 0)
		r = note_reload(s, o, notes);
	return r < 0 ? r : note_initramfs(s, notes);
}

int params_set(struct params_subject *s, const struct params_request *o, struct strv *notes)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	int r = check_all(s, o);

	if (r < 0)
		return r;
	if (!o->persist)
		return apply_now(s, o);
	r = buf_addf(&path, DIRECTORY "/kmodctl-%s.conf", s->name);
	return r < 0 ? r : apply_persistent(s, o, buf_str(&path), notes);
}
