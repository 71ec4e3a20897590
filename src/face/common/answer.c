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

static void json_message(struct json *j, const struct diag_msg *msg)
{
	json_object(j, NULL);
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

	json_array(j, "messages");
	for (size_t i = 0; i < r->n; i++)
		json_message(j, &r->messages[i]);
	json_end(j);
	json_end(j);
}

void answer_finish(struct env *env)
{
	const struct report *r = env->sys.diag.data;
	struct json j;

	if (!r->as_json || r->answered || r->n == 0)
		return;
	answer_open(env, &j);
	answer_close(env, &j);
}
