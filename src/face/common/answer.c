// SPDX-License-Identifier: MIT
#include "face/common/answer.h"

#include "face/common/report.h"

#define SCHEMA 1

void answer_open(struct env *env, struct json *j)
{
	struct report *r = env->sys.diag.data;

	r->answered = true;
	json_init(j, env->out, true);
	json_object(j, NULL);
	json_int(j, "schema", SCHEMA);
}

static const char *level_word(int level)
{
	return level <= LOG_CRIT ? "fatal" : level == LOG_ERR ? "error" : "warning";
}

static void json_message(struct json *j, const char *key, const struct diag_msg *msg)
{
	json_object(j, key);
	json_str(j, "level", level_word(msg->level));
	json_str(j, "code", msg->code);
	json_str(j, "file", msg->file);
	if (msg->file && msg->line)
		json_uint(j, "line", msg->line);
	else
		json_null(j, "line");
	json_str(j, "text", msg->text);
	json_end(j);
}

void answer_close(struct env *env, struct json *j)
{
	const struct report *r = env->sys.diag.data;

	report_missing(env);
	json_array(j, "messages");
	for (size_t i = 0; i < r->n; i++)
		json_message(j, NULL, &r->messages[i]);
	json_end(j);
	json_end(j);
}

/* The first error is the cause; what was reported after it follows from it. */
static const struct diag_msg *first_error(const struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->messages[i].level <= LOG_ERR)
			return &r->messages[i];
#ifdef KMODCTL_SMALL
	return NULL;
#else
	static const struct diag_msg unreported = { .level = LOG_ERR,
						    .code = "cli.failed",
						    .text = "failed without a message" };

	return &unreported;
#endif
}

void answer_finish(struct env *env, int status)
{
	const struct report *r = env->sys.diag.data;
	const struct diag_msg *error = status ? first_error(r) : NULL;
	struct json j;

	if (!r->as_json || r->answered || (r->n == 0 && !error))
		return;
	answer_open(env, &j);
	if (error)
		json_message(&j, "error", error);
	answer_close(env, &j);
}
