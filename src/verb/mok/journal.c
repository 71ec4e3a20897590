// SPDX-License-Identifier: MIT
#include "verb/mok/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hex.h"
#include "base/replace.h"

#define JOURNAL_CAP (1u << 20)
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static const char *const action_words[] = { "enroll", "delete" };
static const char *const list_words[] = { "keys", "blocked" };
static const char *const state_words[JOURNAL_STATES] = { "asked", "witnessed", "done", "refused", "vanished" };

void journal_done(struct journal *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->items[i].name);
	free(j->items);
	*j = (struct journal){ 0 };
}

static int find_word(const char *const *words, unsigned n, const char *word, unsigned *ret)
{
	for (unsigned i = 0; i < n; i++)
		if (word && strcmp(words[i], word) == 0) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

static int parse_sha256(const char *text, uint8_t *ret)
{
	if (!text || strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
		return -EINVAL;
	for (size_t i = 0; i < 32; i++) {
		char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };

		ret[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return 0;
}

/* 1 and the entry, its name borrowed from the line; 0: damaged. */
static int parse_line(char *line, struct journal_entry *ret)
{
	unsigned action, list, state;
	const char *boot_id;

	if (find_word(action_words, ELEMENTSOF(action_words), strsep(&line, " "), &action) < 0 ||
	    find_word(list_words, ELEMENTSOF(list_words), strsep(&line, " "), &list) < 0 ||
	    parse_sha256(strsep(&line, " "), ret->sha256) < 0)
		return 0;
	boot_id = strsep(&line, " ");
	if (!boot_id || strlen(boot_id) != sizeof(ret->boot_id) - 1 ||
	    find_word(state_words, JOURNAL_STATES, strsep(&line, " "), &state) < 0 || !line)
		return 0;
	memcpy(ret->boot_id, boot_id, sizeof(ret->boot_id));
	ret->action = (enum mok_action)action;
	ret->list = (enum mok_list)list;
	ret->state = (enum journal_state)state;
	ret->name = line;
	return 1;
}

int journal_parse(struct span text, struct journal *ret)
{
	_cleanup_journal_ struct journal j = { 0 };
	_cleanup_free_ char *copy = span_dup(text);
	char *rest = copy;

	if (!copy)
		return -ENOMEM;
	for (char *line; (line = strsep(&rest, "\n"));) {
		struct journal_entry e;

		if (parse_line(line, &e) && journal_add(&j, &e) < 0)
			return -ENOMEM;
	}
	*ret = j;
	j = (struct journal){ 0 };
	return 0;
}

int journal_read(const struct root *root, struct journal *ret)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = file_read(root, JOURNAL_PATH, JOURNAL_CAP, &text);

	return r < 0 && r != -ENOENT ? r : journal_parse(buf_span(&text), ret);
}

void journal_drop(struct journal *j, enum mok_list list, const uint8_t sha256[32])
{
	size_t kept = 0;

	for (size_t i = 0; i < j->n; i++) {
		if (j->items[i].list == list && memcmp(j->items[i].sha256, sha256, 32) == 0)
			free(j->items[i].name);
		else
			j->items[kept++] = j->items[i];
	}
	j->n = kept;
}

int journal_add(struct journal *j, const struct journal_entry *entry)
{
	struct journal_entry e = *entry;

	journal_drop(j, e.list, e.sha256);
	if (vec_room(&j->items, j->n, &j->cap) < 0)
		return -ENOMEM;
	e.name = strdup(entry->name);
	if (!e.name)
		return -ENOMEM;
	/* One line per entry, whatever the name holds. */
	for (char *s = e.name; *s; s++)
		if ((unsigned char)*s < ' ')
			*s = '?';
	j->items[j->n++] = e;
	return 0;
}

static bool is_open(const struct journal_entry *e)
{
	return e->state == JOURNAL_ASKED || e->state == JOURNAL_WITNESSED;
}

size_t journal_forget(struct journal *j, enum mok_list list, enum mok_action action)
{
	size_t kept = 0, before = j->n;

	for (size_t i = 0; i < j->n; i++) {
		if (j->items[i].list == list && j->items[i].action == action && is_open(&j->items[i]))
			free(j->items[i].name);
		else
			j->items[kept++] = j->items[i];
	}
	j->n = kept;
	return before - kept;
}

int journal_write(const struct root *root, const struct journal *j)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r;

	for (size_t i = 0; i < j->n; i++) {
		const struct journal_entry *e = &j->items[i];

		buf_addf(&text, "%s %s ", action_words[e->action], list_words[e->list]);
		hex_plain(span_of(e->sha256, sizeof(e->sha256)), &text);
		buf_addf(&text, " %s %s %s\n", e->boot_id, state_words[e->state], e->name);
	}
	r = buf_error(&text);
	if (r == 0)
		r = root_mkdirs(root, "/var/lib/kmodctl");
	return r < 0 ? r : file_generate(root, JOURNAL_PATH, PLACE_NAMED, buf_span(&text), 0600);
}

void journal_boot_id(const struct root *root, char ret[37])
{
	if (file_read_line(root, BOOT_ID, ret, 37) < 0)
		ret[0] = '\0';
}

enum mok_outcome mok_outcome(const struct journal_entry *e, const struct mok_sight *now)
{
	bool rebooted = strcmp(e->boot_id, now->boot_id) != 0;

	if (now->pending)
		return rebooted ? MOK_NOT_SHOWN : MOK_WAITS;
	if (!now->published)
		return MOK_UNTOLD;
	if (now->in_list == (e->action == MOK_ENROLL))
		return MOK_ACCEPTED;
	switch (e->state) {
	case JOURNAL_DONE:
		return MOK_UNDONE;
	case JOURNAL_VANISHED:
		return MOK_LOST;
	case JOURNAL_REFUSED:
		return MOK_NOT_ACCEPTED;
	default:
		break;
	}
	if (!rebooted)
		return MOK_TAKEN_BACK;
	return e->state == JOURNAL_WITNESSED && !now->witness ? MOK_LOST : MOK_NOT_ACCEPTED;
}

enum journal_state mok_outcome_state(const struct journal_entry *e, enum mok_outcome o)
{
	switch (o) {
	case MOK_ACCEPTED:
		return JOURNAL_DONE;
	case MOK_NOT_ACCEPTED:
		return JOURNAL_REFUSED;
	case MOK_TAKEN_BACK:
	case MOK_LOST:
		return JOURNAL_VANISHED;
	default:
		return e->state;
	}
}

const char *mok_outcome_text(enum mok_outcome o)
{
	static const char *const texts[] = {
		"waits for a reboot and for confirmation in MokManager",
		"never shown: the machine was rebooted, but MokManager did not start",
		"done",
		"refused: not confirmed in MokManager - no key was pressed in time, it was left, or "
		"the password was wrong",
		"vanished: the request is gone, though the machine was not rebooted",
		"vanished: the firmware has lost the request (variables reset?), so MokManager cannot have shown it",
		"vanished: it was done, but is no longer in effect, and that was not requested here "
		"(firmware variables reset?)",
		"unknown: this boot did not go through shim, and only shim publishes its lists",
	};

	return texts[o];
}

const char *mok_outcome_word(enum mok_outcome o)
{
	static const char *const words[] = {
		"waits", "not-shown", "done", "refused", "vanished", "vanished", "vanished", "unknown",
	};

	return words[o];
}
