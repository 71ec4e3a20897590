// SPDX-License-Identifier: MIT
/* What loads a module although it is blacklisted: a blacklist line only stops its aliases. */
#include <errno.h>
#include <string.h>

#include "base/modname.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

/* At most this many modules that need it and are not loaded are named. */
#define NAMES_SHOWN 6

struct pull {
	struct subject *s;
	size_t n_idle; /* modules that need it and are not loaded */
	struct buf idle;
};

static bool is_word_of(const char *word, size_t n, const char *name)
{
	char text[MODNAME_MAX], found[MODNAME_MAX];

	if (!n || n >= sizeof(text))
		return false;
	memcpy(text, word, n);
	text[n] = '\0';
	return modname_from_path(text, found) == 0 && strcmp(found, name) == 0;
}

/* Is the module one of the words of the text? Shell commands, and paths of modules.dep. */
static bool has_word(const char *text, const char *name)
{
	static const char blanks[] = " \t;&|()\"'`";

	for (const char *p = text + strspn(text, blanks); *p; p += strspn(p, blanks)) {
		size_t n = strcspn(p, blanks);

		if (is_word_of(p, n, name))
			return true;
		p += n;
	}
	return false;
}

/* ---- modules that need it ---- */

static int pulled_by_module(struct pull *p, const char *name)
{
	if (world_state(p->s->q->world, name) == LIVE_LIVE)
		return why_add(p->s->found, WHY_NOTE, WHY_PULLED_IN, NULL, "%s, which is loaded, needs it", name);
	if (p->n_idle++ < NAMES_SHOWN)
		buf_addf(&p->idle, "%s%s", p->n_idle > 1 ? ", " : "", name);
	return buf_error(&p->idle);
}

static int look_at_dependent(void *data, const char *name, const char *line, uint32_t priority _unused_)
{
	struct pull *p = data;
	const char *colon = strchr(line, ':');

	return colon && has_word(colon + 1, p->s->c->name) ? pulled_by_module(p, name) : 0;
}

static int pulled_by_modules(struct pull *p)
{
	const struct catalog *catalog = p->s->q->world->catalog;
	const struct index_reader *dep = catalog ? catalog_reader(catalog, CATALOG_DEP) : NULL;
	int r = dep ? index_reader_walk(dep, look_at_dependent, p) : 0;

	if (r == -ENOMEM || !p->n_idle)
		return r == -ENOMEM ? r : 0;
	if (p->n_idle > NAMES_SHOWN)
		buf_addf(&p->idle, " and %zu more", p->n_idle - NAMES_SHOWN);
	return why_add(p->s->found, WHY_NOTE, WHY_PULLED_IN, NULL, "modules that need it load it nevertheless: %s",
		       buf_str(&p->idle));
}

/* ---- lines that name it ---- */

static bool has_name(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (is_word_of(names[i], strlen(names[i]), name))
			return true;
	return false;
}

static int pulled_by_softdeps(struct subject *s)
{
	const struct policy *policy = s->q->world->policy;
	int r = 0;

	for (size_t i = 0; policy && i < policy_count(policy, POLICY_SOFTDEP) && r >= 0; i++) {
		const struct policy_entry *e = policy_get(policy, POLICY_SOFTDEP, i);

		if (has_name(e->pre, e->n_pre, s->c->name) || has_name(e->post, e->n_post, s->c->name))
			r = why_add(s->found, WHY_NOTE, WHY_PULLED_IN, e, "a softdep of %s loads it nevertheless",
				    e->name);
	}
	return r;
}

static int pulled_by_commands(struct subject *s)
{
	const struct policy *policy = s->q->world->policy;
	int r = 0;

	for (size_t i = 0; policy && i < policy_count(policy, POLICY_INSTALL) && r >= 0; i++) {
		const struct policy_entry *e = policy_get(policy, POLICY_INSTALL, i);

		if (strcmp(e->name, s->c->name) != 0 && has_word(e->value, "modprobe") &&
		    has_word(e->value, s->c->name))
			r = why_add(s->found, WHY_NOTE, WHY_PULLED_IN, e,
				    "the install command of %s loads it nevertheless: %s", e->name, e->value);
	}
	return r;
}

/* Nor does anything else load what modprobe or the kernel denies. 1, 0, -ENOMEM. */
static int is_denied(struct subject *s)
{
	const struct lockstate *lock;
	int r = why_denied_by(s->q, s->c->name) ? 1 : subject_lock(s, &lock);

	return r != 0 ? r : lockstate_is_blacklisted(lock, s->c->name);
}

/* The first install line counts, and so must be the one that is written. */
static int fix_by_deny(struct subject *s)
{
	const struct policy_entry *first = policy_match(s->q->world->policy, POLICY_INSTALL, s->c->name);
	int r = why_fix(s->found,
			"to keep it out: `install %s /bin/false` in /etc/modprobe.d%s, or module_blacklist=%s on"
			" the kernel command line; what needs it is then not loaded either",
			s->c->name, first ? ", before any other install line of it" : "", s->c->name);

	return r < 0 ? r : remedy_deny(s->found, s->c->name, first);
}

int why_pulled(struct subject *s)
{
	struct pull p = { .s = s };
	size_t before = s->found->n;
	int r = policy_blacklist(s->q->world->policy, s->c->name) ? is_denied(s) : 1;

	if (r != 0)
		return r < 0 ? r : 0;
	r = pulled_by_modules(&p);

	buf_done(&p.idle);
	if (r >= 0)
		r = pulled_by_softdeps(s);
	if (r >= 0)
		r = pulled_by_commands(s);
	return r < 0 || s->found->n == before ? r : fix_by_deny(s);
}
