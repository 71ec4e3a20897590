// SPDX-License-Identifier: MIT
/*
 * Lines of the configuration that were meant for the module and do nothing for it: the name has something in it that
 * looks like nothing, or that does not belong there, or the file is not read.
 */
#include <errno.h>
#include <string.h>

#include "base/dropin.h"
#include "base/modname.h"
#include "base/oom.h"
#include "base/optstring.h"
#include "base/printable.h"
#include "read/conf/modload.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define BLANKS " \t"

/* Blanks, marks and quotes that are no ASCII: U+0080 to U+00BF, U+2000 to U+206F, U+3000, U+FEFF. */
static bool is_decoration(const uint8_t *p, size_t n)
{
	return (n == 2 && p[0] == 0xc2) || (n == 3 && p[0] == 0xe2 && (p[1] == 0x80 || p[1] == 0x81)) ||
	       (n == 3 && (memcmp(p, "\xe3\x80\x80", 3) == 0 || memcmp(p, "\xef\xbb\xbf", 3) == 0));
}

/* U+2010 to U+2015 */
static bool is_dash(const uint8_t *p, size_t n)
{
	return n == 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] >= 0x90 && p[2] <= 0x95;
}

/* The name that was probably meant. -errno: none. */
static int meant_name(const char *written, char ret[static MODNAME_MAX])
{
	const char *slash = strrchr(written, '/');
	const uint8_t *p = (const uint8_t *)(slash ? slash + 1 : written), *end = p + strlen((const char *)p);
	_cleanup_buf_ struct buf name = BUF_INIT;

	while (p < end) {
		size_t n = printable_utf8(p, (size_t)(end - p));

		n = n ? n : 1;
		if (is_dash(p, n))
			buf_addc(&name, '_');
		else if (n > 1 ? !is_decoration(p, n) : *p > ' ' && *p != 0x7f && !strchr("\"',;", *p))
			buf_add(&name, p, n);
		p += n;
	}
	if (buf_error(&name))
		return buf_error(&name);
	if (!name.n)
		return -EINVAL;
	name.p[name.n - modname_extension(buf_str(&name))] = '\0';
	return modname_normalize(buf_str(&name), ret);
}

static int word_means(const char *word, const char *name)
{
	char meant[MODNAME_MAX];
	int r = meant_name(word, meant);

	return r >= 0 && strcmp(meant, name) == 0 ? 1 : only_oom(r);
}

/* In lists of modules to load at boot, whatever else is on the line counts as a part of the name. */
static int one_word_means(const char *written, const char *name)
{
	_cleanup_free_ char *copy = strpbrk(written, BLANKS) ? strdup(written) : NULL;
	char *at = copy, *word;
	int r = 0;

	if (!copy)
		return strpbrk(written, BLANKS) ? -ENOMEM : 0;
	while (r == 0 && (word = strsep(&at, BLANKS)))
		r = !*word || strchr(word, '=') ? 0 : modname_equal(word, name) ? 1 : word_means(word, name);
	return r;
}

int why_means(const char *written, const char *name)
{
	int r;

	if (!written || strcmp(written, name) == 0)
		return 0;
	r = word_means(written, name);
	return r != 0 ? r : one_word_means(written, name);
}

static int tell_line(struct subject *s, const struct policy_entry *e, const char *written)
{
	int r = why_means(written, s->c->name);

	if (r <= 0)
		return r;
	r = why_add(s->found, WHY_NOTE, WHY_LINE_MISSES, e, "this %s line does nothing for it, because it names '%s'",
		    policy_kind_name(e->kind), written);
	if (r >= 0)
		r = why_fix(s->found, "write %s, if it is meant", s->c->name);
	return r < 0 ? r : remedy_replace_word(s->found, &s->q->sys->root, e, written, s->c->name);
}

static int tell_lines(struct subject *s, const struct policy *p)
{
	int r = 0;

	for (enum policy_kind kind = 0; kind < POLICY_N && r >= 0; kind++)
		for (size_t i = 0; i < policy_count(p, kind) && r >= 0; i++) {
			const struct policy_entry *e = policy_get(p, kind, i);

			r = tell_line(s, e, kind == POLICY_ALIAS ? e->value : e->name);
		}
	return r;
}

/* The first line of the file that is about the module. */
static const struct policy_entry *first_about(const struct policy *p, const char *name)
{
	for (enum policy_kind kind = 0; kind < POLICY_N; kind++)
		for (size_t i = 0; i < policy_count(p, kind); i++) {
			const struct policy_entry *e = policy_get(p, kind, i);

			if (strcmp(kind == POLICY_ALIAS ? e->value : e->name, name) == 0)
				return e;
		}
	return NULL;
}

static int tell_unread(struct subject *s, const char *path)
{
	const char *paths[] = { path, NULL };
	const struct policy_request request = { .root = s->q->sys->root, .paths = paths, .no_cmdline = true };
	_cleanup_(policy_free_p) struct policy *p = NULL;
	const struct policy_entry *e;
	int r = policy_load(&request, NULL, &p);

	e = r < 0 ? NULL : first_about(p, s->c->name);
	if (!e)
		return r;
	r = why_add(s->found, WHY_NOTE, WHY_FILE_UNREAD, e,
		    "the name of this file keeps it from being read, so that its %s line does nothing",
		    policy_kind_name(e->kind));
	if (r >= 0)
		r = why_fix(s->found, "rename it to NAME.conf, if it is meant");
	return r < 0 ? r : remedy_rename(s->found, path);
}

static int tell_unread_list(struct subject *s, const char *path)
{
	const char *files[] = { path, NULL };
	const struct modload_request request = { .root = s->q->sys->root, .files = files };
	_cleanup_modload_ struct modload list = { 0 };
	int r = modload_read(&request, NULL, &list), named = 0;
	size_t at = 0;

	while (r >= 0 && !named && at < list.n) {
		const char *name = list.items[at++].name;

		named = modname_equal(name, s->c->name) ? 1 : why_means(name, s->c->name);
	}
	if (r < 0 || named <= 0)
		return r < 0 ? r : named;
	const struct policy_entry where = { .file = path, .line = list.items[at - 1].line };

	r = why_add(s->found, WHY_NOTE, WHY_FILE_UNREAD, &where,
		    "the name of this file keeps it from being read, so that it loads nothing at boot");
	if (r >= 0)
		r = why_fix(s->found, "rename it to NAME.conf, if it is meant");
	return r < 0 ? r : remedy_rename(s->found, path);
}

static int tell_unread_files(struct subject *s, const char *const *paths,
			     int (*tell)(struct subject *s, const char *path))
{
	_cleanup_strv_ struct strv unread = { 0 };
	int r = dropin_unread(&s->q->sys->root, paths, &unread);

	for (size_t i = 0; i < unread.n && r >= 0; i++)
		r = tell(s, unread.items[i]);
	return r;
}

/* ---- module_blacklist= ---- */

static int tell_replaced(struct subject *s, const struct policy_entry *at)
{
	int r = why_add(s->found, WHY_NOTE, WHY_LINE_MISSES, at,
			"the module_blacklist= that names it does nothing: only the last one on the kernel command"
			" line counts");

	return r < 0 ? r : why_fix(s->found, "put all names into one list, if it is meant: module_blacklist=A,B");
}

static int tell_oversized(struct subject *s, const struct policy_entry *at)
{
	int r = why_add(s->found, WHY_NOTE, WHY_LINE_MISSES, at,
			"the module_blacklist= that names it does nothing: the kernel ignores a list of more than %d"
			" bytes",
			OPTION_STRING_MAX);

	return r < 0 ? r :
		       why_fix(s->found,
			       "shorten the list, if it is meant, or write `install %s /bin/false` in /etc/modprobe.d",
			       s->c->name);
}

static int tell_misspelled(struct subject *s, const struct policy_entry *at, const char *written)
{
	int r = why_add(s->found, WHY_NOTE, WHY_LINE_MISSES, at,
			"module_blacklist= on the kernel command line does nothing for it, because it names '%s': the"
			" kernel compares names as they are written",
			written);

	return r < 0 ? r : why_fix(s->found, "write %s, if it is meant", s->c->name);
}

static int tell_lists(struct subject *s)
{
	const struct policy_entry at = { .file = "/proc/cmdline" };
	const struct lockstate *l;
	int r = subject_lock(s, &l);

	if (r < 0 || lockstate_is_blacklisted(l, s->c->name))
		return r;
	if (strv_has(&l->replaced, s->c->name))
		return tell_replaced(s, &at);
	if (strv_has(&l->oversized, s->c->name))
		return tell_oversized(s, &at);
	for (size_t i = 0; i < l->blacklist.n; i++) {
		r = modname_equal(l->blacklist.items[i], s->c->name) ? 1 : why_means(l->blacklist.items[i], s->c->name);
		if (r != 0)
			return r < 0 ? r : tell_misspelled(s, &at, l->blacklist.items[i]);
	}
	return 0;
}

int why_misread(struct subject *s)
{
	int r = s->q->world->policy ? tell_lines(s, s->q->world->policy) : 0;

	if (r >= 0)
		r = tell_lists(s);
	if (r >= 0)
		r = tell_unread_files(s, policy_default_paths, tell_unread);
	return r < 0 ? r : tell_unread_files(s, modload_default_paths, tell_unread_list);
}
