// SPDX-License-Identifier: MIT
/*
 * The log callback: kmod hands over a source file and a function; here they are "libkmod" and the stable code of
 * docs/messages.md. Text, priorities and the filter are kmod's.
 */
#include <libkmod.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct seen {
	int calls, priority;
	char file[32], code[64], text[256];
};

static void __attribute__((format(printf, 6, 0)))
take(void *data, int priority, const char *file, int line, const char *fn, const char *format, va_list args)
{
	struct seen *s = data;

	(void)line;
	s->calls++;
	s->priority = priority;
	snprintf(s->file, sizeof(s->file), "%s", file);
	snprintf(s->code, sizeof(s->code), "%s", fn);
	vsnprintf(s->text, sizeof(s->text), format, args);
}

static int failures;

static void expect(const char *what, int ok)
{
	printf("%s - %s\n", ok ? "ok" : "not ok", what);
	failures += !ok;
}

static int insert_nothing(struct kmod_ctx *ctx)
{
	struct kmod_module *m = NULL;
	int r = kmod_module_new_from_name(ctx, "no_such_module", &m);

	if (r == 0)
		r = kmod_module_insert_module(m, 0, NULL);
	kmod_module_unref(m);
	return r;
}

int main(void)
{
	const char *const no_config[] = { NULL };
	struct kmod_ctx *ctx = kmod_new("/nonexistent", no_config);
	struct seen seen = { 0 };

	if (!ctx)
		return 1;
	kmod_set_log_priority(ctx, 3);
	kmod_set_log_fn(ctx, take, &seen);
	expect("the error is returned", insert_nothing(ctx) == -ENOENT);
	expect("and told once, as an error", seen.calls == 1 && seen.priority == 3);
	expect("from the library, with its code",
	       strcmp(seen.file, "libkmod") == 0 && strcmp(seen.code, "libkmod.no-path") == 0);
	expect("in kmod's words", strcmp(seen.text, "could not find module by name='no_such_module'\n") == 0);
	kmod_set_log_priority(ctx, 2);
	insert_nothing(ctx);
	expect("the priority filters", seen.calls == 1);
	kmod_set_log_priority(ctx, 7);
	kmod_set_log_fn(ctx, NULL, NULL);
	insert_nothing(ctx);
	expect("no callback is silence", seen.calls == 1);
	kmod_unref(ctx);
	return failures != 0;
}
