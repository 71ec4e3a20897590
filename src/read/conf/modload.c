// SPDX-License-Identifier: MIT
#include "read/conf/modload.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/dropin.h"
#include "base/fileio.h"
#include "base/oom.h"
#include "base/paths.h"
#include "base/vec.h"
#include "read/conf/oddity.h"

#define FILE_CAP (1U << 20)
#define BLANKS " \t\r"
#define DEBIAN_LIST SYSCONFDIR "/modules"

struct reading {
	const struct root *root;
	struct diag *diag;
	struct modload *into;
};

const char *const modload_default_paths[] = {
	DROPIN_PATHS("modules-load.d"),
};

static void entry_done(struct modload_entry *e)
{
	free(e->name);
	free(e->options);
	free(e->file);
}

void modload_done(struct modload *m)
{
	for (size_t i = 0; i < m->n; i++)
		entry_done(&m->items[i]);
	free(m->items);
	*m = (struct modload){ 0 };
}

static int add_entry(struct modload *m, const char *name, size_t n, const char *options, const char *file,
		     unsigned line)
{
	struct modload_entry e = { strndup(name, n), options ? strdup(options) : NULL, strdup(file), line };

	if (!e.name || !e.file || (options && !e.options) || vec_room(&m->items, m->n, &m->cap) < 0) {
		entry_done(&e);
		return -ENOMEM;
	}
	m->items[m->n++] = e;
	return 0;
}

/* One line without its newline, NUL-terminated. Debian's list may have options after a name. */
static int read_line(const struct reading *at, char *line, const char *file, unsigned number, bool with_options)
{
	char *name = line + strspn(line, BLANKS), *options = NULL;
	size_t n = strlen(name);

	while (n > 0 && strchr(BLANKS, name[n - 1]))
		name[--n] = '\0';
	if (n == 0 || name[0] == '#' || name[0] == ';')
		return 0;
	if (with_options && strcspn(name, BLANKS) < n) {
		n = strcspn(name, BLANKS);
		options = name + n + strspn(name + n, BLANKS);
	}
	return add_entry(at->into, name, n, options, file, number);
}

static void look_at_line(struct oddity *odd, unsigned number, const char *line)
{
	const char *name = line + strspn(line, BLANKS);

	if (*name != '#' && *name != ';')
		oddity_line(odd, number, span_of_str(line));
}

/* As systemd-modules-load has it, a line ends at a newline, a carriage return or a NUL byte; CR LF is one end. */
static size_t end_of_line(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && text[i] != '\n' && text[i] != '\r' && text[i])
		i++;
	return i;
}

static int read_lines(const struct reading *at, struct buf *content, const char *file, bool with_options)
{
	struct oddity odd = { at->diag, file, ODDITY_NAMES, 0 };
	char *text = content->p, *end = text + content->n;

	oddity_begin(&odd, buf_span(content));
	for (unsigned number = 1; text < end; number++) {
		size_t n = end_of_line(text, (size_t)(end - text));
		bool is_pair = text + n + 1 < end && text[n] == '\r' && text[n + 1] == '\n';
		int r;

		text[n] = '\0';
		look_at_line(&odd, number, text);
		r = read_line(at, text, file, number, with_options);
		if (r < 0)
			return r;
		text += n + 1 + is_pair;
	}
	return 0;
}

static bool is_debian_list(const struct root *root, const char *path)
{
	struct stat list, st;

	return root_stat(root, DEBIAN_LIST, &list) == 0 && root_stat(root, path, &st) == 0 &&
	       st.st_dev == list.st_dev && st.st_ino == list.st_ino;
}

/* Reports and remembers a file that cannot be read. 0 or -ENOMEM, like everything that calls it. */
static int cannot_read(const struct reading *at, const char *path, int error)
{
	if (error == -ENOMEM)
		return error;
	diag_report(at->diag, LOG_ERR, "conf.modload", path, 0, "Failed to read '%s': %s", path, strerror(-error));
	if (at->into->error == 0)
		at->into->error = error;
	return 0;
}

static int read_file(const struct reading *at, const char *path)
{
	_cleanup_buf_ struct buf content = BUF_INIT;
	int r = file_read(at->root, path, FILE_CAP, &content);

	if (r < 0)
		return cannot_read(at, path, r);
	return read_lines(at, &content, path, is_debian_list(at->root, path));
}

/* The next word of the kernel command line, its quotes removed. 1, 0, -ENOMEM. */
static int cmdline_word(struct span *rest, struct buf *word)
{
	char quote = '\0';
	struct span byte;

	buf_clear(word);
	while (rest->n > 0 && isspace(rest->p[0]))
		span_take(rest, 1, &byte);
	if (rest->n == 0)
		return 0;
	while (span_take(rest, 1, &byte) == 0) {
		char c = (char)byte.p[0];

		if (!quote && isspace((unsigned char)c))
			break;
		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? '\0' : c;
		else
			buf_addc(word, c);
	}
	return buf_error(word) ? buf_error(word) : 1;
}

/* The value after the key, in which '-' and '_' are the same; NULL when the word has another key. */
static const char *key_value(const char *word, const char *key)
{
	for (; *key; key++, word++)
		if (*word != *key && !(*key == '_' && *word == '-'))
			return NULL;
	return *word == '=' ? word + 1 : NULL;
}

static int add_names(const struct reading *at, const char *list, const char *file)
{
	while (*list) {
		size_t n = strcspn(list, ",");

		if (n > 0 && add_entry(at->into, list, n, NULL, file, 0) < 0)
			return -ENOMEM;
		list += n + (list[n] == ',');
	}
	return 0;
}

/* rd.modules_load= counts only in an initramfs, which systemd recognizes by /etc/initrd-release. */
static int read_cmdline(const struct reading *at)
{
	static const char path[] = "/proc/cmdline";
	_cleanup_buf_ struct buf content = BUF_INIT, word = BUF_INIT;
	bool initramfs = root_exists(at->root, "/etc/initrd-release");
	struct span rest;
	int r = file_read(at->root, path, FILE_CAP, &content);

	if (r < 0)
		return only_oom(r);
	rest = buf_span(&content);
	while ((r = cmdline_word(&rest, &word)) > 0) {
		const char *value = key_value(buf_str(&word), "modules_load");

		if (!value && initramfs)
			value = key_value(buf_str(&word), "rd.modules_load");
		if (value && add_names(at, value, path) < 0)
			return -ENOMEM;
	}
	return r;
}

static int read_fragments(const struct reading *at)
{
	_cleanup_dropin_ struct dropin files = { 0 };
	bool debian_list = root_is_regular(at->root, DEBIAN_LIST);
	int r = dropin_collect(at->root, modload_default_paths, at->diag, &files);

	if (r < 0)
		return r;
	for (size_t i = 0; i < files.n; i++) {
		if (is_debian_list(at->root, files.items[i].path))
			debian_list = false;
		r = read_file(at, files.items[i].path);
		if (r < 0)
			return r;
	}
	return debian_list ? read_file(at, DEBIAN_LIST) : 0;
}

/* A file given by the user: a path, or a name in the default directories. */
static int read_named(const struct reading *at, const char *name)
{
	if (strchr(name, '/'))
		return read_file(at, name);
	for (const char *const *dir = modload_default_paths; *dir; dir++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", *dir, name) < 0)
			return -ENOMEM;
		if (root_exists(at->root, path))
			return read_file(at, path);
	}
	return cannot_read(at, name, -ENOENT);
}

int modload_read(const struct modload_request *req, struct diag *diag, struct modload *ret)
{
	_cleanup_modload_ struct modload m = { 0 };
	const struct reading at = { &req->root, diag, &m };
	int r = 0;

	if (!req->files) {
		r = read_cmdline(&at);
		if (r == 0)
			r = read_fragments(&at);
	}
	for (const char *const *file = req->files; r == 0 && file && *file; file++)
		r = read_named(&at, *file);
	if (r < 0)
		return r;
	*ret = m;
	m = (struct modload){ 0 };
	return 0;
}
