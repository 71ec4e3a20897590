// SPDX-License-Identifier: MIT
#include "tools/module_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/pool.h"
#include "sign/tree.h"
#include "tools/report.h"

/* What the rules are taken from when the kernel's version is not to be had. */
#define KERNEL_ASSUMED 612
#define JOBS_MAX 1024

static int running_release(struct env *env, struct utsname *ret)
{
	int r = kernel_uname(env->kernel, ret);

	if (r < 0)
		report_error(env, "sign.no-release", "cannot tell which kernel runs; give -k VERSION");
	return r;
}

static int collect_all(struct env *env, const struct module_files *m, struct strv *ret)
{
	_cleanup_buf_ struct buf path = BUF_INIT;
	struct utsname running;
	int r = m->version ? 0 : running_release(env, &running);

	if (r == 0)
		r = buf_addf(&path, "/lib/modules/%s", m->version ? m->version : running.release);
	return r < 0 ? r : tree_collect(&env->root, buf_str(&path), &env->diag, ret);
}

int module_files_collect(struct env *env, const struct module_files *m, int n, char **operands, struct strv *ret)
{
	int r = 0;

	if (n == 0 && !m->all) {
		report_error(env, "sign.no-files", "no module given; name files or directories, or use --all");
		return -EINVAL;
	}
	if (m->all)
		r = collect_all(env, m, ret);
	for (int i = 0; r == 0 && i < n; i++)
		r = tree_collect(&env->root, operands[i], &env->diag, ret);
	return r;
}

unsigned module_files_kernel(struct env *env, const struct module_files *m)
{
	const char *text = m->version;
	struct utsname running;
	unsigned major, minor;

	if (!text && kernel_uname(env->kernel, &running) == 0)
		text = running.release;
	if (!text || sscanf(text, "%u.%u", &major, &minor) != 2 || major > 99 || minor > 99)
		return KERNEL_ASSUMED;
	return 100 * major + minor;
}

int module_files_jobs(struct env *env, const char *arg, unsigned *ret)
{
	uint32_t n;

	if (parse_u32(arg, 10, &n) < 0 || n == 0 || n > JOBS_MAX) {
		report_error(env, "sign.jobs", "'%s' is not a number of jobs", arg);
		return -EINVAL;
	}
	*ret = n;
	return 0;
}

void file_progress_init(struct file_progress *p, struct env *env, size_t total)
{
	*p = (struct file_progress){ .total = total };
	pthread_mutex_init(&p->lock, NULL);
	progress_init(&p->shown, env->err, env->tool, "modules");
}

void file_progress_step(struct file_progress *p)
{
	pthread_mutex_lock(&p->lock);
	progress_show(&p->shown, ++p->done, p->total);
	pthread_mutex_unlock(&p->lock);
}

void file_progress_done(struct file_progress *p)
{
	progress_done(&p->shown);
	pthread_mutex_destroy(&p->lock);
}
