// SPDX-License-Identifier: MIT
#include "verb/search/words.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/oom.h"
#include "base/vec.h"

#define NUMBERS 65536 /* of vendors */

static const char *const place_names[] = {
	[SEARCH_EXACT_NAME] = "exact-name", [SEARCH_NAME] = "name",       [SEARCH_DESCRIPTION] = "description",
	[SEARCH_DEVICE] = "device",         [SEARCH_ALIAS] = "alias",     [SEARCH_SYMBOL] = "symbol",
	[SEARCH_FIRMWARE] = "firmware",     [SEARCH_NOWHERE] = "nowhere",
};

const char *search_place_name(enum search_place place)
{
	return place_names[place];
}

/* ---- texts ---- */

static int fold(char c)
{
	return c == '-' ? '_' : tolower((unsigned char)c);
}

static bool begins_with(const char *text, size_t n, const char *word)
{
	size_t i = 0;

	while (word[i] && i < n && fold(text[i]) == fold(word[i]))
		i++;
	return !word[i];
}

static bool contains_n(const char *text, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (begins_with(text + i, n - i, word))
			return true;
	return false;
}

static bool contains(const char *text, const char *word)
{
	return contains_n(text, strlen(text), word);
}

/* The same, but only where a part of the text begins: behind anything but a letter or digit. */
static bool has_part(const char *text, const char *word)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if ((i == 0 || !isalnum((unsigned char)text[i - 1])) && begins_with(text + i, n - i, word))
			return true;
	return false;
}

/* ---- hwdata ---- */

static int note_vendors(const struct hwid_list *l, const char *word, struct search_ids *ids)
{
	ids->vendors = calloc(NUMBERS / 8, 1);
	if (!ids->vendors)
		return -ENOMEM;
	for (size_t i = 0; i < l->n; i++) {
		uint16_t vendor = (uint16_t)l->items[i].key;

		if (!contains_n((const char *)l->items[i].name.p, l->items[i].name.n, word))
			continue;
		ids->vendors[vendor / 8] |= (uint8_t)(1 << vendor % 8);
		ids->n_vendors++;
	}
	return 0;
}

static int note_devices(const struct hwid_list *l, const char *word, struct search_ids *ids)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!contains_n((const char *)l->items[i].name.p, l->items[i].name.n, word))
			continue;
		if (vec_room(&ids->devices, ids->n, &ids->cap) < 0)
			return -ENOMEM;
		ids->devices[ids->n++] = l->items[i].key;
	}
	return 0;
}

static int open_word(const struct search_words *all, struct search_word *w)
{
	int r = 0;

	w->is_id = hwid_parse(w->text, &w->vendor, &w->device);
	for (unsigned bus = 0; r == 0 && !w->is_id && bus < HWIDS_BUSES; bus++) {
		r = note_vendors(&all->names[bus].vendors, w->text, &w->ids[bus]);
		if (r == 0)
			r = note_devices(&all->names[bus].devices, w->text, &w->ids[bus]);
	}
	return r;
}

int search_words_open(const struct root *root, const char *const *words, size_t n, struct search_words *ret)
{
	struct search_words all = { .items = calloc(n + 1, sizeof(*all.items)), .n = n };
	int r = all.items ? 0 : -ENOMEM;

	for (unsigned bus = 0; r == 0 && bus < HWIDS_BUSES; bus++) {
		int e = hwids_open(root, bus, &all.names[bus]);

		all.has_names[bus] = e == 0;
		r = only_oom(e);
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		all.items[i].text = words[i];
		r = open_word(&all, &all.items[i]);
	}
	if (r < 0)
		search_words_done(&all);
	else
		*ret = all;
	return r;
}

void search_words_done(struct search_words *w)
{
	for (size_t i = 0; w->items && i < w->n; i++)
		for (unsigned bus = 0; bus < HWIDS_BUSES; bus++) {
			free(w->items[i].ids[bus].vendors);
			free(w->items[i].ids[bus].devices);
		}
	for (unsigned bus = 0; bus < HWIDS_BUSES; bus++)
		hwids_done(&w->names[bus]);
	free(w->items);
	*w = (struct search_words){ 0 };
}

/* ---- one module ---- */

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Is the device of an alias one that is looked for? */
static bool is_device(const struct search_word *w, const struct hwid_alias *a)
{
	const struct search_ids *ids = &w->ids[a->bus];
	uint32_t key = (uint32_t)a->vendor << 16 | a->device;

	if (w->is_id)
		return a->vendor == w->vendor && (!a->has_device || a->device == w->device);
	if (ids->vendors[a->vendor / 8] >> a->vendor % 8 & 1)
		return true;
	return a->has_device && ids->n && bsearch(&key, ids->devices, ids->n, sizeof(key), compare_ids);
}

bool search_word_is_device(const struct search_word *w, const char *alias)
{
	struct hwid_alias a;

	return hwid_of_alias(alias, &a) && is_device(w, &a);
}

/* "8086:10d3 Intel Corporation 82574L Gigabit Network Connection" */
static const char *describe_device(const struct search_words *all, const struct search_word *w,
				   const struct hwid_alias *a, struct arena *strings)
{
	const struct hwids *names = &all->names[a->bus];
	uint16_t number = w->is_id ? w->device : a->device;
	bool has_device = a->has_device || w->is_id;
	struct span vendor = hwid_name(&names->vendors, a->vendor), device = { 0 };
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (has_device)
		device = hwid_name(&names->devices, (uint32_t)a->vendor << 16 | number);
	buf_addf(&text, has_device ? "%04x:%04x" : "%04x:*", a->vendor, number);
	if (vendor.n)
		buf_addf(&text, " %.*s", (int)vendor.n, (const char *)vendor.p);
	if (device.n)
		buf_addf(&text, " %.*s", (int)device.n, (const char *)device.p);
	return buf_error(&text) < 0 ? NULL : arena_str(strings, buf_str(&text));
}

static bool is_key(const struct modinfo_item *item, const char *key)
{
	return span_is(span_of(item->key, item->key_len), key);
}

/* The first value of that key that the word is in. */
static const char *find_value(const struct search_facts *f, const char *key, const char *word,
			      bool (*has)(const char *text, const char *word))
{
	for (size_t i = 0; i < f->info->n; i++)
		if (is_key(&f->info->items[i], key) && has(f->info->items[i].value, word))
			return f->info->items[i].value;
	return NULL;
}

static int find_device(const struct search_words *all, const struct search_word *w, const struct search_facts *f,
		       struct arena *strings, const char **ret)
{
	struct hwid_alias a;

	for (size_t i = 0; i < f->info->n; i++) {
		if (!is_key(&f->info->items[i], "alias") || !hwid_of_alias(f->info->items[i].value, &a) ||
		    !is_device(w, &a))
			continue;
		*ret = describe_device(all, w, &a, strings);
		return *ret ? 1 : -ENOMEM;
	}
	return 0;
}

static bool has_alias(const char *alias, const char *word)
{
	return has_part(alias, word) || (strchr(word, ':') && fnmatch(alias, word, 0) == 0);
}

static const char *find_symbol(const struct search_facts *f, const char *word)
{
	for (size_t i = 0; i < f->exports->n; i++)
		if (has_part(f->exports->items[i].name, word))
			return f->exports->items[i].name;
	return NULL;
}

static bool find_text(const struct search_word *w, const struct search_facts *f, enum search_place place,
		      struct search_match *ret)
{
	const char *found = NULL;

	switch (place) {
	case SEARCH_EXACT_NAME:
		found = strlen(f->name) == strlen(w->text) && contains(f->name, w->text) ? f->name : NULL;
		break;
	case SEARCH_NAME:
		found = contains(f->name, w->text) ? f->name : NULL;
		break;
	case SEARCH_DESCRIPTION:
		found = find_value(f, "description", w->text, contains);
		break;
	case SEARCH_ALIAS:
		found = find_value(f, "alias", w->text, has_alias);
		break;
	case SEARCH_SYMBOL:
		found = find_symbol(f, w->text);
		break;
	case SEARCH_FIRMWARE:
		found = find_value(f, "firmware", w->text, contains);
		break;
	default:
		break;
	}
	if (found)
		*ret = (struct search_match){ place, found };
	return found;
}

int search_word_find(const struct search_words *all, const struct search_word *w, const struct search_facts *f,
		     struct arena *strings, struct search_match *ret)
{
	const char *device = NULL;

	for (enum search_place place = 0; place < SEARCH_NOWHERE; place++) {
		if (place != SEARCH_DEVICE && !w->is_id && find_text(w, f, place, ret))
			return 0;
		if (place == SEARCH_DEVICE && find_device(all, w, f, strings, &device) != 0) {
			*ret = (struct search_match){ place, device };
			return device ? 0 : -ENOMEM;
		}
	}
	*ret = (struct search_match){ SEARCH_NOWHERE, NULL };
	return 0;
}
