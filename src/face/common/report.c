// SPDX-License-Identifier: MIT
#include "face/common/report.h"

#include <syslog.h>

const char *report_level_name(int level)
{
	static const char *const names[] = {
		[LOG_EMERG] = "LOG-000",     [LOG_ALERT] = "LOG-001", [LOG_CRIT] = "FATAL", [LOG_ERR] = "ERROR",
		[LOG_WARNING] = "WARNING", [LOG_NOTICE] = "NOTICE", [LOG_INFO] = "INFO", [LOG_DEBUG] = "DEBUG",
	};

	return level >= 0 && level <= LOG_DEBUG ? names[level] : "LOG";
}

static void report_sink(void *data, const struct diag_msg *msg)
{
	struct report *r = data;
	const char *level = report_level_name(msg->level);

	if (msg->level == LOG_CRIT)
		r->fatal = true;
	if (r->syslog)
		syslog(msg->level, "%s: %s", level, msg->text);
	else if (r->codes && msg->code)
		fprintf(r->env->err, "%s: %s: %s [%s]\n", r->env->tool, level, msg->text, msg->code);
	else
		fprintf(r->env->err, "%s: %s: %s\n", r->env->tool, level, msg->text);
}

void report_init(struct report *r, struct env *env, int level)
{
	*r = (struct report){ .env = env };
	env->sys.diag = (struct diag){ .sink = report_sink, .data = r, .max_level = level };
}

void report_use_syslog(struct env *env)
{
	struct report *r = env->sys.diag.data;

	openlog(env->tool, LOG_CONS, LOG_DAEMON);
	r->syslog = true;
}

void report_show_codes(struct env *env)
{
	struct report *r = env->sys.diag.data;

	r->codes = true;
}

bool report_option(struct env *env, int id)
{
	if (id == 's') {
		report_use_syslog(env);
	} else if (id == 'v') {
		env->sys.diag.max_level++;
		report_show_codes(env);
	}
	return id == 's' || id == 'v';
}

bool report_was_fatal(const struct env *env)
{
	const struct report *r = env->sys.diag.data;

	return r->fatal;
}
