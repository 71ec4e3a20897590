// SPDX-License-Identifier: MIT
/*
 * api: does the calls of libkmod that its input names and prints all that they give. Which library answers is the
 * dynamic linker's business: tests/compat/api.py hands the same lines to two of them and compares.
 *
 * A line is a word and its arguments, separated by tabs; NULL stands for the pointer. Modules that calls give are
 * numbered from 0 on and kept until the next context; M is such a number. The words are in the table at the end.
 */
#include <libkmod.h>

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MODULES_MAX 4096
#define ARGS_MAX 16

struct state {
	struct kmod_ctx *ctx;
	struct kmod_module *modules[MODULES_MAX];
	size_t n;
	struct kmod_list *list; /* of the last look-up */
};

/* ---- printing ---- */

static const char *text(const char *s)
{
	return s ? s : "NULL";
}

static void print_result(const char *what, long long r)
{
	printf("  %s = %lld\n", what, r);
}

static void print_module(const struct kmod_module *m)
{
	printf("  module %s path %s\n", text(kmod_module_get_name(m)), text(kmod_module_get_path(m)));
}

/* Forwards, and how many there are backwards and at the end. */
static void print_list(const struct kmod_list *list)
{
	const struct kmod_list *e;
	int forwards = 0, backwards = 0;

	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);

		print_module(m);
		kmod_module_unref(m);
		forwards++;
	}
	kmod_list_foreach_reverse(e, list) backwards++;
	printf("  %d modules, %d backwards\n", forwards, backwards);
}

static void __attribute__((format(printf, 6, 0)))
on_log(void *data, int priority, const char *file, int line, const char *fn, const char *format, va_list args)
{
	(void)data;
	(void)file;
	(void)line;
	(void)fn;
	printf("  log %d ", priority);
	vprintf(format, args);
}

/* ---- modules by number ---- */

static void keep(struct state *s, struct kmod_module *m)
{
	if (s->n == MODULES_MAX) {
		kmod_module_unref(m);
		return;
	}
	printf("  %zu: ", s->n);
	print_module(m);
	s->modules[s->n++] = m;
}

static struct kmod_module *module_at(const struct state *s, const char *number)
{
	size_t i = strtoul(number, NULL, 10);

	return i < s->n ? s->modules[i] : NULL;
}

static void keep_list(struct state *s, const struct kmod_list *list)
{
	const struct kmod_list *e;

	kmod_list_foreach(e, list)
		keep(s, kmod_module_get_module(e));
}

static const char *argument(const char *arg)
{
	return arg && strcmp(arg, "NULL") != 0 ? arg : NULL;
}

/* ---- contexts ---- */

static void forget(struct state *s)
{
	for (size_t i = 0; i < s->n; i++)
		kmod_module_unref(s->modules[i]);
	kmod_module_unref_list(s->list);
	kmod_unref(s->ctx);
	*s = (struct state){ 0 };
}

/* DIR CONFIG...: no CONFIG for the default paths, one NULL for none at all. */
static void do_new(struct state *s, char **args)
{
	const char *const *config = args[1] ? (const char *const *)(args + 1) : NULL;

	forget(s);
	if (args[1] && !argument(args[1]))
		args[1] = NULL;
	s->ctx = kmod_new(argument(args[0]), config);
	if (s->ctx)
		kmod_set_log_fn(s->ctx, on_log, NULL);
	printf("  %s, priority %d\n", text(kmod_get_dirname(s->ctx)), kmod_get_log_priority(s->ctx));
}

static void do_priority(struct state *s, char **args)
{
	kmod_set_log_priority(s->ctx, atoi(args[0]));
	print_result("priority", kmod_get_log_priority(s->ctx));
}

static void do_load(struct state *s, char **args)
{
	(void)args;
	print_result("load", kmod_load_resources(s->ctx));
}

static void do_unload(struct state *s, char **args)
{
	(void)args;
	kmod_unload_resources(s->ctx);
}

static void do_validate(struct state *s, char **args)
{
	(void)args;
	print_result("validate", kmod_validate_resources(s->ctx));
}

static void do_dump(struct state *s, char **args)
{
	fflush(stdout);
	print_result("dump", kmod_dump_index(s->ctx, (enum kmod_index)atoi(args[0]), STDOUT_FILENO));
}

static void do_userdata(struct state *s, char **args)
{
	(void)args;
	kmod_set_userdata(s->ctx, s);
	print_result("userdata", kmod_get_userdata(s->ctx) == s);
	print_result("ref", kmod_ref(s->ctx) == s->ctx);
	print_result("unref", kmod_unref(s->ctx) == s->ctx);
}

static void print_config(const char *what, struct kmod_config_iter *it)
{
	printf("  %s before: %s\n", what, text(kmod_config_iter_get_key(it)));
	while (kmod_config_iter_next(it))
		printf("  %s [%s] [%s]\n", what, text(kmod_config_iter_get_key(it)),
		       text(kmod_config_iter_get_value(it)));
	printf("  %s behind: %s\n", what, text(kmod_config_iter_get_key(it)));
	if (kmod_config_iter_next(it))
		printf("  %s again: %s\n", what, text(kmod_config_iter_get_key(it)));
	kmod_config_iter_free_iter(it);
}

static void do_config(struct state *s, char **args)
{
	(void)args;
	print_config("blacklist", kmod_config_get_blacklists(s->ctx));
	print_config("install", kmod_config_get_install_commands(s->ctx));
	print_config("remove", kmod_config_get_remove_commands(s->ctx));
	print_config("alias", kmod_config_get_aliases(s->ctx));
	print_config("options", kmod_config_get_options(s->ctx));
	print_config("softdep", kmod_config_get_softdeps(s->ctx));
}

/* ---- finding ---- */

static void do_lookup(struct state *s, char **args)
{
	kmod_module_unref_list(s->list);
	s->list = NULL;
	print_result("lookup", kmod_module_new_from_lookup(s->ctx, argument(args[0]), &s->list));
	keep_list(s, s->list);
}

static void do_lookup_again(struct state *s, char **args)
{
	struct kmod_list *before = s->list;

	print_result("lookup", kmod_module_new_from_lookup(s->ctx, argument(args[0]), &s->list));
	print_result("same list", s->list == before);
}

static void keep_result(struct state *s, const char *what, int r, struct kmod_module *m)
{
	print_result(what, r);
	if (r >= 0 && m)
		keep(s, m);
}

static void do_name(struct state *s, char **args)
{
	struct kmod_module *m = NULL;
	int r = kmod_module_new_from_name(s->ctx, argument(args[0]), &m);

	keep_result(s, "name", r, m);
}

static void do_path(struct state *s, char **args)
{
	struct kmod_module *m = NULL;
	int r = kmod_module_new_from_path(s->ctx, argument(args[0]), &m);

	keep_result(s, "path", r, m);
}

/* Its symbol version is not the same in all libraries. */
static void do_known_name(struct state *s, char **args)
{
	int (*find)(struct kmod_ctx *, const char *, struct kmod_module **);
	struct kmod_module *m = NULL;
	int r;

	*(void **)&find = dlsym(RTLD_DEFAULT, "kmod_module_new_from_name_lookup");
	r = find(s->ctx, argument(args[0]), &m);
	keep_result(s, "known name", r, m);
}

static void do_loaded(struct state *s, char **args)
{
	struct kmod_list *list = NULL;

	(void)args;
	print_result("loaded", kmod_module_new_from_loaded(s->ctx, &list));
	keep_list(s, list);
	kmod_module_unref_list(list);
}

static void do_same(struct state *s, char **args)
{
	print_result("same", module_at(s, args[0]) == module_at(s, args[1]));
}

/* ---- modules ---- */

static void do_show(struct state *s, char **args)
{
	const struct kmod_module *m = module_at(s, args[0]);

	print_module(m);
	printf("  options [%s]\n", text(kmod_module_get_options(m)));
	printf("  install [%s]\n", text(kmod_module_get_install_commands(m)));
	printf("  remove [%s]\n", text(kmod_module_get_remove_commands(m)));
}

static void do_live(struct state *s, char **args)
{
	const struct kmod_module *m = module_at(s, args[0]);
	int state = kmod_module_get_initstate(m);

	printf("  state %d %s\n", state, text(kmod_module_initstate_str((enum kmod_module_initstate)state)));
	print_result("refcnt", kmod_module_get_refcnt(m));
	print_result("size", kmod_module_get_size(m));
}

static void do_needs(struct state *s, char **args)
{
	struct kmod_list *list = kmod_module_get_dependencies(module_at(s, args[0]));

	print_list(list);
	kmod_module_unref_list(list);
}

static void do_soft(struct state *s, char **args)
{
	struct kmod_list *pre = NULL, *post = NULL;

	print_result("softdeps", kmod_module_get_softdeps(module_at(s, args[0]), &pre, &post));
	print_list(pre);
	print_list(post);
	kmod_module_unref_list(pre);
	kmod_module_unref_list(post);
}

static void do_holders(struct state *s, char **args)
{
	struct kmod_list *list = kmod_module_get_holders(module_at(s, args[0]));

	print_list(list);
	kmod_module_unref_list(list);
}

static void do_sections(struct state *s, char **args)
{
	struct kmod_list *list = kmod_module_get_sections(module_at(s, args[0])), *e;

	kmod_list_foreach(e, list)
		printf("  section %s %lx\n", kmod_module_section_get_name(e), kmod_module_section_get_address(e));
	kmod_module_section_free_list(list);
}

/* FILTER, an enum kmod_filter, of the last look-up's list; 0 for the deprecated function. */
static void do_filter(struct state *s, char **args)
{
	enum kmod_filter filter = (enum kmod_filter)atoi(args[0]);
	struct kmod_list *kept = NULL;
	int r;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	if (filter)
		r = kmod_module_apply_filter(s->ctx, filter, s->list, &kept);
	else
		r = kmod_module_get_filtered_blacklist(s->ctx, s->list, &kept);
#pragma GCC diagnostic pop
	print_result("filter", r);
	print_list(kept);
	kmod_module_unref_list(kept);
}

/* ---- files ---- */

static void do_info(struct state *s, char **args)
{
	struct kmod_list *list = NULL, *e;

	print_result("info", kmod_module_get_info(module_at(s, args[0]), &list));
	kmod_list_foreach(e, list)
		printf("  info [%s] [%s]\n", kmod_module_info_get_key(e), kmod_module_info_get_value(e));
	kmod_module_info_free_list(list);
}

static void do_versions(struct state *s, char **args)
{
	struct kmod_list *list = NULL, *e;

	print_result("versions", kmod_module_get_versions(module_at(s, args[0]), &list));
	kmod_list_foreach(e, list)
		printf("  version %s %" PRIx64 "\n", kmod_module_version_get_symbol(e), kmod_module_version_get_crc(e));
	kmod_module_versions_free_list(list);
}

static void do_symbols(struct state *s, char **args)
{
	struct kmod_list *list = NULL, *e;

	print_result("symbols", kmod_module_get_symbols(module_at(s, args[0]), &list));
	kmod_list_foreach(e, list)
		printf("  symbol %s %" PRIx64 "\n", kmod_module_symbol_get_symbol(e), kmod_module_symbol_get_crc(e));
	kmod_module_symbols_free_list(list);
}

static void do_wanted(struct state *s, char **args)
{
	struct kmod_list *list = NULL, *e;

	print_result("wanted", kmod_module_get_dependency_symbols(module_at(s, args[0]), &list));
	kmod_list_foreach(e, list)
		printf("  wants %s %" PRIx64 " %c\n", kmod_module_dependency_symbol_get_symbol(e),
		       kmod_module_dependency_symbol_get_crc(e), kmod_module_dependency_symbol_get_bind(e));
	kmod_module_dependency_symbols_free_list(list);
}

/* ---- in and out ---- */

static void on_action(struct kmod_module *m, bool install, const char *options)
{
	printf("  action %s%s [%s]\n", install ? "install " : "", kmod_module_get_name(m), text(options));
	print_module(m);
}

/* Answers with the number that do_probe() was given. */
static int on_install(struct kmod_module *m, const char *command, void *data)
{
	printf("  command of %s: %s\n", kmod_module_get_name(m), command);
	return atoi(data);
}

/* M FLAGS OPTIONS ANSWER: what run_install answers; NULL: there is none, and the shell runs commands. */
static void do_probe(struct state *s, char **args)
{
	unsigned flags = (unsigned)strtoul(args[1], NULL, 0);
	const char *answer = argument(args[3]);
	int r;

	fflush(stdout);
	r = kmod_module_probe_insert_module(module_at(s, args[0]), flags, argument(args[2]), answer ? on_install : NULL,
					    answer, on_action);
	print_result("probe", r);
}

static void do_insert(struct state *s, char **args)
{
	unsigned flags = (unsigned)strtoul(args[1], NULL, 0);

	print_result("insert", kmod_module_insert_module(module_at(s, args[0]), flags, argument(args[2])));
}

static void do_remove(struct state *s, char **args)
{
	print_result("remove", kmod_module_remove_module(module_at(s, args[0]), (unsigned)strtoul(args[1], NULL, 0)));
}

/* ---- null pointers: each call in a process of its own, for a library may not survive it ---- */

#define NULL_CALL(call)                                                   \
	do {                                                              \
		pid_t _pid;                                               \
		int _status = 0;                                          \
                                                                          \
		fflush(stdout);                                           \
		_pid = fork();                                            \
		if (_pid == 0) {                                          \
			print_result(#call, (long long)(intptr_t)(call)); \
			fflush(stdout);                                   \
			_exit(0);                                         \
		}                                                         \
		waitpid(_pid, &_status, 0);                               \
		if (WIFSIGNALED(_status))                                 \
			printf("  %s: signal\n", #call);                  \
	} while (0)

static void null_contexts(struct kmod_ctx *ctx)
{
	NULL_CALL(kmod_ref(NULL));
	NULL_CALL(kmod_unref(NULL));
	NULL_CALL(kmod_get_userdata(NULL));
	NULL_CALL((kmod_set_userdata(NULL, NULL), 0));
	NULL_CALL((kmod_set_log_fn(NULL, NULL, NULL), 0));
	NULL_CALL((kmod_set_log_priority(NULL, 3), 0));
	NULL_CALL(kmod_get_log_priority(NULL));
	NULL_CALL(kmod_get_dirname(NULL));
	NULL_CALL(kmod_load_resources(NULL));
	NULL_CALL((kmod_unload_resources(NULL), 0));
	NULL_CALL(kmod_validate_resources(NULL));
	NULL_CALL(kmod_dump_index(NULL, KMOD_INDEX_MODULES_DEP, 1));
	NULL_CALL(kmod_dump_index(ctx, (enum kmod_index)5, 1));
	NULL_CALL(kmod_dump_index(ctx, KMOD_INDEX_MODULES_DEP, -1));
	NULL_CALL(kmod_config_get_aliases(NULL));
	NULL_CALL(kmod_config_get_softdeps(NULL));
	NULL_CALL(kmod_config_iter_next(NULL));
	NULL_CALL(kmod_config_iter_get_key(NULL));
	NULL_CALL(kmod_config_iter_get_value(NULL));
	NULL_CALL((kmod_config_iter_free_iter(NULL), 0));
	NULL_CALL(kmod_list_next(NULL, NULL));
	NULL_CALL(kmod_list_prev(NULL, NULL));
	NULL_CALL(kmod_list_last(NULL));
}

static void null_lookups(struct kmod_ctx *ctx)
{
	struct kmod_module *m = NULL;
	struct kmod_list *list = NULL;

	NULL_CALL(kmod_module_new_from_name(NULL, "x", &m));
	NULL_CALL(kmod_module_new_from_name(ctx, NULL, &m));
	NULL_CALL(kmod_module_new_from_name(ctx, "x", NULL));
	NULL_CALL(kmod_module_new_from_path(NULL, "/dev/null", &m));
	NULL_CALL(kmod_module_new_from_path(ctx, NULL, &m));
	NULL_CALL(kmod_module_new_from_path(ctx, "/dev/null", NULL));
	NULL_CALL(kmod_module_new_from_lookup(NULL, "x", &list));
	NULL_CALL(kmod_module_new_from_lookup(ctx, NULL, &list));
	NULL_CALL(kmod_module_new_from_lookup(ctx, "x", NULL));
	NULL_CALL(kmod_module_new_from_loaded(NULL, &list));
	NULL_CALL(kmod_module_new_from_loaded(ctx, NULL));
	NULL_CALL(kmod_module_apply_filter(NULL, KMOD_FILTER_BLACKLIST, NULL, &list));
	NULL_CALL(kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, NULL, NULL));
	NULL_CALL(kmod_module_apply_filter(ctx, KMOD_FILTER_BLACKLIST, NULL, &list));
	NULL_CALL(kmod_module_unref_list(NULL));
	NULL_CALL(kmod_module_get_module(NULL));
}

static void null_modules(struct kmod_ctx *ctx)
{
	struct kmod_list *list = NULL, *other = NULL;
	struct kmod_module *m = NULL;

	kmod_module_new_from_name(ctx, "null_test", &m);
	NULL_CALL(kmod_module_ref(NULL));
	NULL_CALL(kmod_module_unref(NULL));
	NULL_CALL(kmod_module_get_name(NULL));
	NULL_CALL(kmod_module_get_path(NULL));
	NULL_CALL(kmod_module_get_options(NULL));
	NULL_CALL(kmod_module_get_install_commands(NULL));
	NULL_CALL(kmod_module_get_remove_commands(NULL));
	NULL_CALL(kmod_module_get_dependencies(NULL));
	NULL_CALL(kmod_module_get_softdeps(NULL, &list, &other));
	NULL_CALL(kmod_module_get_softdeps(m, NULL, &other));
	NULL_CALL(kmod_module_get_softdeps(m, &list, NULL));
	NULL_CALL(kmod_module_get_initstate(NULL));
	NULL_CALL(kmod_module_get_refcnt(NULL));
	NULL_CALL(kmod_module_get_size(NULL));
	NULL_CALL(kmod_module_get_holders(NULL));
	NULL_CALL(kmod_module_get_sections(NULL));
	NULL_CALL(kmod_module_get_info(NULL, &list));
	NULL_CALL(kmod_module_get_info(m, NULL));
	NULL_CALL(kmod_module_get_versions(NULL, &list));
	NULL_CALL(kmod_module_get_versions(m, NULL));
	NULL_CALL(kmod_module_get_symbols(NULL, &list));
	NULL_CALL(kmod_module_get_dependency_symbols(NULL, &list));
	NULL_CALL(kmod_module_insert_module(NULL, 0, ""));
	NULL_CALL(kmod_module_probe_insert_module(NULL, 0, "", NULL, NULL, NULL));
	NULL_CALL(kmod_module_remove_module(NULL, 0));
	kmod_module_unref(m);
}

static void null_entries(void)
{
	NULL_CALL(kmod_module_info_get_key(NULL));
	NULL_CALL(kmod_module_info_get_value(NULL));
	NULL_CALL((kmod_module_info_free_list(NULL), 0));
	NULL_CALL(kmod_module_version_get_symbol(NULL));
	NULL_CALL(kmod_module_version_get_crc(NULL));
	NULL_CALL((kmod_module_versions_free_list(NULL), 0));
	NULL_CALL(kmod_module_symbol_get_symbol(NULL));
	NULL_CALL(kmod_module_symbol_get_crc(NULL));
	NULL_CALL((kmod_module_symbols_free_list(NULL), 0));
	NULL_CALL(kmod_module_dependency_symbol_get_symbol(NULL));
	NULL_CALL(kmod_module_dependency_symbol_get_crc(NULL));
	NULL_CALL(kmod_module_dependency_symbol_get_bind(NULL));
	NULL_CALL((kmod_module_dependency_symbols_free_list(NULL), 0));
	NULL_CALL(kmod_module_section_get_name(NULL));
	NULL_CALL(kmod_module_section_get_address(NULL));
	NULL_CALL((kmod_module_section_free_list(NULL), 0));
}

static void do_null(struct state *s, char **args)
{
	(void)args;
	null_contexts(s->ctx);
	null_lookups(s->ctx);
	null_modules(s->ctx);
	null_entries();
	for (int state = -2; state < 6; state++)
		printf("  state %d: %s\n", state, text(kmod_module_initstate_str((enum kmod_module_initstate)state)));
}

/* ---- the input ---- */

static const struct word {
	const char *name;
	int n_args; /* at least */
	void (*run)(struct state *s, char **args);
} words[] = {
	{ "new", 1, do_new },
	{ "priority", 1, do_priority },
	{ "load", 0, do_load },
	{ "unload", 0, do_unload },
	{ "validate", 0, do_validate },
	{ "dump", 1, do_dump },
	{ "userdata", 0, do_userdata },
	{ "config", 0, do_config },
	{ "lookup", 1, do_lookup },
	{ "lookup-again", 1, do_lookup_again },
	{ "name", 1, do_name },
	{ "path", 1, do_path },
	{ "known-name", 1, do_known_name },
	{ "loaded", 0, do_loaded },
	{ "same", 2, do_same },
	{ "show", 1, do_show },
	{ "live", 1, do_live },
	{ "needs", 1, do_needs },
	{ "soft", 1, do_soft },
	{ "holders", 1, do_holders },
	{ "sections", 1, do_sections },
	{ "filter", 1, do_filter },
	{ "info", 1, do_info },
	{ "versions", 1, do_versions },
	{ "symbols", 1, do_symbols },
	{ "wanted", 1, do_wanted },
	{ "probe", 4, do_probe },
	{ "insert", 3, do_insert },
	{ "remove", 2, do_remove },
	{ "null", 0, do_null },
};

/* sh COMMAND, for what changes around the library, is the one word that is not about it. */
static int run_line(struct state *s, char *line)
{
	char *args[ARGS_MAX + 1] = { NULL }, *name = strsep(&line, "\t");
	int n = 0;

	while (line && n < ARGS_MAX)
		args[n++] = strsep(&line, "\t");
	if (strcmp(name, "sh") == 0 && n == 1)
		return system(args[0]) ? 1 : 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i].name, name) == 0 && n >= words[i].n_args) {
			words[i].run(s, args);
			return 0;
		}
	fprintf(stderr, "api: %s: not a line of mine\n", name);
	return 2;
}

int main(void)
{
	static struct state s;
	static char line[65536];
	Dl_info library;
	int status = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (dladdr((void *)(uintptr_t)kmod_new, &library))
		printf("%s\n", library.dli_fname);
	while (!status && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		printf("> %s\n", line);
		status = run_line(&s, line);
	}
	forget(&s);
	return status;
}
