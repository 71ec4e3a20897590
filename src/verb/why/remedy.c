// SPDX-License-Identifier: MIT
#ifndef KMODCTL_SMALL
#include "verb/why/remedy.h"

#include <errno.h>
#include <string.h>

#include "base/fileio.h"
#include "base/paths.h"
#include "base/program.h"
#include "base/shellword.h"
#include "read/kernel/live.h"
#include "verb/why/distro.h"

#define FILE_MAX (1u << 20)
#define WORDS_MAX 8 /* of the command of a package manager */

static int use(struct why *w, const struct strv *words)
{
	const char *argv[WORDS_MAX + 1] = { NULL };

	for (size_t i = 0; i < words->n && i < WORDS_MAX; i++)
		argv[i] = words->items[i];
	return words->n ? why_command_argv(w, argv) : 0;
}

/* ---- lines ---- */

/* Where the physical line begins; NULL: there are not so many. */
static const char *line_at(const struct buf *text, unsigned line)
{
	const char *p = text->p, *end = p + text->n;

	while (p && p < end && --line > 0) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	return p && p < end ? p : NULL;
}

/* Ends the physical line before this place in a backslash that joins the two? An escaped one does not. */
static bool is_joined(const struct buf *text, const char *at)
{
	size_t n = 0;

	for (const char *p = at - 1; p > text->p && p[-1] == '\\'; p--)
		n++;
	return n % 2 == 1;
}

/* The first physical line of the logical one that ends in this line; 0: there is none. */
static unsigned first_line(const struct buf *text, unsigned line)
{
	const char *at = line ? line_at(text, line) : NULL;

	while (at && line > 1 && is_joined(text, at))
		at = line_at(text, --line);
	return at ? line : 0;
}

static bool is_of_administrator(const char *file)
{
	return strncmp(file, SYSCONFDIR "/", strlen(SYSCONFDIR "/")) == 0;
}

/* The directory of drop-ins and the file in it: "modprobe.d/x.conf". NULL: it is not in one. */
static const char *name_in_dropins(const char *file)
{
	const char *slash = strrchr(file, '/'), *dir = slash ? memrchr(file, '/', (size_t)(slash - file)) : NULL;

	return dir && slash - dir > 3 && memcmp(slash - 2, ".d", 2) == 0 && !strchr(file, '\n') ? dir + 1 : NULL;
}

/* sed(1) writes the lines to the file behind "w". command: what it does with them, but for that. */
static int edit_copy(struct why *w, const char *command, const char *file)
{
	_cleanup_buf_ struct buf script = BUF_INIT;
	const char *name = name_in_dropins(file);

	if (!name)
		return 0;
	buf_addf(&script, "%sw " SYSCONFDIR "/%s", command, name);
	return buf_error(&script) ? -ENOMEM : why_command(w, "sed", "-n", buf_str(&script), file);
}

/* The smaller, the more it decides. */
static int rank(const struct why_finding *f)
{
	return f->weight == WHY_OBSTACLE ? (int)f->scope : WHY_OF_BOOT + 1 + (WHY_OBSTACLE - (int)f->weight);
}

/*
 * May the last finding's command write the file? Not beside that of another one: behind a line that is deleted the
 * numbers are others, and of two copies the second would replace the first. It takes the command from a finding that
 * decides less.
 */
static bool claim_file(struct why *w, const char *file)
{
	for (size_t i = 0; i + 1 < w->n; i++) {
		const char *const *c = w->items[i].command;

		if (!c || strcmp(c[0], "sed") != 0 || strcmp(c[3], file) != 0 ||
		    (is_of_administrator(file) && c[2][strlen(c[2]) - 1] != 'd'))
			continue;
		if (rank(&w->items[w->n - 1]) >= rank(&w->items[i]))
			return false;
		w->items[i].command = NULL;
	}
	return true;
}

/* 1: *ret has the file, and its physical lines that make up the logical one are those from *ret_first on. */
static int read_lines(struct why *w, const struct root *root, const struct policy_entry *at, struct buf *ret,
		      unsigned *ret_first)
{
	if (!at->line || at->file[0] != '/' || !claim_file(w, at->file))
		return 0;
	if (file_read_regular(root, at->file, FILE_MAX, ret) < 0)
		return buf_error(ret) == -ENOMEM ? -ENOMEM : 0;
	*ret_first = first_line(ret, at->line);
	return *ret_first > 0;
}

int remedy_delete_line(struct why *w, const struct root *root, const struct policy_entry *at)
{
	_cleanup_buf_ struct buf text = BUF_INIT, script = BUF_INIT;
	bool in_place = is_of_administrator(at->file);
	unsigned first;
	int r = read_lines(w, root, at, &text, &first);

	if (r <= 0)
		return r;
	buf_addf(&script, "%u", first);
	if (first < at->line)
		buf_addf(&script, ",%u", at->line);
	buf_addc(&script, in_place ? 'd' : '!');
	if (buf_error(&script))
		return -ENOMEM;
	return in_place ? why_command(w, "sed", "-i", buf_str(&script), at->file) :
			  edit_copy(w, buf_str(&script), at->file);
}

void remedy_add_literal(struct buf *into, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (strchr("\\.*[]^$/&\n", text.p[i]))
			buf_addc(into, '\\');
		buf_addc(into, text.p[i] == '\n' ? 'n' : (char)text.p[i]);
	}
}

static bool same_bytes(struct span a, struct span b)
{
	for (size_t i = 0; i < a.n && a.n == b.n; i++)
		if (a.p[i] != b.p[i] && !(strchr("-_", a.p[i]) && strchr("-_", b.p[i])))
			return false;
	return a.n == b.n;
}

/*
 * The word as it stands in that line: '-' and '_' are the same. No bytes: it does not stand there as one word, or only
 * without a backslash.
 */
static struct span find_word(const struct buf *text, unsigned line, struct span word)
{
	const char *at = line_at(text, line), *end = text->p + text->n;
	const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;

	for (const char *p = at; p + word.n <= stop; p++) {
		struct span here = span_of(p, word.n);

		if ((p == at || strchr(" \t", p[-1])) && (p + word.n == stop || strchr(" \t", p[word.n])) &&
		    same_bytes(here, word))
			return here;
	}
	return span_of(NULL, 0);
}

/* with: empty: the blank before it goes as well. */
static void add_substitution(struct buf *script, const struct buf *text, unsigned line, struct span word,
			     struct span with)
{
	bool first = word.p == (const uint8_t *)line_at(text, line);

	buf_addf(script, "%us/%s", line, first ? "^" : "\\([[:blank:]]\\)");
	remedy_add_literal(script, word);
	buf_addf(script, "\\([[:blank:]]\\|$\\)/%s", with.n && !first ? "\\1" : "");
	remedy_add_literal(script, with);
	buf_adds(script, first ? "\\1/" : "\\2/");
}

/* Carries the script for sed(1) out on the file, or on a copy of one that a package owns. */
static int edit(struct why *w, const char *file, const struct buf *script)
{
	_cleanup_buf_ struct buf copy = BUF_INIT;

	if (buf_error(script))
		return -ENOMEM;
	if (is_of_administrator(file))
		return why_command(w, "sed", "-i", buf_str(script), file);
	buf_addf(&copy, "%s;", buf_str(script));
	return buf_error(&copy) ? -ENOMEM : edit_copy(w, buf_str(&copy), file);
}

static int replace_word(struct why *w, const struct root *root, const struct policy_entry *at, struct span word,
			struct span with)
{
	_cleanup_buf_ struct buf text = BUF_INIT, script = BUF_INIT;
	unsigned first;
	int r = read_lines(w, root, at, &text, &first);

	if (r <= 0 || first < at->line)
		return r < 0 ? r : 0;
	word = find_word(&text, at->line, word);
	if (!word.n)
		return 0;
	add_substitution(&script, &text, at->line, word, with);
	return edit(w, at->file, &script);
}

int remedy_delete_option(struct why *w, const struct root *root, const struct policy_entry *at, struct span word)
{
	if (!word.n)
		return 0;
	if (at->value && span_eq(word, span_of_str(at->value)))
		return remedy_delete_line(w, root, at);
	return replace_word(w, root, at, word, span_of(NULL, 0));
}

int remedy_replace_word(struct why *w, const struct root *root, const struct policy_entry *at, const char *word,
			const char *with)
{
	return replace_word(w, root, at, span_of_str(word), span_of_str(with));
}

/* The whole line by a script, if it is one line. */
static int change_line(struct why *w, const struct root *root, const struct policy_entry *at, const struct buf *script)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	unsigned first;
	int r = read_lines(w, root, at, &text, &first);

	return r <= 0 || first < at->line ? (r < 0 ? r : 0) : edit(w, at->file, script);
}

int remedy_set_line(struct why *w, const struct root *root, const struct policy_entry *at, const char *text)
{
	_cleanup_buf_ struct buf script = BUF_INIT;

	buf_addf(&script, "%us/.*/", at->line);
	remedy_add_literal(&script, span_of_str(text));
	buf_addc(&script, '/');
	return change_line(w, root, at, &script);
}

int remedy_delete_mark(struct why *w, const struct root *root, const struct policy_entry *at)
{
	_cleanup_buf_ struct buf script = BUF_INIT;

	buf_addf(&script, "%us/^\\xEF\\xBB\\xBF//", at->line);
	return change_line(w, root, at, &script);
}

int remedy_rename(struct why *w, const char *file)
{
	_cleanup_buf_ struct buf name = BUF_INIT;

	buf_addf(&name, "%s.conf", file);
	return buf_error(&name) ? -ENOMEM : why_command(w, "mv", file, buf_str(&name));
}

/* Files are read by their names, whatever their directories. */
static bool is_read_before(const char *name, const struct policy_entry *line)
{
	const char *slash = strrchr(line->file, '/');

	return strcmp(name, slash ? slash + 1 : line->file) < 0;
}

int remedy_deny(struct why *w, const char *module, const struct policy_entry *first)
{
	static const char *const names[] = { "", "00-" };

	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		_cleanup_buf_ struct buf name = BUF_INIT, line = BUF_INIT;

		buf_addf(&name, "%s%s.conf", names[i], module);
		buf_addf(&line, "echo install %s /bin/false >>" SYSCONFDIR "/modprobe.d/%s", module, buf_str(&name));
		if (buf_error(&name) || buf_error(&line))
			return -ENOMEM;
		if (!first || is_read_before(buf_str(&name), first))
			return why_command(w, "sh", "-c", buf_str(&line));
	}
	return 0;
}

/* ---- packages ---- */

int remedy_modules(struct why *w, const struct root *root, const char *release, bool has_some)
{
	_cleanup_strv_ struct strv words = { 0 };
	int r = distro_modules(root, has_some ? DISTRO_MORE_MODULES : DISTRO_KERNEL_MODULES, release, NULL, &words);

	return r < 0 ? r : use(w, &words);
}

/* What is not below kernel/ comes from elsewhere. */
int remedy_file(struct why *w, const struct root *root, const char *release, const char *path)
{
	_cleanup_strv_ struct strv words = { 0 };
	_cleanup_buf_ struct buf tree = BUF_INIT;
	int r;

	buf_addf(&tree, RELEASES_DIR "/%s/kernel/", release);
	if (buf_error(&tree))
		return -ENOMEM;
	if (strncmp(path, buf_str(&tree), tree.n) != 0)
		return 0;
	r = distro_modules(root, DISTRO_SAME_MODULES, release, path, &words);
	return r < 0 ? r : use(w, &words);
}

int remedy_headers(struct why *w, const struct root *root, const char *release)
{
	_cleanup_strv_ struct strv words = { 0 };
	int r = distro_headers(root, release, &words);

	return r < 0 ? r : use(w, &words);
}

int remedy_firmware(struct why *w, const struct root *root, const char *file)
{
	_cleanup_strv_ struct strv words = { 0 };
	int r = distro_firmware(root, file, &words);

	return r < 0 ? r : use(w, &words);
}

/* ---- what is loaded ---- */

int remedy_initramfs(struct why *w, const struct root *root, const char *release)
{
	if (program_is_installed(root, "update-initramfs"))
		return why_command(w, "update-initramfs", "-u", "-k", release);
	if (program_is_installed(root, "dracut"))
		return why_command(w, "dracut", "--force", "--kver", release);
	if (program_is_installed(root, "mkinitcpio"))
		return why_command(w, "mkinitcpio", "-P");
	return 0;
}

int remedy_reload(struct why *w, const struct root *root, const char *release, const char *module)
{
	int count;

	if (live_refcnt_of(root, module, &count) >= 0 && count > 0)
		return remedy_initramfs(w, root, release);
	return why_command(w, "kmodctl", "reload", module);
}

/* ---- by the shell ---- */

int remedy_use_copy(struct why *w, const char *release, const char *path)
{
	_cleanup_buf_ struct buf line = BUF_INIT, away = BUF_INIT;

	buf_addf(&away, "%s.old", path);
	buf_adds(&line, "mv ");
	shellword_add(&line, path);
	buf_addc(&line, ' ');
	shellword_add(&line, buf_str(&away));
	buf_adds(&line, " && depmod -a ");
	shellword_add(&line, release);
	return buf_error(&away) || buf_error(&line) ? -ENOMEM : why_command(w, "sh", "-c", buf_str(&line));
}

int remedy_recompress(struct why *w, const char *path)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	size_t n = strlen(path);

	if (n < 4 || strcmp(path + n - 3, ".xz") != 0)
		return 0;
	_cleanup_free_ char *unpacked = strndup(path, n - 3);

	if (!unpacked)
		return -ENOMEM;
	buf_adds(&line, "xz -d ");
	shellword_add(&line, path);
	buf_adds(&line, " && xz --check=crc32 --lzma2=dict=1MiB ");
	shellword_add(&line, unpacked);
	return buf_error(&line) ? -ENOMEM : why_command(w, "sh", "-c", buf_str(&line));
}

/* The shell opens the file. */
int remedy_unbind(struct why *w, const char *bus, const char *driver, const char *device)
{
	_cleanup_buf_ struct buf path = BUF_INIT, line = BUF_INIT;

	buf_addf(&path, "/sys/bus/%s/drivers/%s/unbind", bus, driver);
	buf_adds(&line, "echo ");
	shellword_add(&line, device);
	buf_adds(&line, " >");
	shellword_add(&line, buf_str(&path));
	return buf_error(&path) || buf_error(&line) ? -ENOMEM : why_command(w, "sh", "-c", buf_str(&line));
}
#endif
