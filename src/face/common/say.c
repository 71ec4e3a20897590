// SPDX-License-Identifier: MIT
#include "face/common/say.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/printable.h"
#include "base/shellword.h"

size_t say(FILE *out, const char *fmt, ...)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	printable_vaddf(&text, fmt, ap);
	va_end(ap);
	if (text.n && text.p[text.n - 1] == '\n') {
		while (text.n > 1 && text.p[text.n - 2] == ' ')
			text.n--;
		text.p[text.n - 1] = '\n';
	}
	return text.n ? fwrite(text.p, 1, text.n, out) : 0;
}

void say_command(FILE *out, const char *indent, const char *const *argv)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (shellword_join(&line, argv) == 0)
		say(out, "%s%s\n", indent, buf_str(&line));
}

void say_step(FILE *out, const char *indent, const struct plan_step *s)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (plan_step_text(s, &text) == 0 && text.n)
		say(out, "%s%s\n", indent, text.p);
}
