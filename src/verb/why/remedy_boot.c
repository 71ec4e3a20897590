// SPDX-License-Identifier: MIT
#ifndef KMODCTL_SMALL
/*
 * The kernel command line, where the boot loader has it from: a file of the distribution that has the very item that
 * /proc/cmdline shows, with the tool that makes the boot loader's own file of it.
 */
#include "verb/why/remedy.h"

#include <errno.h>
#include <string.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/optstring.h"
#include "base/program.h"
#include "base/shellword.h"

#define FILE_MAX (1u << 20)
#define CMDLINE_MAX (64u << 10)

/* A file in which the item may stand, and what is to be run when it has changed; tool NULL: nothing. */
static const struct {
	const char *file, *tool, *run;
} places[] = {
	{ "/etc/default/grub", "update-grub", "update-grub" },
	{ "/etc/default/grub", "grub2-mkconfig", "grub2-mkconfig -o /boot/grub2/grub.cfg" },
	{ "/etc/default/grub", "grub-mkconfig", "grub-mkconfig -o /boot/grub/grub.cfg" },
	{ "/boot/firmware/cmdline.txt", NULL, NULL },
	{ "/boot/cmdline.txt", NULL, NULL },
};

/* An item of the command line, PARAMETER=A,B,..., and what is left of it without a name. */
struct item {
	struct buf old, left; /* left is empty: nothing */
};

static void item_done(struct item *x)
{
	buf_done(&x->old);
	buf_done(&x->left);
}

/* Names with '-' and '_' are the same. */
static bool is_name(struct span word, const char *name)
{
	_cleanup_free_ char *copy = span_dup(word);

	return copy && modname_equal(copy, name);
}

/* Whether the list has the name; the others of it go to *left. */
static bool take_out(struct span list, const char *name, struct buf *left)
{
	bool found = false;

	while (list.n > 0) {
		const uint8_t *comma = memchr(list.p, ',', list.n);
		size_t n = comma ? (size_t)(comma - list.p) : list.n;
		struct span word = span_of(list.p, n);

		if (is_name(word, name)) {
			found = true;
		} else {
			buf_adds(left, left->n ? "," : "");
			buf_add(left, word.p, word.n);
		}
		n += comma != NULL;
		list = span_of(list.p + n, list.n - n);
	}
	return found;
}

/* read/kernel/lockstate.h */
static bool is_ignored(const char *parameter, size_t n)
{
	return n > OPTION_STRING_MAX && strcmp(parameter, "module_blacklist") == 0;
}

static int take_item(struct span word, struct span list, const char *name, struct item *ret)
{
	_cleanup_buf_ struct buf left = BUF_INIT;

	if (!take_out(list, name, &left))
		return buf_error(&left);
	buf_clear(&ret->old);
	buf_clear(&ret->left);
	buf_add(&ret->old, word.p, word.n);
	buf_adds(&ret->left, buf_str(&left));
	return buf_error(&left) || buf_error(&ret->old) || buf_error(&ret->left) ? -ENOMEM : 1;
}

/* 1: the last item that has the name: of several module_blacklist= that one counts. 0: none. -ENOMEM. */
static int find_item(struct span line, const char *parameter, const char *name, struct item *ret)
{
	size_t len = strlen(parameter);
	int found = 0;

	while (line.n > 0) {
		size_t n = 0;
		int r = 0;

		while (n < line.n && !strchr(" \t\n", line.p[n]))
			n++;
		if (n > len && memcmp(line.p, parameter, len) == 0 && line.p[len] == '=' &&
		    !is_ignored(parameter, n - len - 1))
			r = take_item(span_of(line.p, n), span_of(line.p + len + 1, n - len - 1), name, ret);
		if (r < 0)
			return r;
		found |= r;
		n += n < line.n;
		line = span_of(line.p + n, line.n - n);
	}
	return found;
}

/* The script for sed(1): the item, where it ends like a word, with what is left of it in its place. */
static void add_script(struct buf *into, const struct item *x, const char *parameter)
{
	buf_adds(into, x->left.n ? "s/" : "s/ *");
	remedy_add_literal(into, buf_span(&x->old));
	buf_adds(into, "\\([^[:alnum:]_,-]\\|$\\)/");
	if (x->left.n) {
		remedy_add_literal(into, span_of_str(parameter));
		buf_addc(into, '=');
		remedy_add_literal(into, buf_span(&x->left));
	}
	buf_adds(into, "\\1/");
}

static int edit_file(struct why *w, size_t place, const char *script)
{
	const char *const argv[] = { "sed", "-i", script, places[place].file, NULL };
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (!places[place].run)
		return why_command_argv(w, argv);
	shellword_join(&line, argv);
	buf_addf(&line, " && %s", places[place].run);
	return buf_error(&line) ? -ENOMEM : why_command(w, "sh", "-c", buf_str(&line));
}

/* 1: a file has it, and the command is there. 0: none. -ENOMEM. */
static int by_file(struct why *w, const struct root *root, const struct item *x, const char *parameter)
{
	_cleanup_buf_ struct buf script = BUF_INIT;

	add_script(&script, x, parameter);
	for (size_t i = 0; i < ELEMENTSOF(places) && !buf_error(&script); i++) {
		_cleanup_buf_ struct buf text = BUF_INIT;
		int r;

		if ((places[i].tool && !program_is_installed(root, places[i].tool)) ||
		    file_read_regular(root, places[i].file, FILE_MAX, &text) < 0 ||
		    !memmem(text.p, text.n, x->old.p, x->old.n))
			continue;
		r = edit_file(w, i, buf_str(&script));
		return r < 0 ? r : 1;
	}
	return buf_error(&script);
}

/* Fedora's tool for boot entries. */
static int by_grubby(struct why *w, const struct root *root, const struct item *x, const char *parameter)
{
	_cleanup_buf_ struct buf away = BUF_INIT, instead = BUF_INIT;

	if (!program_is_installed(root, "grubby"))
		return 0;
	buf_addf(&away, "--remove-args=%s", buf_str(&x->old));
	buf_addf(&instead, "--args=%s=%s", parameter, buf_str(&x->left));
	if (buf_error(&away) || buf_error(&instead))
		return -ENOMEM;
	return x->left.n ? why_command(w, "grubby", "--update-kernel=ALL", buf_str(&away), buf_str(&instead)) :
			   why_command(w, "grubby", "--update-kernel=ALL", buf_str(&away));
}

int remedy_boot_argument(struct why *w, const struct root *root, const char *parameter, const char *name)
{
	_cleanup_(item_done) struct item x = { 0 };
	_cleanup_buf_ struct buf line = BUF_INIT;
	int r = file_read(root, "/proc/cmdline", CMDLINE_MAX, &line);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = find_item(buf_span(&line), parameter, name, &x);
	if (r <= 0)
		return r;
	r = by_file(w, root, &x, parameter);
	return r != 0 ? (r < 0 ? r : 0) : by_grubby(w, root, &x, parameter);
}
#endif
