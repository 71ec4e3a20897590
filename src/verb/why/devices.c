// SPDX-License-Identifier: MIT
/* The devices that a module declares support for: does this machine have any, and what drives them? */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "verb/why/parts.h"
#include "verb/why/remedy.h"
#include "read/kernel/modalias.h"

#define DEVICES_SHOWN 8
#define PREFIX_MAX 32

/* How the module's aliases and the machine's devices match. */
struct matches {
	struct subject *s;
	size_t n_aliases;  /* that stand for devices */
	const char *alias; /* the first of them */
	bool all_platform; /* platform devices may be made by the module itself */
	const struct modalias *shown[DEVICES_SHOWN];
	size_t n_shown, n_own;
};

bool why_is_alias(const struct modinfo_item *item)
{
	return item->key_len == strlen("alias") && memcmp(item->key, "alias", item->key_len) == 0;
}

/*
 * `pci:...` and the like, of a bus that this machine has: not `fs-ext4`, and not a name that happens to have a colon.
 */
static bool is_for_devices(const struct matches *m, const char *alias)
{
	size_t n = strcspn(alias, ":");
	char path[PREFIX_MAX + 16];

	if (!alias[n] || n == 0 || n > PREFIX_MAX || memchr(alias, '/', n))
		return false;
	for (size_t i = 0; i < m->s->devices.n; i++)
		if (strncmp(m->s->devices.items[i].modalias, alias, n + 1) == 0)
			return true;
	snprintf(path, sizeof(path), "/sys/bus/%.*s", (int)n, alias);
	return root_exists(&m->s->q->sys->root, path);
}

static void count_aliases(struct matches *m)
{
	const struct modinfo *info = &m->s->info;

	m->all_platform = true;
	for (size_t i = 0; i < info->n; i++) {
		const char *alias = info->items[i].value;

		if (!why_is_alias(&info->items[i]) || !is_for_devices(m, alias))
			continue;
		m->alias = m->alias ? m->alias : alias;
		m->n_aliases++;
		m->all_platform = m->all_platform && strncmp(alias, "platform:", strlen("platform:")) == 0;
	}
}

bool why_has_alias_for(const struct modinfo *info, const char *modalias)
{
	for (size_t i = 0; i < info->n; i++)
		if (why_is_alias(&info->items[i]) && fnmatch(info->items[i].value, modalias, 0) == 0)
			return true;
	return false;
}

static void match_devices(struct matches *m)
{
	for (size_t i = 0; i < m->s->devices.n; i++) {
		const struct modalias *d = &m->s->devices.items[i];

		if (!why_has_alias_for(&m->s->info, d->modalias))
			continue;
		m->n_own += d->module && strcmp(d->module, m->s->c->name) == 0;
		if (m->n_shown < DEVICES_SHOWN)
			m->shown[m->n_shown++] = d;
	}
}

static int add_none(const struct matches *m, struct buf *into)
{
	return buf_addf(into,
			m->n_aliases > 1 ? "no device of this machine matches any of its device aliases, such as %s" :
					   "no device of this machine matches its device alias %s",
			m->alias);
}

static int tell_none(struct matches *m)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = add_none(m, &text);

	return r < 0 ? r :
		       why_add(m->s->found, m->all_platform ? WHY_NOTE : WHY_TROUBLE, WHY_NO_DEVICE, NULL, "%s",
			       buf_str(&text));
}

static int tell_taken(struct matches *m, const struct modalias *d)
{
	struct why *found = m->s->found;
	int r = why_add(found, m->n_own ? WHY_FACT : WHY_TROUBLE, WHY_DEVICE_TAKEN, NULL,
			"device %s (%s) matches, but is bound to the driver %s%s%s", d->name, d->bus, d->driver,
			d->module ? " of module " : "", d->module ? d->module : "");

	if (r < 0 || m->n_own)
		return r;
	r = why_fix(found, "take it from that driver%s%s", d->module ? ", or blacklist " : "",
		    d->module ? d->module : "");
	return r < 0 ? r : remedy_unbind(found, d->bus, d->driver, d->name);
}

/* Has the driver, which is there, left it alone, and all others as well? */
static bool is_left_alone(const struct matches *m, const struct modalias *d)
{
	return m->s->state == LIVE_LIVE && !m->n_own && !d->driver;
}

static int tell_device(struct matches *m, const struct modalias *d, const struct buf *logged)
{
	struct why *found = m->s->found;

	if (d->module && strcmp(d->module, m->s->c->name) == 0)
		return 0; /* among the users */
	if (d->driver)
		return tell_taken(m, d);
	if (m->s->state != LIVE_LIVE)
		return why_add(found, WHY_FACT, WHY_DEVICE, NULL, "device %s (%s) matches and has no driver", d->name,
			       d->bus);
	if (m->n_own)
		return why_add(found, WHY_FACT, WHY_DEVICE_UNBOUND, NULL,
			       "device %s (%s) also matches, but has no driver", d->name, d->bus);
	return why_unbound(m->s, d, logged);
}

static int tell_devices(struct matches *m)
{
	struct buf logged[DEVICES_SHOWN] = { 0 };
	size_t alone = 0;
	int r = 0;

	while (alone < m->n_shown && !is_left_alone(m, m->shown[alone]))
		alone++;
	if (alone < m->n_shown)
		r = why_read_device_log(m->s, m->shown, m->n_shown, logged);
	for (size_t i = 0; i < m->n_shown && r >= 0; i++)
		r = tell_device(m, m->shown[i], &logged[i]);
	for (size_t i = 0; i < m->n_shown; i++)
		buf_done(&logged[i]);
	return r;
}

int why_devices(struct subject *s)
{
	struct matches m = { .s = s };
	int r = s->is_module ? modaliases_read(&s->q->sys->root, &s->devices) : 0;

	if (r >= 0 && s->devices.n) {
		count_aliases(&m);
		match_devices(&m);
		if (m.n_aliases && !m.n_shown)
			r = tell_none(&m);
		if (r >= 0)
			r = tell_devices(&m);
	}
	return r;
}

/* The first that another driver has. */
static const struct modalias *first_taken(const struct matches *m)
{
	for (size_t i = 0; i < m->n_shown; i++)
		if (m->shown[i]->driver)
			return m->shown[i];
	return NULL;
}

int why_without_device(struct subject *s)
{
	struct matches m = { .s = s };
	_cleanup_buf_ struct buf text = BUF_INIT;
	const struct modalias *taken;
	int r = s->is_module ? modaliases_read(&s->q->sys->root, &s->devices) : 0;

	if (r < 0)
		return r;
	count_aliases(&m);
	match_devices(&m);
	taken = first_taken(&m);
	buf_addf(&text, "its own initialisation returned ENODEV (%s)", strerror(ENODEV));
	if (m.n_aliases && s->devices.n && !m.n_shown) {
		buf_adds(&text, "; ");
		add_none(&m, &text);
	} else if (taken) {
		buf_addf(&text, "; device %s (%s), which it supports, is bound to the driver %s", taken->name,
			 taken->bus, taken->driver);
	}
	if (buf_error(&text))
		return -ENOMEM;
	r = why_add(s->found, WHY_OBSTACLE, WHY_INIT_FAILED, NULL, "%s", buf_str(&text));
	return r < 0 || !taken ? r :
				 why_fix(s->found, "take it from that driver%s%s",
					 taken->module ? ", or blacklist " : "", taken->module ? taken->module : "");
}
