/* SPDX-License-Identifier: MIT */
#pragma once

/* The words that somebody looks for, and whether one of them is in what is known of a module. */

#include "base/arena.h"
#include "read/hwdata/hwids.h"
#include "read/image/facts.h"

/* Where a word was found, in the order of how much that says. */
enum search_place {
	SEARCH_EXACT_NAME,
	SEARCH_NAME,
	SEARCH_DESCRIPTION,
	SEARCH_DEVICE, /* an id, or the name that hwdata has for a vendor or device of an alias */
	SEARCH_ALIAS,
	SEARCH_SYMBOL, /* exported */
	SEARCH_FIRMWARE,
	SEARCH_NOWHERE,
};

const char *search_place_name(enum search_place place); /* "exact-name", "name", "description" ... */

/* Vendors and devices of one bus whose names contain a word. */
struct search_ids {
	uint8_t *vendors;  /* a bit for each number */
	uint32_t *devices; /* vendor << 16 | device, sorted */
	size_t n, cap;
	size_t n_vendors;
};

struct search_word {
	const char *text; /* borrowed */
	bool is_id;       /* "8086:10d3": nothing but the ids of devices is searched for it */
	uint16_t vendor, device;
	struct search_ids ids[HWIDS_BUSES];
};

struct search_words {
	struct search_word *items;
	size_t n;
	struct hwids names[HWIDS_BUSES];
	bool has_names[HWIDS_BUSES]; /* hwdata is installed, and could be read */
};

/* Reads hwdata where it is installed. 0 or -ENOMEM. */
int search_words_open(const struct root *root, const char *const *words, size_t n, struct search_words *ret);
void search_words_done(struct search_words *w);

/* Does an alias name a device that this word, an id, stands for? */
bool search_word_is_device(const struct search_word *w, const char *alias);

/* What is known of a module. */
struct search_facts {
	const char *name;
	const struct modinfo *info;
	const struct symbols *exports;
};

struct search_match {
	enum search_place place;
	const char *text; /* what contains the word */
};

/*
 * The best place where the word is. Capital letters are no others, nor is '-' another character than '_'. Names,
 * descriptions and firmware may contain it anywhere, aliases and symbols only where a part of them begins, because
 * these are full of digits and short syllables. A modalias matches the patterns of aliases. Texts are borrowed from the
 * facts, or made in strings. 0 or -ENOMEM.
 */
int search_word_find(const struct search_words *all, const struct search_word *w, const struct search_facts *f,
		     struct arena *strings, struct search_match *ret);
