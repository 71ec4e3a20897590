// SPDX-License-Identifier: MIT
/*
 * What is written in the configuration and not taken into account: files that this process may not read, lines that
 * begin with no directive, names behind the one that a blacklist line takes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/dropin.h"
#include "base/modname.h"
#include "base/nearest.h"
#include "base/oom.h"
#include "read/conf/lexer.h"
#include "read/conf/modload.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* ---- files and directories that cannot be read ---- */

/* -errno, as far as opening shows it. */
static int open_error(const struct root *root, const char *path)
{
	_cleanup_close_ int fd = root_open(root, path, O_RDONLY | O_NONBLOCK);

	return fd < 0 ? fd : 0;
}

static int tell_unreadable(struct subject *s, enum why_code code, const char *path)
{
	const struct policy_entry at = { .file = path };
	int error = open_error(&s->q->sys->root, path);
	int r = why_add(s->found, WHY_TROUBLE, code, &at, "%s cannot be read%s%s, and may say something about it", path,
			error ? ": " : "", error ? strerror(-error) : "");

	return r < 0 ? r : subject_fix_as_root(s);
}

static int tell_directories(struct subject *s, enum why_code code, const char *const *paths)
{
	int r = 0;

	for (size_t i = 0; paths[i] && r >= 0; i++) {
		int error = open_error(&s->q->sys->root, paths[i]);

		if (error < 0 && error != -ENOENT && error != -ENOTDIR)
			r = tell_unreadable(s, code, paths[i]);
	}
	return r;
}

static int tell_policy_file(struct subject *s, const char *path)
{
	const char *paths[] = { path, NULL };
	const struct policy_request request = { .root = s->q->sys->root, .paths = paths, .no_cmdline = true };
	_cleanup_(policy_free_p) struct policy *p = NULL;
	int r = policy_load(&request, NULL, &p);

	if (r < 0 || policy_check(p, NULL) == 0)
		return r;
	return tell_unreadable(s, WHY_CONFIG_UNREADABLE, path);
}

static int tell_list_file(struct subject *s, const char *path)
{
	const char *files[] = { path, NULL };
	const struct modload_request request = { .root = s->q->sys->root, .files = files };
	_cleanup_modload_ struct modload list = { 0 };
	int r = modload_read(&request, NULL, &list);

	return r < 0 || !list.error ? r : tell_unreadable(s, WHY_LIST_UNREADABLE, path);
}

static int tell_files(struct subject *s, const struct dropin *files, int (*tell)(struct subject *s, const char *path))
{
	int r = 0;

	for (size_t i = 0; i < files->n && r >= 0; i++)
		r = tell(s, files->items[i].path);
	return r;
}

/* ---- lines that are read, but not taken into account ---- */

static bool is_directive(const char *word)
{
	for (enum policy_kind kind = 0; kind < POLICY_N; kind++)
		if (strcmp(word, policy_kind_name(kind)) == 0)
			return true;
	return strcmp(word, "config") == 0 || strcmp(word, "include") == 0;
}

/* The directive that was meant, but for capitals or a slip; NULL: none. */
static const char *meant_directive(const char *word)
{
	const char *best = NULL;
	size_t least = 3;

	for (enum policy_kind kind = 0; kind < POLICY_N; kind++) {
		const char *name = policy_kind_name(kind);
		size_t d = nearest_distance(word, strlen(word), name, strlen(name));

		if (d < least) {
			least = d;
			best = name;
		}
	}
	return best;
}

/* Is the module among the rest of the words, before a remark? *ret: the word. */
static int names_module(const struct subject *s, char **at, const char **ret)
{
	const char *word;
	int r = 0;

	while (r == 0 && (word = lexer_name(at)) && *word != '#') {
		r = modname_equal(word, s->c->name) ? 1 : why_means(word, s->c->name);
		*ret = word;
	}
	return r;
}

static int tell_mark(struct subject *s, const struct policy_entry *at)
{
	int r = why_add(s->found, WHY_NOTE, WHY_LINE_MISSES, at,
			"this line is ignored, because a byte order mark stands before its first word");

	if (r >= 0)
		r = why_fix(s->found, "take the mark away, if %s is meant", s->c->name);
	return r < 0 ? r : remedy_delete_mark(s->found, &s->q->sys->root, at);
}

static int tell_no_directive(struct subject *s, const struct policy_entry *at, const char *word)
{
	const char *meant = meant_directive(word);
	int r;

	if (strncmp(word, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		return tell_mark(s, at);
	r = why_add(s->found, WHY_NOTE, WHY_LINE_MISSES, at, "this line is ignored, because '%s' is no directive",
		    word);
	if (r >= 0 && meant)
		r = why_fix(s->found, "write %s, if %s is meant", meant, s->c->name);
	else if (r >= 0)
		r = why_fix(s->found, "correct it, if %s is meant (modprobe.d(5))", s->c->name);
	return r < 0 || !meant ? r : remedy_replace_word(s->found, &s->q->sys->root, at, word, meant);
}

/* written: the name, as the line has it. */
static int tell_second_name(struct subject *s, const struct policy_entry *at, const char *written)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	int r = why_add(s->found, WHY_NOTE, WHY_LINE_MISSES, at,
			"this blacklist line does nothing for it, because it takes only its first name");

	if (r >= 0)
		r = why_fix(s->found, "write blacklist %s on a line of its own", s->c->name);
	buf_addf(&line, "\nblacklist %s", s->c->name);
	if (r >= 0)
		r = buf_error(&line);
	return r < 0 ? r : remedy_replace_word(s->found, &s->q->sys->root, at, written, buf_str(&line));
}

static int judge_line(void *data, const struct lexer_place *place, char *line)
{
	const struct policy_entry where = { .file = place->file, .line = place->line };
	struct subject *s = data;
	char *at = line;
	const char *word = lexer_name(&at), *name = NULL;
	int r;

	if (!word)
		return 0;
	if (!is_directive(word)) {
		r = names_module(s, &at, &name);
		return r <= 0 ? r : tell_no_directive(s, &where, word);
	}
	if (strcmp(word, "blacklist") != 0 || !lexer_name(&at))
		return 0;
	r = names_module(s, &at, &name);
	return r <= 0 ? r : tell_second_name(s, &where, name);
}

/* ---- both ---- */

static int look_at_policy(struct subject *s)
{
	const struct root *root = &s->q->sys->root;
	_cleanup_dropin_ struct dropin files = { 0 };
	int r = dropin_collect(root, policy_default_paths, NULL, &files);

	if (r >= 0 && policy_check(s->q->world->policy, NULL) < 0)
		r = tell_directories(s, WHY_CONFIG_UNREADABLE, policy_default_paths);
	if (r >= 0 && policy_check(s->q->world->policy, NULL) < 0)
		r = tell_files(s, &files, tell_policy_file);
	return r < 0 ? only_oom(r) : lexer_read_files(root, &files, NULL, judge_line, s);
}

static int look_at_lists(struct subject *s)
{
	const struct root *root = &s->q->sys->root;
	_cleanup_dropin_ struct dropin files = { 0 };
	int r = dropin_collect(root, modload_default_paths, NULL, &files);

	if (r >= 0)
		r = tell_directories(s, WHY_LIST_UNREADABLE, modload_default_paths);
	return r < 0 ? only_oom(r) : tell_files(s, &files, tell_list_file);
}

int why_ignored(struct subject *s)
{
	int r = look_at_policy(s);

	return r < 0 || s->c->path ? only_oom(r) : look_at_lists(s);
}
