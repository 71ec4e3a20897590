// SPDX-License-Identifier: MIT
/* Contexts: life, log, resources. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "face/libkmod/private.h"
#include "system/release.h"

/* ---- log ---- */

static const char *priority_name(int priority)
{
	static const char *const names[] = { "EMERGENCY", "ALERT",  "CRITICAL", "ERROR",
					     "WARNING",   "NOTICE", "INFO",     "DEBUG" };

	return priority >= 0 && (size_t)priority < ELEMENTSOF(names) ? names[priority] : NULL;
}

static void _printf_(6, 0) log_to_stderr(void *data, int priority, const char *file, int line, const char *fn,
					 const char *format, va_list args)
{
	const char *level = priority_name(priority);

	(void)data;
	(void)file;
	(void)line;
	if (level)
		fprintf(stderr, "libkmod: %s: %s: ", level, fn);
	else
		fprintf(stderr, "libkmod: L:%d: %s: ", priority, fn);
	vfprintf(stderr, format, args);
}

static void _printf_(4, 5) emit(const struct kmod_ctx *ctx, int level, const char *code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	ctx->log_fn(ctx->log_data, level, "libkmod", 0, code, format, args);
	va_end(args);
}

static void log_sink(void *data, const struct diag_msg *msg)
{
	const struct kmod_ctx *ctx = data;

	if (ctx->log_fn)
		emit(ctx, msg->level, msg->code, "%s\n", msg->text);
}

/* KMOD_LOG: a number, or a word that starts with err, info or debug; anything else is 0. */
static int priority_from_environment(void)
{
	const char *value = secure_getenv("KMOD_LOG");
	uint32_t n;

	if (!value)
		return LOG_ERR;
	if (parse_u32(value, 10, &n) == 0)
		return n > INT32_MAX ? 0 : (int)n;
	if (strncmp(value, "err", 3) == 0)
		return LOG_ERR;
	if (strncmp(value, "info", 4) == 0)
		return LOG_INFO;
	return strncmp(value, "debug", 5) == 0 ? LOG_DEBUG : 0;
}

KMOD_EXPORT void kmod_set_log_fn(struct kmod_ctx *ctx,
				 void (*log_fn)(void *log_data, int priority, const char *file, int line,
						const char *fn, const char *format, va_list args),
				 const void *data)
{
	if (!ctx)
		return;
	ctx->log_fn = log_fn;
	ctx->log_data = (void *)(uintptr_t)data;
	ctx_log(ctx, LOG_INFO, "libkmod.log-fn", "custom logging function %p registered", (void *)(uintptr_t)log_fn);
}

KMOD_EXPORT int kmod_get_log_priority(const struct kmod_ctx *ctx)
{
	return ctx ? ctx->sys.diag.max_level : -1;
}

KMOD_EXPORT void kmod_set_log_priority(struct kmod_ctx *ctx, int priority)
{
	if (ctx)
		ctx->sys.diag.max_level = priority;
}

/* ---- life ---- */

static char *absolute_dirname(const struct kernel *kernel, const char *dirname)
{
	char *path;
	int r = dirname ? root_abspath(dirname, &path) : release_dir(kernel, NULL, NULL, &path);

	return r < 0 ? NULL : path;
}

static void free_stamps(struct kmod_ctx *ctx)
{
	for (size_t i = 0; i < ctx->n_stamps; i++)
		free(ctx->stamps[i].path);
	free(ctx->stamps);
}

static void ctx_free(struct kmod_ctx *ctx)
{
	free_stamps(ctx);
	map_done(&ctx->modules);
	catalog_close(ctx->catalog);
	policy_free(ctx->policy);
	free(ctx->dirname);
	free(ctx);
}

DEFINE_CLEANUP(struct kmod_ctx *, ctx_free)

/* Remembers which configuration paths exist, for kmod_validate_resources(). */
static int take_stamps(struct kmod_ctx *ctx, const char *const *paths)
{
	size_t n = 0;
	struct stat st;

	while (paths[n])
		n++;
	ctx->stamps = calloc(n + 1, sizeof(*ctx->stamps));
	if (!ctx->stamps)
		return -ENOMEM;
	for (; *paths; paths++) {
		if (root_stat(&ctx->sys.root, *paths, &st) < 0)
			continue;
		ctx->stamps[ctx->n_stamps].path = strdup(*paths);
		if (!ctx->stamps[ctx->n_stamps].path)
			return -ENOMEM;
		ctx->stamps[ctx->n_stamps++].mtime = st.st_mtim;
	}
	return 0;
}

static int ctx_open(struct kmod_ctx *ctx, const char *dirname, const char *const *config_paths)
{
	struct policy_request req = { .root = ctx->sys.root, .paths = config_paths };

	ctx->dirname = absolute_dirname(ctx->sys.kernel, dirname);
	if (!ctx->dirname)
		return -ENOMEM;
	req.moduledir = ctx->dirname;
	if (take_stamps(ctx, config_paths ? config_paths : policy_default_paths) < 0 ||
	    policy_load(&req, &ctx->sys.diag, &ctx->policy) < 0)
		return -ENOMEM;
	/* As with kmod, a damaged index is reported when it is loaded, not by each look-up. */
	return catalog_open(&ctx->sys.root, ctx->dirname, NULL, &ctx->catalog);
}

KMOD_EXPORT struct kmod_ctx *kmod_new(const char *dirname, const char *const *config_paths)
{
	_cleanup_(ctx_free_p) struct kmod_ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		return NULL;
	ctx->refs = 1;
	ctx->sys.root = ROOT_REAL;
	ctx->sys.kernel = &kernel_real;
	ctx->log_fn = log_to_stderr;
	ctx->sys.diag = (struct diag){ .sink = log_sink, .data = ctx, .max_level = priority_from_environment() };
	if (ctx_open(ctx, dirname, config_paths) < 0)
		return NULL;
	return take_ptr(ctx);
}

KMOD_EXPORT struct kmod_ctx *kmod_ref(struct kmod_ctx *ctx)
{
	if (ctx)
		ctx->refs++;
	return ctx;
}

KMOD_EXPORT struct kmod_ctx *kmod_unref(struct kmod_ctx *ctx)
{
	if (!ctx || --ctx->refs > 0)
		return ctx;
	ctx_free(ctx);
	return NULL;
}

KMOD_EXPORT void *kmod_get_userdata(const struct kmod_ctx *ctx)
{
	return ctx ? ctx->userdata : NULL;
}

KMOD_EXPORT void kmod_set_userdata(struct kmod_ctx *ctx, const void *userdata)
{
	if (ctx)
		ctx->userdata = (void *)(uintptr_t)userdata;
}

KMOD_EXPORT const char *kmod_get_dirname(const struct kmod_ctx *ctx)
{
	return ctx ? ctx->dirname : NULL;
}

/* ---- resources ---- */

const struct catalog *ctx_catalog(const struct kmod_ctx *ctx)
{
	if (!ctx->resources && !catalog_is_fresh(ctx->catalog))
		catalog_unload(ctx->catalog);
	catalog_retry(ctx->catalog);
	return ctx->catalog;
}

KMOD_EXPORT int kmod_load_resources(struct kmod_ctx *ctx)
{
	int r;

	if (!ctx)
		return -ENOENT;
	if (!ctx->resources)
		catalog_unload(ctx->catalog);
	r = catalog_load(ctx->catalog, &ctx->sys.diag);
	ctx->resources = r == 0;
	return r;
}

KMOD_EXPORT void kmod_unload_resources(struct kmod_ctx *ctx)
{
	if (!ctx)
		return;
	catalog_unload(ctx->catalog);
	ctx->resources = false;
}

static bool stamp_is_current(const struct kmod_ctx *ctx, const struct config_stamp *s)
{
	struct stat st;

	return root_stat(&ctx->sys.root, s->path, &st) == 0 && st.st_mtim.tv_sec == s->mtime.tv_sec &&
	       st.st_mtim.tv_nsec == s->mtime.tv_nsec;
}

KMOD_EXPORT int kmod_validate_resources(struct kmod_ctx *ctx)
{
	if (!ctx || !ctx->policy)
		return KMOD_RESOURCES_MUST_RECREATE;
	for (size_t i = 0; i < ctx->n_stamps; i++)
		if (!stamp_is_current(ctx, &ctx->stamps[i]))
			return KMOD_RESOURCES_MUST_RECREATE;
	if (ctx->resources && !catalog_is_fresh(ctx->catalog))
		return KMOD_RESOURCES_MUST_RELOAD;
	return KMOD_RESOURCES_OK;
}

/* Buffered on a copy of the descriptor: the caller's own is neither closed nor left with unwritten bytes. */
KMOD_EXPORT int kmod_dump_index(struct kmod_ctx *ctx, enum kmod_index type, int fd)
{
	_cleanup_fclose_ FILE *out = NULL;
	const struct catalog *catalog;
	int copy, r;

	if (!ctx)
		return -ENOSYS;
	if ((unsigned)type >= CATALOG_N)
		return -ENOENT;
	catalog = ctx_catalog(ctx);
	if (!catalog_reader(catalog, (enum catalog_index)type))
		return -ENOSYS;
	copy = dup(fd);
	out = copy < 0 ? NULL : fdopen(copy, "w");
	if (!out) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	r = catalog_dump(catalog, (enum catalog_index)type, out);
	if (r < 0)
		return r;
	return fflush(out) != 0 ? -errno : 0;
}
