// SPDX-License-Identifier: MIT
#include "decide/plan/plan.h"

#include <errno.h>
#include <string.h>

void plan_done(struct plan *p)
{
	free(p->steps);
	free(p->requests);
	strv_done(&p->strings);
	*p = (struct plan){ 0 };
}

const char *plan_string(struct plan *p, const char *s, int *error)
{
	if (!s)
		return NULL;
	if (strv_add(&p->strings, s) < 0) {
		*error = -ENOMEM;
		return NULL;
	}
	return p->strings.items[p->strings.n - 1];
}

int plan_add(struct plan *p, const struct plan_step *step)
{
	if (vec_room(&p->steps, p->n, &p->cap) < 0)
		return -ENOMEM;
	p->steps[p->n++] = *step;
	return 0;
}

int plan_add_request(struct plan *p, const struct plan_request *request)
{
	if (vec_room(&p->requests, p->n_requests, &p->cap_requests) < 0)
		return -ENOMEM;
	p->requests[p->n_requests++] = *request;
	return 0;
}

static const char *action_name(enum plan_action action)
{
	static const char *const names[] = {
		[PLAN_INSERT] = "insert",
		[PLAN_INSTALL_COMMAND] = "install-command",
		[PLAN_REMOVE] = "remove",
		[PLAN_REMOVE_COMMAND] = "remove-command",
	};

	return names[action];
}

static const char *reason_name(enum plan_reason reason)
{
	static const char *const names[] = {
		[PLAN_REQUESTED] = "requested",     [PLAN_DEPENDENCY] = "dependency",
		[PLAN_SOFTDEP_PRE] = "softdep-pre", [PLAN_SOFTDEP_POST] = "softdep-post",
		[PLAN_HOLDER] = "holder",           [PLAN_UNUSED] = "unused",
	};

	return names[reason];
}

const char *plan_verdict_name(enum plan_verdict verdict)
{
	static const char *const names[] = {
		[PLAN_GO] = "go",         [PLAN_LOADED] = "loaded", [PLAN_BUILTIN] = "builtin",
		[PLAN_DENIED] = "denied", [PLAN_ABSENT] = "absent", [PLAN_IN_USE] = "in-use",
	};

	return names[verdict];
}

int plan_expand_command(const char *command, const char *options, struct buf *into)
{
	const char *at;

	for (; (at = strstr(command, PLAN_OPTIONS_WORD)); command = at + strlen(PLAN_OPTIONS_WORD)) {
		buf_add(into, command, (size_t)(at - command));
		buf_adds(into, options ? options : "");
	}
	return buf_adds(into, command);
}

int plan_step_text(const struct plan_step *s, struct buf *into)
{
	switch (s->action) {
	case PLAN_INSERT:
		if (s->builtin)
			buf_addf(into, "builtin %s", s->name);
		else if (s->path)
			buf_addf(into, "insmod %s %s", s->path, s->options);
		break;
	case PLAN_INSTALL_COMMAND:
		buf_addf(into, "install %s %s", s->command, s->options);
		break;
	case PLAN_REMOVE:
		buf_addf(into, "rmmod %s", s->name);
		break;
	case PLAN_REMOVE_COMMAND:
		buf_adds(into, "remove ");
		plan_expand_command(s->command, NULL, into);
		break;
	}
	return buf_error(into);
}

void plan_print_step(const struct plan_step *s, FILE *out)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (plan_step_text(s, &text) == 0 && text.n)
		fprintf(out, "%s\n", text.p);
}

static void line_json(struct json *j, const char *file, unsigned line)
{
	json_str(j, "file", file);
	if (file && line)
		json_uint(j, "line", line);
	else
		json_null(j, "line");
}

static void step_json(const struct plan_step *s, struct json *j)
{
	json_object(j, NULL);
	json_str(j, "action", action_name(s->action));
	json_str(j, "module", s->name);
	json_str(j, "alias", s->alias);
	json_str(j, "path", s->path);
	json_bool(j, "builtin", s->builtin);
	json_str(j, "options", s->options);
	json_str(j, "command", s->command);
	json_str(j, "reason", reason_name(s->reason));
	json_str(j, "origin", s->origin);
	json_bool(j, "vital", s->vital);
	line_json(j, s->file, s->line);
	json_end(j);
}

static void request_json(const struct plan *p, const struct plan_request *r, struct json *j)
{
	json_object(j, NULL);
	json_str(j, "asked", r->asked);
	json_str(j, "module", r->name);
	json_str(j, "alias", r->alias);
	json_str(j, "verdict", plan_verdict_name(r->verdict));
	json_str(j, "blocker", r->blocker);
	line_json(j, r->file, r->line);
	json_array(j, "steps");
	for (size_t i = 0; i < r->n; i++)
		step_json(&p->steps[r->first + i], j);
	json_end(j);
	json_end(j);
}

void plan_json(const struct plan *p, struct json *j)
{
	json_array(j, "requests");
	for (size_t i = 0; i < p->n_requests; i++)
		request_json(p, &p->requests[i], j);
	json_end(j);
}
