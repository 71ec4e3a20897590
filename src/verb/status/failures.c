// SPDX-License-Identifier: MIT
/*
 * Modules that failed to load in this boot, as the kernel's log has it. A line of the log is a hint: whether the module
 * is loaded by now is what the kernel shows, and the cause is what verb/why finds when it knows the refusal.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/modname.h"
#include "base/oom.h"
#include "read/kernel/kmsg.h"
#include "verb/status/status.h"
#include "verb/why/refusal.h"

#define WORDS_MAX 8 /* records of one module that are passed on */

/*
 * What the kernel logs when it refuses a module, behind "NAME: ", and the errno of finit_module(2) then. Measured
 * on 6.1 and 6.12.
 */
static const struct {
	const char *text;
	int error;
} refusals[] = {
	{ "Unknown symbol ", -ENOENT },     { "disagrees about version of symbol ", -EINVAL },
	{ "version magic ", -ENOEXEC },     { "exports duplicate symbol ", -ENOEXEC },
	{ "module uses symbol ", -EINVAL }, { "no symbol version for ", -EINVAL },
};

/* Lines that name no module. */
static const struct {
	const char *text, *cause;
} nameless[] = {
	{ "Loading of unsigned module is rejected", "unsigned, and signatures are enforced" },
	{ "Loading of module with unavailable key is rejected", "the key of its signer is not known" },
	{ "Loading of module with unsupported crypto is rejected", "its kind of signature is not supported" },
	{ "unsigned module loading is restricted", "unsigned, and the kernel is locked down" },
};

struct reading {
	const struct why_query *q;
	struct arena *strings;
	struct status_failures *to;
	struct {
		struct kmsg_record items[WORDS_MAX];
		size_t n;
		int error;           /* -errno of the refusal; 0: not known */
	} said[STATUS_FAILURES_MAX]; /* of each failure */
};

/* ---- which module a line is about ---- */

static bool is_name(const char *text, size_t n)
{
	static const char in_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return n > 0 && n < MODNAME_MAX && strspn(text, in_names) >= n;
}

/* The failure of that module, a new one if need be; NULL: too many, or no memory (-ENOMEM in *r). */
static struct status_failure *failure_of(struct reading *x, const char *text, size_t n, uint64_t usec, int *r)
{
	struct status_failures *to = x->to;
	char name[MODNAME_MAX] = "";

	memcpy(name, text, n);
	name[n] = '\0';
	for (size_t i = 0; i < to->n; i++)
		if (n ? to->items[i].name && modname_equal(to->items[i].name, name) : !to->items[i].name)
			return &to->items[i];
	if (to->n == STATUS_FAILURES_MAX || (n && modname_normalize(name, name) < 0))
		return NULL;
	*r = vec_room(&to->items, to->n, &to->cap);
	if (*r < 0)
		return NULL;
	to->items[to->n] = (struct status_failure){ .name = n ? arena_str(x->strings, name) : NULL, .usec = usec };
	if (n && !to->items[to->n].name)
		*r = -ENOMEM;
	return *r < 0 ? NULL : &to->items[to->n++];
}

static int note(struct reading *x, const char *name, size_t n, const struct kmsg_record *record, int error,
		const char *cause)
{
	int r = 0;
	struct status_failure *f = failure_of(x, name, n, record->usec, &r);
	size_t i = f ? (size_t)(f - x->to->items) : 0;

	if (!f)
		return r;
	f->words = arena_str(x->strings, record->text);
	f->cause = cause ? cause : f->cause;
	if (!f->words)
		return -ENOMEM;
	x->said[i].error = error ? error : x->said[i].error;
	if (x->said[i].n < WORDS_MAX) {
		x->said[i].items[x->said[i].n] = *record;
		x->said[i].items[x->said[i].n++].text = f->words;
	}
	return 0;
}

/* ---- the lines ---- */

/* Until more is found out, the kernel's words are the cause. */
static int note_refusal(struct reading *x, size_t n, const struct kmsg_record *record, int error)
{
	const char *words = arena_str(x->strings, record->text + n + 2);

	return words ? note(x, record->text, n, record, error, words) : -ENOMEM;
}

/* "NAME: Unknown symbol X (err -2)" */
static int look_for_refusal(struct reading *x, const struct kmsg_record *record)
{
	size_t n = strcspn(record->text, ":");
	const char *rest = record->text + n;

	if (!is_name(record->text, n) || strncmp(rest, ": ", 2) != 0)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(refusals); i++)
		if (strncmp(rest + 2, refusals[i].text, strlen(refusals[i].text)) == 0)
			return note_refusal(x, n, record, refusals[i].error);
	/* "NAME: `x' invalid for parameter `debug'": the rest is the administrator's. */
	return rest[2] == '`' && strstr(rest, "' invalid for parameter `") ?
		       note(x, record->text, n, record, 0, "invalid value of a parameter") :
		       0;
}

/* Text with the name between two strings: "Module NAME is blacklisted". cause NULL: what stands behind it. */
static int look_between(struct reading *x, const struct kmsg_record *record, const char *before, const char *after,
			const char *cause)
{
	const char *name, *end;

	if (strncmp(record->text, before, strlen(before)) != 0)
		return 0;
	name = record->text + strlen(before);
	end = strstr(name, after);
	if (!end || !is_name(name, (size_t)(end - name)))
		return 0;
	cause = cause ? cause : arena_str(x->strings, end + strlen(after));
	return cause ? note(x, name, (size_t)(end - name), record, 0, cause) : -ENOMEM;
}

static int look_for_nameless(struct reading *x, const struct kmsg_record *record)
{
	for (size_t i = 0; i < ELEMENTSOF(nameless); i++)
		if (strstr(record->text, nameless[i].text))
			return note(x, "", 0, record, 0, nameless[i].cause);
	return 0;
}

static int look(void *data, const struct kmsg_record *record)
{
	struct reading *x = data;
	int r;

	/* systemd-modules-load(8) and udev log there until the journal is up. */
	if (!kmsg_is_kernels(record)) {
		const char *message = strstr(record->text, "]: ");
		struct kmsg_record other = *record;

		other.text = message ? message + 3 : record->text;
		return look_between(x, &other, "Failed to insert module '", "': ", NULL);
	}
	r = look_for_refusal(x, record);
	if (r == 0)
		r = look_between(x, record, "Module ", " is blacklisted", "denied by module_blacklist=");
	return r < 0 ? r : look_for_nameless(x, record);
}

/* ---- causes ---- */

static int find_cause(const struct reading *x, struct status_failure *f, size_t i)
{
	struct kmsg_list said = { .n = x->said[i].n };
	struct refusal refusal = { .sys = x->q->sys, .world = x->q->world, .kmsg = &said, .name = f->name };
	_cleanup_free_ char *path = NULL;
	_cleanup_why_ struct why found = { 0 };
	struct kmsg_record items[WORDS_MAX];
	int r = world_path(x->q->world, f->name, &path);

	memcpy(items, x->said[i].items, sizeof(items));
	said.items = items;
	refusal.path = path;
	refusal.error = x->said[i].error;
	if (r >= 0)
		r = refusal_explain(&refusal, &found);
	if (r < 0 || !found.n_obstacles)
		return only_oom(r);
	f->cause = arena_str(x->strings, found.items[0].text);
	f->fix = found.items[0].fix ? arena_str(x->strings, found.items[0].fix) : NULL;
	return f->cause && (f->fix || !found.items[0].fix) ? 0 : -ENOMEM;
}

static int judge(const struct reading *x, struct status_failure *f, size_t i)
{
	int r = 0;

	if (f->name) {
		f->loaded = world_is_live(x->q->world, f->name);
		if (!f->loaded && x->said[i].error)
			r = find_cause(x, f, i);
	}
	x->to->n_open += !f->loaded;
	return r;
}

int status_read_failures(const struct why_query *q, struct arena *strings, struct status_failures *ret)
{
	_cleanup_free_ struct reading *x = calloc(1, sizeof(*x));
	int r;

	if (!x)
		return -ENOMEM;
	x->q = q;
	x->strings = strings;
	x->to = ret;
	ret->error = kmsg_each(&q->sys->root, look, x, &ret->from_boot);
	r = only_oom(ret->error);
	for (size_t i = 0; i < ret->n && r >= 0; i++)
		r = judge(x, &ret->items[i], i);
	return r;
}
