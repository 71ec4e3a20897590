// SPDX-License-Identifier: MIT
#include "verb/devices/served.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/modname.h"
#include "base/oom.h"
#include "verb/why/device.h"
#include "verb/why/outlook.h"
#include "verb/why/why.h"

struct reading {
	const struct why_query *q;
	struct served *served;
	struct map by_module; /* name → what is in the way, "": nothing */
};

/* ---- what it is ---- */

static void add_words(struct buf *into, const char *before, struct span words)
{
	if (words.n)
		buf_addf(into, "%s%.*s", into->n ? before : "", (int)words.n, (const char *)words.p);
}

static int describe(struct served *s, struct served_device *d)
{
	struct hwid_alias a;
	const struct hwids *names;
	_cleanup_buf_ struct buf what = BUF_INIT;
	struct span class = { 0 };

	if (!hwid_of_alias(d->device->id->modalias, &a) || !a.has_device)
		return 0;
	names = &s->names[a.bus];
	if (a.has_class)
		class = hwid_name(&names->classes, HWIDS_SUBCLASS(a.class, a.subclass));
	if (a.has_class && !class.n)
		class = hwid_name(&names->classes, HWIDS_CLASS(a.class));
	add_words(&what, "", class);
	add_words(&what, ": ", hwid_name(&names->vendors, a.vendor));
	add_words(&what, " ", hwid_name(&names->devices, (uint32_t)a.vendor << 16 | a.device));
	d->id = arena_strf(&s->strings, "%04x:%04x", a.vendor, a.device);
	if (what.n)
		d->what = arena_str(&s->strings, buf_str(&what));
	return !d->id || buf_error(&what) < 0 || (what.n && !d->what) ? -ENOMEM : 0;
}

/* ---- what is in the way ---- */

/* verb/why's answer to the question whether the module is loaded for its devices. */
static int ask(const struct why_query *q, const char *name, struct buf *into)
{
	_cleanup_candidates_ struct candidates found = { 0 };
	_cleanup_why_ struct why why = { 0 };
	int r = only_oom(resolve_name(q->world, name, &found));

	if (r < 0 || !found.n)
		return r;
	r = why_module(q, &found.items[0], &why);
	if (r < 0 || why.answers[WHY_BY_ALIAS].outcome == WHY_YES || why.answers[WHY_BY_ALIAS].outcome == WHY_NOT_ASKED)
		return r;
	return outlook_text(&why, WHY_BY_ALIAS, into);
}

static int obstacle_of(struct reading *r, const struct hardware_module *m, const char **ret)
{
	const char *known = map_get(&r->by_module, m->name);
	_cleanup_buf_ struct buf text = BUF_INIT;
	int e;

	if (!known) {
		e = ask(r->q, m->name, &text);
		known = e < 0 ? NULL : arena_str(&r->served->strings, buf_str(&text));
		if (!known || map_put(&r->by_module, m->name, (void *)(uintptr_t)known) < 0)
			return -ENOMEM;
	}
	*ret = *known ? known : NULL;
	return 0;
}

static int find_obstacle(struct reading *r, struct served_device *d, size_t i)
{
	const struct hardware_module *m = &d->device->modules[i];
	const struct policy_entry *off = d->device->off;

	if (m->state == LIVE_LIVE && m->has_driver)
		d->obstacles[i] = "it is loaded, but its driver is not bound to the device";
	else if (m->state != LIVE_ABSENT)
		d->obstacles[i] = m->state == LIVE_COMING ? "it is being loaded" :
				  m->state == LIVE_GOING  ? "it is being unloaded" :
							    NULL;
	else if (off)
		d->obstacles[i] =
			arena_strf(&r->served->strings, "no: its alias is switched off (%s:%u)", off->file, off->line);
	else
		return obstacle_of(r, m, &d->obstacles[i]);
	return off && !d->obstacles[i] && m->state == LIVE_ABSENT ? -ENOMEM : 0;
}

static int find_obstacles(struct reading *r, struct served_device *d)
{
	int e = 0;

	d->obstacles = arena_array(&r->served->strings, d->device->n_modules, sizeof(*d->obstacles));
	if (!d->obstacles)
		return -ENOMEM;
	if (d->device->state == HARDWARE_UNKNOWN)
		d->obstacle = r->served->hardware.is_indexed ? "no installed module has an alias for it" :
							       "not known: the index of aliases cannot be read";
	for (size_t i = 0; e == 0 && served_is_unserved(d) && i < d->device->n_modules; i++)
		e = find_obstacle(r, d, i);
	return e;
}

/* ---- all devices ---- */

static int read_names(const struct root *root, struct served *s)
{
	int r = 0;

	for (unsigned bus = 0; r == 0 && bus < HWIDS_BUSES; bus++)
		r = only_oom(hwids_open(root, bus, &s->names[bus]));
	return r;
}

static int read_devices(struct reading *r)
{
	struct served *s = r->served;
	int e = 0;

	s->items = arena_array(&s->strings, s->hardware.n, sizeof(*s->items));
	if (!s->items)
		return -ENOMEM;
	for (size_t i = 0; e == 0 && i < s->hardware.n; i++) {
		s->items[i].device = &s->hardware.items[i];
		e = describe(s, &s->items[i]);
		if (e == 0)
			e = find_obstacles(r, &s->items[i]);
	}
	return e;
}

int served_read(const struct why_query *q, struct served *ret)
{
	struct reading reading = { .q = q, .served = ret };
	int r;

	*ret = (struct served){ 0 };
	r = hardware_read(q->sys, q->world, &ret->hardware);
	if (r == 0)
		r = ret->hardware.error;
	if (r == 0)
		r = read_names(&q->sys->root, ret);
	if (r == 0)
		r = read_devices(&reading);
	map_done(&reading.by_module);
	if (r < 0)
		served_done(ret);
	return r;
}

void served_done(struct served *s)
{
	for (unsigned bus = 0; bus < HWIDS_BUSES; bus++)
		hwids_done(&s->names[bus]);
	hardware_done(&s->hardware);
	arena_done(&s->strings);
	*s = (struct served){ 0 };
}

/* ---- questions ---- */

bool served_is_unserved(const struct served_device *d)
{
	return d->device->state == HARDWARE_IDLE || d->device->state == HARDWARE_NOT_LOADED ||
	       d->device->state == HARDWARE_UNKNOWN;
}

bool served_is_called(const struct served_device *d, const char *word)
{
	const struct modalias *id = d->device->id;
	char text[MODNAME_MAX];

	if (strcmp(id->name, word) == 0 || strcmp(id->bus, word) == 0 || strcmp(id->modalias, word) == 0 ||
	    (id->driver && strcmp(id->driver, word) == 0) || (d->id && strcasecmp(d->id, word) == 0))
		return true;
	if (device_pci_address(word, text, sizeof(text)) && strcmp(id->name, text) == 0)
		return true;
	return modname_normalize(word, text) == 0 && hardware_leads_to(d->device, text);
}
