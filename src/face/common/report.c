// SPDX-License-Identifier: MIT
#include "face/common/report.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/buf.h"
#include "base/printable.h"
#include "base/vec.h"

/* As kmod words a syslog level. */
static const char *level_name(int level)
{
	static const char *const names[] = {
		[LOG_EMERG] = "LOG-000",   [LOG_ALERT] = "LOG-001", [LOG_CRIT] = "FATAL", [LOG_ERR] = "ERROR",
		[LOG_WARNING] = "WARNING", [LOG_NOTICE] = "NOTICE", [LOG_INFO] = "INFO",  [LOG_DEBUG] = "DEBUG",
	};

	return level >= 0 && level <= LOG_DEBUG ? names[level] : "LOG";
}

/* When memory runs out a message is left out of the answer; it was printed nevertheless. */
static void collect(struct report *r, const struct diag_msg *msg)
{
	struct diag_msg m = *msg;

	m.code = arena_str(&r->arena, msg->code);
	m.file = msg->file ? arena_str(&r->arena, msg->file) : NULL;
	m.text = arena_str(&r->arena, msg->text);
	if (m.code && (m.file || !msg->file) && m.text && vec_room(&r->messages, r->n, &r->cap) == 0)
		r->messages[r->n++] = m;
}

static void add_code(const struct diag_msg *msg, struct buf *into)
{
	buf_addf(into, " [%s%s", msg->code, msg->file ? " " : "");
	if (msg->file)
		printable_add(into, msg->file, strlen(msg->file));
	if (msg->file && msg->line)
		buf_addf(into, ":%u", msg->line);
	buf_addc(into, ']');
}

static void report_sink(void *data, const struct diag_msg *msg)
{
	struct report *r = data;
	const char *level = level_name(msg->level);
	_cleanup_buf_ struct buf code = BUF_INIT;

	if (msg->level == LOG_CRIT)
		r->fatal = true;
	if (msg->level <= LOG_WARNING)
		collect(r, msg);
	/* At LOG_INFO kmod's own messages contain addresses, so there is no fixed output to match. */
	if (r->codes || r->env->sys.diag.max_level >= LOG_INFO)
		add_code(msg, &code);
	if (r->syslog)
		syslog(msg->level, "%s: %s%s", level, msg->text, buf_str(&code));
	else
		fprintf(r->env->err, "%s: %s: %s%s\n", r->env->tool, level, msg->text, buf_str(&code));
}

void report_init(struct report *r, struct env *env, int level)
{
	*r = (struct report){ .env = env };
	env->sys.diag = (struct diag){ .sink = report_sink, .data = r, .max_level = level };
}

void report_done(struct report *r)
{
	arena_done(&r->arena);
	free(r->messages);
}

void report_show_codes(struct env *env)
{
	struct report *r = env->sys.diag.data;

	r->codes = true;
}

void report_as_json(struct env *env)
{
	struct report *r = env->sys.diag.data;

	r->as_json = true;
}

void report_use_syslog(struct env *env)
{
	struct report *r = env->sys.diag.data;

	openlog(env->tool, LOG_CONS, LOG_DAEMON);
	r->syslog = true;
}

bool report_option(struct env *env, int id)
{
	if (id == 's')
		report_use_syslog(env);
	else if (id == 'v')
		env->sys.diag.max_level++;
	return id == 's' || id == 'v';
}

bool report_was_fatal(const struct env *env)
{
	const struct report *r = env->sys.diag.data;

	return r->fatal;
}
