// SPDX-License-Identifier: MIT
#include "verb/why/outlook.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *name, *key;
} ways[WHY_WAYS] = {
	[WHY_BY_NAME] = { "by name", "by_name" },
	[WHY_BY_ALIAS] = { "by alias", "by_alias" },
	[WHY_AT_BOOT] = { "at boot", "at_boot" },
};

static const char *const outcomes[] = {
	[WHY_YES] = "yes", [WHY_NO] = "no", [WHY_NOT_ASKED] = "not-asked", [WHY_UNKNOWN] = "unknown"
};

const char *outlook_way_name(enum why_way way)
{
	return ways[way].name;
}

static void answer_by(struct why *w, enum why_way way, enum why_outcome outcome, const struct why_finding *because)
{
	w->answers[way] = (struct why_answer){ outcome, because->text, (size_t)(because - w->items) + 1 };
}

static void answer(struct why *w, enum why_way way, enum why_outcome outcome, const char *text)
{
	w->answers[way] = (struct why_answer){ .outcome = outcome, .text = text };
}

/* ---- the answers ---- */

/* What leaves every answer open, as long as nothing stands in the way. */
static const struct why_finding *doubt_of_all(const struct why *w)
{
	static const enum why_code codes[] = { WHY_CONFIG_UNREADABLE, WHY_INSTALL_COMMAND, WHY_PROC_UNREAD,
					       WHY_SIGNATURE_UNKNOWN, WHY_CUT_UNKNOWN,     WHY_TYPES };
	const struct why_finding *f = NULL;

	for (size_t i = 0; i < ELEMENTSOF(codes) && !f; i++)
		f = why_find(w, codes[i]);
	return f;
}

/* The first obstacle to all loads, or to those of this kind. */
static const struct why_finding *obstacle_to(const struct why *w, enum why_scope scope)
{
	const struct why_finding *f = why_obstacle_of(w, WHY_OF_ALL);

	return f ? f : why_obstacle_of(w, scope);
}

/* What is common to all ways; true: that decides. */
static bool decided(struct why *w, enum why_way way, enum why_scope scope)
{
	const struct why_finding *obstacle = obstacle_to(w, scope), *doubt = doubt_of_all(w);

	if (obstacle)
		answer_by(w, way, WHY_NO, obstacle);
	else if (why_find(w, WHY_BUILTIN))
		answer(w, way, WHY_YES, "built into the kernel");
	else if (why_find(w, WHY_LOADED))
		answer(w, way, WHY_YES, "loaded already");
	else if (doubt)
		answer_by(w, way, WHY_UNKNOWN, doubt);
	else
		return false;
	return true;
}

static void answer_name(struct why *w)
{
	if (!decided(w, WHY_BY_NAME, WHY_OF_ALL))
		answer(w, WHY_BY_NAME, WHY_YES, NULL);
}

/* Only devices could ask for it, and none does that can be seen. */
static bool is_idle(const struct subject *s)
{
	return s->aliases.n && s->aliases.n == s->aliases.n_for_devices && !s->aliases.device && !s->c->alias;
}

/* Without any alias nothing can ask for it by one. */
static const char *not_asked(const struct subject *s)
{
	const struct subject_aliases *a = &s->aliases;

	if (s->c->path)
		return "udev and the kernel load installed modules only";
	if (s->c->alias || why_obstacle_of(s->found, WHY_OF_ALIASES))
		return NULL;
	if (!a->n)
		return s->builtin || !s->is_module ? NULL : "it has no alias";
	return is_idle(s) && s->devices.n ? "none of its devices is in this machine" : NULL;
}

static int answer_alias(struct subject *s)
{
	const struct subject_aliases *a = &s->aliases;
	const char *text = not_asked(s);

	if (text) {
		answer(s->found, WHY_BY_ALIAS, WHY_NOT_ASKED, text);
		return 0;
	}
	if (decided(s->found, WHY_BY_ALIAS, WHY_OF_ALIASES))
		return 0;
	if (is_idle(s)) {
		answer(s->found, WHY_BY_ALIAS, WHY_UNKNOWN, "no device of this machine can be seen below /sys/bus");
		return 0;
	}
	text = !a->device ?
		       NULL :
		       arena_strf(&s->found->strings, "for %s%s", a->device, a->n_devices > 1 ? ", among others" : "");
	answer(s->found, WHY_BY_ALIAS, WHY_YES, text);
	return a->device && !text ? -ENOMEM : 0;
}

static void answer_boot(struct why *w)
{
	const struct why_finding *listed = why_find(w, WHY_LISTED_AT_BOOT);
	const struct why_finding *missed = why_obstacle_of(w, WHY_OF_BOOT), *unread = why_find(w, WHY_LIST_UNREADABLE);

	if (!listed && missed)
		answer_by(w, WHY_AT_BOOT, WHY_NO, missed);
	else if (!listed && unread)
		answer_by(w, WHY_AT_BOOT, WHY_UNKNOWN, unread);
	else if (!listed)
		answer(w, WHY_AT_BOOT, WHY_NOT_ASKED, "no list of modules to load at boot names it");
	else if (!decided(w, WHY_AT_BOOT, WHY_OF_BOOT))
		answer_by(w, WHY_AT_BOOT, WHY_YES, listed);
}

int outlook_answer(struct subject *s)
{
	answer_name(s->found);
	answer_boot(s->found);
	return answer_alias(s);
}

enum why_outcome outlook_outcome(const struct why *w)
{
	enum why_outcome outcome = WHY_YES;

	for (size_t i = 0; i < WHY_WAYS && outcome != WHY_NO; i++)
		if (w->answers[i].outcome == WHY_NO || w->answers[i].outcome == WHY_UNKNOWN)
			outcome = w->answers[i].outcome;
	return outcome;
}

/* ---- for people ---- */

static void add_place(const struct why_finding *f, struct buf *into)
{
	if (f->file && f->line)
		buf_addf(into, " (%s:%u)", f->file, f->line);
	else if (f->file)
		buf_addf(into, " (%s)", f->file);
}

/* The cause of an obstacle to loads by alias or at boot, with its place. */
static void add_cause(const struct why_finding *f, struct buf *into)
{
	if (f->code != WHY_BLACKLISTED) {
		buf_adds(into, f->text);
		add_place(f, into);
	} else if (f->line) {
		buf_addf(into, "blacklisted by %s:%u", f->file, f->line);
	} else {
		buf_adds(into, "blacklisted by modprobe.blacklist= on the kernel command line");
	}
}

/* Nothing stands in the way of a load by name, but something in that of the others; NULL: nothing does. */
static const struct why_finding *partial_obstacle(const struct why *w)
{
	const struct why_finding *f = why_obstacle_of(w, WHY_OF_ALIASES);

	return f ? f : why_obstacle_of(w, WHY_OF_BOOT);
}

static int verdict_in_part(const struct why *w, const char *name, const char *is, struct buf *into)
{
	const struct why_finding *f = partial_obstacle(w);
	const char *what = f->scope == WHY_OF_BOOT ? "at boot" : w->for_devices ? "for its devices" : "for its aliases";

	if (is)
		buf_addf(into, "%s, but would not be loaded again %s: ", is, what);
	else
		buf_addf(into, "is not loaded %s: ", what);
	add_cause(f, into);
	if (w->answers[WHY_BY_NAME].outcome != WHY_YES)
		return buf_error(into);
	return buf_addf(into,
			f->code == WHY_BLACKLISTED ? " (modprobe %s still loads it)" : "; modprobe %s still loads it",
			name);
}

/* What stands for no module may be there all the same. */
static int verdict_on_nothing(const struct why *w, const char *asked, struct buf *into)
{
	const struct why_finding *obstacle = why_obstacle_of(w, WHY_OF_ALL);

	if (!obstacle)
		return buf_addf(into, "%s", w->n ? w->items[0].text : "");
	switch (obstacle->code) {
	case WHY_NO_SUCH_PATH:
	case WHY_IS_DIRECTORY:
	case WHY_DEVICE_UNKNOWN:
	case WHY_IN_KERNEL:
		return buf_adds(into, obstacle->text);
	default:
		return buf_addf(into, "%s is not found: %s", asked, obstacle->text);
	}
}

int outlook_verdict(const struct why *w, const char *name, const char *asked, struct buf *into)
{
	const struct why_finding *obstacle = why_obstacle_of(w, WHY_OF_ALL), *trouble = why_first_of(w, WHY_TROUBLE);
	const struct why_finding *command = why_find(w, WHY_INSTALL_COMMAND), *doubt = doubt_of_all(w);
	const char *is = why_find(w, WHY_LOADED)  ? "is loaded" :
			 why_find(w, WHY_BUILTIN) ? "is built into the kernel" :
						    NULL;

	if (!name)
		return verdict_on_nothing(w, asked, into);
	buf_addf(into, "%s ", why_find(w, WHY_ALIAS_OFF) ? asked : name);
	if (obstacle)
		return buf_addf(into, "%s: %s", is ? "is loaded, but would not be loaded again" : "would not be loaded",
				obstacle->text);
	if (partial_obstacle(w))
		return verdict_in_part(w, name, is, into);
	if (command && command == doubt && !is)
		return buf_addf(into, "is left to a command, and what becomes of it is up to that: %s", command->text);
	if (doubt && doubt != command && !is)
		return buf_addf(into, "may be loaded or not: %s", doubt->text);
	buf_adds(into, is ? is : "would be loaded");
	return trouble ? buf_addf(into, ", but: %s", trouble->text) : buf_error(into);
}

int outlook_text(const struct why *w, enum why_way way, struct buf *into)
{
	const struct why_answer *a = &w->answers[way];
	const struct why_finding *f = a->because ? &w->items[a->because - 1] : NULL;

	buf_adds(into, a->outcome == WHY_NOT_ASKED ? "nothing asks for it" : outcomes[a->outcome]);
	if (!a->text || (f && (f == why_obstacle_of(w, WHY_OF_ALL) || (f == doubt_of_all(w) && !partial_obstacle(w)))))
		return buf_error(into);
	buf_adds(into, ": ");
	if (!f)
		return buf_adds(into, a->text);
	add_cause(f, into);
	return buf_error(into);
}

/* ---- JSON ---- */

void outlook_json(const struct why *w, struct json *j)
{
	json_object(j, "loads");
	for (size_t i = 0; i < WHY_WAYS; i++) {
		const struct why_answer *a = &w->answers[i];
		const struct why_finding *f = a->because ? &w->items[a->because - 1] : NULL;

		json_object(j, ways[i].key);
		json_str(j, "answer", outcomes[a->outcome]);
		json_str(j, "text", a->text);
		json_str(j, "file", f ? f->file : NULL);
		f && f->line ? json_int(j, "line", f->line) : json_null(j, "line");
		json_end(j);
	}
	json_end(j);
}
