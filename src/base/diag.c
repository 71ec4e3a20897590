// SPDX-License-Identifier: MIT
#include "base/diag.h"

#include <errno.h>

#include "base/buf.h"
#include "base/printable.h"

/* msg: all but the text. */
static bool _printf_(3, 0) hand_over(struct diag *d, struct diag_msg *msg, const char *fmt, va_list ap)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int saved = errno;

	if (!diag_wants(d, msg->level))
		return false;
	printable_vaddf(&text, fmt, ap);
	msg->text = buf_error(&text) ? "out of memory while reporting an error" : buf_str(&text);
	d->sink(d->data, msg);
	errno = saved;
	return true;
}

bool diag_vreport(struct diag *d, int level, const char *code, const char *file, unsigned line, const char *fmt,
		  va_list ap)
{
	struct diag_msg msg = { .level = level, .code = code, .file = file, .line = line };

	return hand_over(d, &msg, fmt, ap);
}

bool diag_missing(struct diag *d, const char *code, const char *file, const char *lack, const char *fmt, ...)
{
	struct diag_msg msg = { .level = LOG_ERR, .code = code, .file = file, .lack = lack };
	va_list ap;
	bool emitted;

	va_start(ap, fmt);
	emitted = hand_over(d, &msg, fmt, ap);
	va_end(ap);
	return emitted;
}

void diag_forward(const struct diag *d, const struct diag_msg *msg)
{
	if (diag_wants(d, msg->level))
		d->sink(d->data, msg);
}

bool diag_report(struct diag *d, int level, const char *code, const char *file, unsigned line, const char *fmt, ...)
{
	va_list ap;
	bool emitted;

	va_start(ap, fmt);
	emitted = diag_vreport(d, level, code, file, line, fmt, ap);
	va_end(ap);
	return emitted;
}
