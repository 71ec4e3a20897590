// SPDX-License-Identifier: MIT
#include "face/common/display.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/printable.h"
#include "base/shellword.h"
#include "face/common/flow.h"
#include "face/common/report.h"
#include "face/common/say.h"

/* ---- options ---- */

static int set(struct env *env, int id, const char *arg)
{
	static const char *const words[] = {
		[DISPLAY_AUTO] = "auto", [DISPLAY_ALWAYS] = "always", [DISPLAY_NEVER] = "never"
	};
	_cleanup_buf_ struct buf hint = BUF_INIT;

	if (id == DISPLAY_NO_PAGER) {
		env->display->no_pager = true;
		return 0;
	}
	for (size_t i = 0; i < ELEMENTSOF(words); i++)
		if (strcmp(arg, words[i]) == 0) {
			env->display->color_when = i;
			return 0;
		}
	nearest_among(arg, strlen(arg), words, sizeof(words[0]), ELEMENTSOF(words), &hint);
	report_error(env, "cli.color", "unknown word '%s' for --color%s", arg, buf_str(&hint));
	return -EINVAL;
}

static bool is_dumb(void)
{
	const char *term = getenv("TERM");

	return !term || !*term || strcmp(term, "dumb") == 0;
}

/* https://no-color.org: set, and not empty. */
static bool is_colorless(void)
{
	const char *no_color = getenv("NO_COLOR");

	return (no_color && *no_color) || is_dumb();
}

/*
 * Does the user's locale have UTF-8? What is printed is UTF-8 in any case, so that widths are counted by it; classes
 * and cases of letters stay those of C, on which parsers rely (in Turkish the lower case of I is not i).
 */
static bool set_charset(void)
{
	bool is_utf8 = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

	setlocale(LC_CTYPE, "C.UTF-8");
	return is_utf8;
}

static void look_at_terminal(struct display *d)
{
	int fd = fileno(d->env->out);
	struct winsize size;

	d->is_utf8 = set_charset();
	if (fd < 0 || !isatty(fd))
		return;
	if (ioctl(fd, TIOCGWINSZ, &size) == 0) {
		d->columns = size.ws_col;
		d->rows = size.ws_row;
	}
	d->symbols = d->is_utf8 && !is_dumb();
	d->colors = !is_colorless();
}

/* ---- the stream ---- */

static const char *color_of(char byte)
{
	static const char *const codes[LOOKS] = {
		[LOOK_PLAIN] = "\033[0m", [LOOK_HEAD] = "\033[1m",   [LOOK_GOOD] = "\033[32m",
		[LOOK_WARN] = "\033[33m", [LOOK_BAD] = "\033[1;31m", [LOOK_COMMAND] = "\033[1m",
	};

	return codes[(unsigned char)byte];
}

/* Looks become colors, or nothing. */
static int dress(const struct display *d, struct span line, struct buf *into)
{
	for (size_t i = 0; i < line.n; i++) {
		char c = (char)line.p[i];

		if (c < LOOK_PLAIN || c >= LOOKS)
			buf_addc(into, c);
		else if (d->colors)
			buf_adds(into, color_of(c));
	}
	return buf_error(into);
}

static int show(struct display *d, struct span text)
{
	int r;

	if (d->collects)
		return buf_add(&d->text, text.p, text.n);
	if (fwrite(text.p, 1, text.n, d->real) == text.n && fflush(d->real) == 0)
		return 0;
	r = -errno;
	/* Who gets this error reports it: nobody is to try the same text again. */
	__fpurge(d->real);
	clearerr(d->real);
	return r;
}

static int show_line(struct display *d)
{
	_cleanup_buf_ struct buf broken = BUF_INIT, dressed = BUF_INIT;
	int r = flow_line(buf_span(&d->line), d->columns, &broken);

	if (r == 0)
		r = dress(d, buf_span(&broken), &dressed);
	if (r == 0)
		r = show(d, buf_span(&dressed));
	buf_clear(&d->line);
	return r;
}

static ssize_t take(void *cookie, const char *text, size_t n)
{
	struct display *d = cookie;
	int r = 0;

	for (size_t i = 0, len; i < n && r == 0; i += len) {
		const char *end = memchr(text + i, '\n', n - i);

		len = end ? (size_t)(end - text) + 1 - i : n - i;
		r = buf_add(&d->line, text + i, len);
		if (r == 0 && end)
			r = show_line(d);
	}
	if (r == 0)
		return (ssize_t)n;
	errno = -r;
	return 0;
}

static void open_stream(struct env *env, bool collects)
{
	struct display *d = env->display;
	const struct report *r = env->sys.diag.data;
	FILE *out;

	if (!d || d->real || (r && r->as_json) || fflush(env->out) != 0)
		return;
	out = fopencookie(d, "w", (cookie_io_functions_t){ .write = take });
	if (!out)
		return;
	if (d->color_when != DISPLAY_AUTO)
		d->colors = d->color_when == DISPLAY_ALWAYS;
	d->collects = collects && d->columns && !d->no_pager && !is_dumb() && pager_start(&d->pager) == 1;
	setvbuf(out, NULL, d->columns ? _IOLBF : _IOFBF, BUFSIZ);
	d->real = env->out;
	env->out = out;
}

void display_page(struct env *env)
{
	open_stream(env, true);
}

void display_stream(struct env *env)
{
	open_stream(env, false);
}

void display_init(struct display *d, struct env *env)
{
	*d = (struct display){ .env = env, .set = set, .page = display_page, .line = BUF_INIT, .text = BUF_INIT };
	look_at_terminal(d);
	env->display = d;
}

static size_t count_lines(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* What was collected: through the pager if it is longer than the screen, which keeps a line for the prompt. */
static int show_text(struct display *d)
{
	struct span text = buf_span(&d->text);
	bool is_long = count_lines(text) >= d->rows;
	int r = pager_finish(&d->pager, is_long ? text : span_of(NULL, 0));

	d->collects = false;
	return r == 1 ? 0 : show(d, text);
}

int display_done(struct env *env)
{
	struct display *d = env->display;
	int r = 0;

	if (d->real) {
		r = fclose(env->out) == 0 ? 0 : -errno;
		env->out = d->real;
		if (d->line.n && r == 0)
			r = show_line(d);
		if (d->collects && r == 0)
			r = show_text(d);
	}
	buf_done(&d->line);
	buf_done(&d->text);
	env->display = NULL;
	return r;
}

/* ---- looks ---- */

static bool takes_looks(const struct env *env)
{
	return env->display && env->display->real;
}

void look(struct env *env, enum look look)
{
	if (takes_looks(env))
		fputc((int)look, env->out);
}

void say_look(struct env *env, enum look how, const char *fmt, ...)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	printable_vaddf(&text, fmt, ap);
	va_end(ap);
	if (how != LOOK_PLAIN)
		look(env, how);
	fwrite(text.p, 1, text.n, env->out);
	if (how != LOOK_PLAIN)
		look(env, LOOK_PLAIN);
}

void say_colored(struct env *env, const char *line)
{
	fputs(line, env->out);
	fputc('\n', env->out);
}

void say_pasted(struct env *env, const char *indent, const char *const *argv)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (shellword_join(&line, argv) < 0)
		return;
	say(env->out, "%s", indent);
	say_look(env, LOOK_COMMAND, "%s", buf_str(&line));
	fputc('\n', env->out);
}

const char *look_symbol(const struct env *env, enum look how)
{
	if (!takes_looks(env) || !env->display->symbols)
		return "";
	return how == LOOK_GOOD ? "✔ " : how == LOOK_BAD ? "✘ " : how == LOOK_WARN ? "▲ " : "";
}

unsigned display_columns(const struct env *env)
{
	return env->display ? env->display->columns : 0;
}

bool display_is_utf8(const struct env *env)
{
	return env->display && env->display->is_utf8;
}

const char *display_ellipsis(const struct env *env)
{
	return display_is_utf8(env) ? "…" : "...";
}

bool display_has_colors(const struct env *env)
{
	return takes_looks(env) && env->display->colors;
}
