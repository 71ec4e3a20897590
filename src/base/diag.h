/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The message sink. Whoever knows the cause of a failure reports it here, once; everyone above only
 * returns the error. The sink is injected: tools print `tool: LEVEL: text`, the library calls its
 * log callback, tests collect. Functions in base/ never report.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <syslog.h>

#include "base/cleanup.h"

struct diag_msg {
	int level;        /* LOG_CRIT (printed as FATAL) .. LOG_DEBUG of syslog(3) */
	const char *code; /* stable, "room.what"; listed in docs/messages.md */
	const char *file; /* the input it is about, or NULL; may already be part of the text */
	unsigned line;    /* line in that file, 0: none */
	const char *text; /* without newline at its end, and safe to print: see diag_report() */
	/*
	 * What is missing, a constant ("library liblzma.so.5 is not available"), or NULL. As it is missing for one
	 * file, it is for all of their kind: a sink may count those behind the first.
	 */
	const char *lack;
};

struct diag {
	void (*sink)(void *data, const struct diag_msg *msg);
	void *data;
	int max_level; /* messages above it are not built at all */
};

/*
 * A NULL diag is silent. errno is preserved. Returns true when the message was handed to the sink. What the arguments
 * bring in is made printable (base/printable.h), for no caller can forget it here: names come from modules, processes
 * and other users, and the text goes to a terminal or a log. Only the format itself may break the line.
 */
bool diag_report(struct diag *d, int level, const char *code, const char *file, unsigned line, const char *fmt, ...)
	_printf_(6, 7);
bool diag_vreport(struct diag *d, int level, const char *code, const char *file, unsigned line, const char *fmt,
		  va_list ap) _printf_(6, 0);

/* An error in reading the file, for want of a library or of a part of this build. */
bool diag_missing(struct diag *d, const char *code, const char *file, const char *lack, const char *fmt, ...)
	_printf_(5, 6);

/* Hands a message on to another sink, unless that one does not want it. */
void diag_forward(const struct diag *d, const struct diag_msg *msg);

static inline bool diag_wants(const struct diag *d, int level)
{
	return d && d->sink && level <= d->max_level;
}

#define diag_err(d, code, ...) diag_report(d, LOG_ERR, code, NULL, 0, __VA_ARGS__)
#define diag_warn(d, code, ...) diag_report(d, LOG_WARNING, code, NULL, 0, __VA_ARGS__)
#define diag_notice(d, code, ...) diag_report(d, LOG_NOTICE, code, NULL, 0, __VA_ARGS__)
#define diag_info(d, code, ...) diag_report(d, LOG_INFO, code, NULL, 0, __VA_ARGS__)
