// SPDX-License-Identifier: MIT
#include "efi/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/hex.h"
#include "base/replace.h"

#define JOURNAL_CAP (1u << 20)
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static const char *const action_words[] = { "enrol", "delete" };
static const char *const list_words[] = { "keys", "blocked" };

void journal_done(struct journal *j)
{
	for (size_t i = 0; i < j->n; i++)
		free(j->items[i].name);
	free(j->items);
	*j = (struct journal){ 0 };
}

static int find_word(const char *const *words, const char *word, unsigned *ret)
{
	for (unsigned i = 0; i < 2; i++)
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

static int parse_line(char *line, struct journal *j)
{
	uint8_t sha256[32];
	unsigned action, list;
	const char *boot_id;

	if (find_word(action_words, strsep(&line, " "), &action) < 0 ||
	    find_word(list_words, strsep(&line, " "), &list) < 0 || parse_sha256(strsep(&line, " "), sha256) < 0)
		return 0;
	boot_id = strsep(&line, " ");
	if (!boot_id || strlen(boot_id) != 36 || !line)
		return 0;
	return journal_add(j, (enum mok_action)action, (enum mok_list)list, sha256, boot_id, line);
}

int journal_parse(struct span text, struct journal *ret)
{
	_cleanup_journal_ struct journal j = { 0 };
	_cleanup_free_ char *copy = span_dup(text);
	char *rest = copy;

	if (!copy)
		return -ENOMEM;
	for (char *line; (line = strsep(&rest, "\n"));)
		if (parse_line(line, &j) < 0)
			return -ENOMEM;
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

static void drop(struct journal *j, enum mok_list list, const uint8_t *sha256)
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

int journal_add(struct journal *j, enum mok_action action, enum mok_list list, const uint8_t sha256[32],
		const char *boot_id, const char *name)
{
	struct journal_entry e = { .action = action, .list = list };

	drop(j, list, sha256);
	if (vec_room(&j->items, j->n, &j->cap) < 0)
		return -ENOMEM;
	memcpy(e.sha256, sha256, sizeof(e.sha256));
	memcpy(e.boot_id, boot_id, strnlen(boot_id, sizeof(e.boot_id) - 1));
	e.name = strdup(name);
	if (!e.name)
		return -ENOMEM;
	/* One line per entry, whatever the name holds. */
	for (char *s = e.name; *s; s++)
		if ((unsigned char)*s < ' ')
			*s = '?';
	j->items[j->n++] = e;
	return 0;
}

int journal_write(const struct root *root, const struct journal *j)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r;

	for (size_t i = 0; i < j->n; i++) {
		const struct journal_entry *e = &j->items[i];

		buf_addf(&text, "%s %s ", action_words[e->action], list_words[e->list]);
		hex_plain(span_of(e->sha256, sizeof(e->sha256)), &text);
		buf_addf(&text, " %s %s\n", e->boot_id, e->name);
	}
	r = buf_error(&text);
	if (r == 0)
		r = root_mkdirs(root, "/var/lib/kmodctl");
	return r < 0 ? r : file_replace(root, JOURNAL_PATH, buf_span(&text), 0600);
}

void journal_boot_id(const struct root *root, char ret[37])
{
	if (file_read_line(root, BOOT_ID, ret, 37) < 0)
		ret[0] = '\0';
}

enum mok_outcome mok_outcome(const struct journal_entry *e, const char *boot_id, bool in_list, bool pending)
{
	bool rebooted = strcmp(e->boot_id, boot_id) != 0;

	if (pending)
		return rebooted ? MOK_NOT_SHOWN : MOK_WAITS;
	if (in_list == (e->action == MOK_ENROL))
		return MOK_ACCEPTED;
	return rebooted ? MOK_NOT_ACCEPTED : MOK_VANISHED;
}

const char *mok_outcome_text(enum mok_outcome o)
{
	static const char *const texts[] = {
		"waits for a reboot and for confirmation in MokManager",
		"never shown: the machine was rebooted, but MokManager did not start",
		"done",
		"refused: MokManager was left without confirming it, or the password was wrong",
		"vanished: the request is gone, though the machine was not rebooted",
	};

	return texts[o];
}
