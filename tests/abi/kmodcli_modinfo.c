// SPDX-License-Identifier: MIT
/* kmodcli modinfo */
#include "kmodcli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- parameters: parm and parmtype of one name belong together ---- */

struct parameter {
	const char *name, *description, *type; /* in the library's strings */
	size_t name_len;
};

struct parameters {
	struct parameter items[256];
	size_t n;
};

static struct parameter *parameter_of(struct parameters *p, const char *name, size_t len)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].name_len == len && memcmp(p->items[i].name, name, len) == 0)
			return &p->items[i];
	if (p->n == sizeof(p->items) / sizeof(*p->items))
		return NULL;
	p->items[p->n] = (struct parameter){ .name = name, .name_len = len };
	return &p->items[p->n++];
}

static void add_parameter(struct parameters *p, const char *value, bool is_type)
{
	const char *colon = strchr(value, ':');
	struct parameter *found = colon ? parameter_of(p, value, (size_t)(colon - value)) : NULL;

	if (!colon)
		fprintf(stderr, "modinfo: ERROR: Found invalid \"%s=%s\": missing ':'\n", is_type ? "parmtype" : "parm",
			value);
	if (found && is_type)
		found->type = colon + 1;
	else if (found)
		found->description = colon + 1;
}

static void print_parameter(const struct args *a, const struct parameter *p)
{
	printf("%s%.*s:", a->field ? "" : "parm:           ", (int)p->name_len, p->name);
	if (p->description && p->type)
		printf("%s (%s)", p->description, p->type);
	else if (p->description)
		printf("%s", p->description);
	else
		printf(a->field ? " (%s)" : "%s", p->type);
	putchar(a->end);
}

static void print_parameters(const struct args *a, struct kmod_list *list)
{
	struct parameters p = { .n = 0 };
	struct kmod_list *e;

	kmod_list_foreach(e, list) {
		const char *key = kmod_module_info_get_key(e);

		if (strcmp(key, "parm") == 0 || strcmp(key, "parmtype") == 0)
			add_parameter(&p, kmod_module_info_get_value(e), key[4] != '\0');
	}
	while (p.n > 0)
		print_parameter(a, &p.items[--p.n]);
}

/* ---- one module ---- */

static void print_padded(const struct args *a, const char *key, const char *value)
{
	const int gap = 15 - (int)strlen(key);

	printf("%s:%*s%s%c", key, gap > 0 ? gap : 0, "", value, a->end);
}

static void print_field(const struct args *a, const char *key, const char *value)
{
	if (a->field)
		printf("%s%c", value, a->end);
	else if (a->end == '\0')
		printf("%s=%s%c", key, value, a->end);
	else
		print_padded(a, key, value);
}

static bool is_field(const struct args *a, const char *field)
{
	return a->field && strcmp(a->field, field) == 0;
}

/* True when nothing more was asked for. */
static bool print_head(const struct args *a, const struct kmod_module *m)
{
	const char *path = kmod_module_get_path(m);

	if (!a->field) {
		if (!path)
			print_padded(a, "name", kmod_module_get_name(m));
		print_padded(a, "filename", path ? path : "(builtin)");
		return false;
	}
	if (is_field(a, "filename"))
		print_field(a, "filename", path ? path : "(builtin)");
	else if (!path && is_field(a, "name"))
		print_field(a, "name", kmod_module_get_name(m));
	else
		return false;
	return true;
}

static void print_list(const struct args *a, struct kmod_list *list)
{
	bool joined = !a->field || is_field(a, "parm");
	struct kmod_list *e;

	kmod_list_foreach(e, list) {
		const char *key = kmod_module_info_get_key(e);
		bool parameter = strcmp(key, "parm") == 0 || strcmp(key, "parmtype") == 0;

		if (a->field ? is_field(a, key) && !joined : !parameter)
			print_field(a, key, kmod_module_info_get_value(e));
	}
	if (joined)
		print_parameters(a, list);
}

static int show_info(const struct kmod_module *m, const struct args *a)
{
	struct kmod_list *list = NULL;
	int r;

	if (print_head(a, m))
		return 0;
	r = kmod_module_get_info(m, &list);
	if (r < 0)
		return kmod_module_get_path(m) || r != -ENOENT;
	print_list(a, list);
	kmod_module_info_free_list(list);
	return 0;
}

/* ---- which ---- */

static bool is_module_file(const char *path)
{
	struct stat st;

	return strstr(path, ".ko") && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int show_one(struct kmod_ctx *ctx, const struct args *a, const char *name, bool by_name)
{
	struct kmod_module *m = NULL;
	int status =
		by_name ? kmod_module_new_from_name_lookup(ctx, name, &m) : kmod_module_new_from_path(ctx, name, &m);

	status = status < 0 || !m || show_info(m, a);
	kmod_module_unref(m);
	return status;
}

static int show_argument(struct kmod_ctx *ctx, const struct args *a, const char *arg)
{
	struct kmod_list *list = NULL, *e;
	int status;

	if (a->by_name || is_module_file(arg))
		return show_one(ctx, a, arg, a->by_name);
	status = kmod_module_new_from_lookup(ctx, arg, &list) < 0 || !list;
	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);

		status |= show_info(m, a);
		kmod_module_unref(m);
	}
	kmod_module_unref_list(list);
	return status;
}

/* --all: the library has no list of what is installed, but its indexes as text. */
static int show_index(struct kmod_ctx *ctx, const struct args *a, enum kmod_index index)
{
	FILE *dump = tmpfile();
	char line[65536];
	int status = !dump || kmod_dump_index(ctx, index, fileno(dump)) < 0;

	if (!dump)
		return status;
	rewind(dump);
	while (fgets(line, sizeof(line), dump)) {
		line[strcspn(line, " \n")] = '\0';
		status |= show_one(ctx, a, line, true);
	}
	fclose(dump);
	return status;
}

int do_modinfo(struct kmod_ctx *ctx, const struct args *a, int argc, char **argv)
{
	int status = argc < 1;

	if (a->all)
		return show_index(ctx, a, KMOD_INDEX_MODULES_DEP) | show_index(ctx, a, KMOD_INDEX_MODULES_BUILTIN);
	for (int i = 0; i < argc; i++)
		status |= show_argument(ctx, a, argv[i]);
	return status;
}
