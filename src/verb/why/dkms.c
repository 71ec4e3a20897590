// SPDX-License-Identifier: MIT
/*
 * What DKMS knows of a module that is not installed for the running kernel (dkms(8)): below /var/lib/dkms/NAME/VERSION
 * lie the source, build/ of a build that failed, and KERNEL/ARCH/module/ of those that did not.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/oom.h"
#include "verb/why/parts.h"

#define DKMS_DIR "/var/lib/dkms"
#define CONF_MAX (256u << 10)
#define LOG_HEAD 4096

/* One version of a package of DKMS, and the kernels for which it has built the module. */
struct package {
	char dir[PATH_MAX];
	char name[NAME_MAX + 1], version[NAME_MAX + 1];
	struct strv kernels;
	bool for_release; /* the running one is among them */
};

struct search {
	const struct why_query *q;
	const char *module; /* normalized */
	struct why *found;
};

static bool join(char ret[static PATH_MAX], const char *dir, const char *name)
{
	return (size_t)snprintf(ret, PATH_MAX, "%s/%s", dir, name) < PATH_MAX;
}

/* ---- does it provide the module? ---- */

/* BUILT_MODULE_NAME[0]="name": what a shell would read of it, if it is a plain word. */
static bool line_names(char *line, const char *module)
{
	static const char key[] = "BUILT_MODULE_NAME";
	char *value = line + strspn(line, " \t");

	if (strncmp(value, key, strlen(key)) != 0)
		return false;
	value = strchr(value, '=');
	if (!value)
		return false;
	value += 1 + strspn(value + 1, "\"'");
	value[strcspn(value, "\"' \t;#\r")] = '\0';
	return modname_equal(value, module);
}

static bool conf_names(const struct search *s, const struct package *p)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	char path[PATH_MAX], *at, *line;

	if (!join(path, p->dir, "source/dkms.conf") || file_read_regular(&s->q->sys->root, path, CONF_MAX, &text) < 0 ||
	    buf_addc(&text, '\0') < 0)
		return false;
	at = text.p;
	while ((line = strsep(&at, "\n")))
		if (line_names(line, s->module))
			return true;
	return false;
}

/* A file of the module in KERNEL/ARCH/module. 1, 0, -ENOMEM. */
static int has_built(const struct search *s, const char *kernel_dir)
{
	_cleanup_strv_ struct strv arches = { 0 }, files = { 0 };
	char arch[PATH_MAX], dir[PATH_MAX], name[MODNAME_MAX];
	int r = root_list(&s->q->sys->root, kernel_dir, &arches);

	for (size_t i = 0; i < arches.n && r >= 0; i++)
		if (join(arch, kernel_dir, arches.items[i]) && join(dir, arch, "module"))
			r = only_oom(root_list(&s->q->sys->root, dir, &files));
	for (size_t i = 0; i < files.n && r >= 0; i++)
		if (modname_extension(files.items[i]) && modname_from_path(files.items[i], name) == 0 &&
		    strcmp(name, s->module) == 0)
			return 1;
	return only_oom(r);
}

static int find_kernels(const struct search *s, struct package *p)
{
	_cleanup_strv_ struct strv names = { 0 };
	char path[PATH_MAX];
	int r = only_oom(root_list(&s->q->sys->root, p->dir, &names));

	for (size_t i = 0; i < names.n && r >= 0; i++) {
		if (!join(path, p->dir, names.items[i]))
			continue;
		r = has_built(s, path);
		if (r <= 0)
			continue;
		p->for_release = p->for_release || strcmp(names.items[i], s->q->release) == 0;
		r = strv_add(&p->kernels, names.items[i]);
	}
	return r;
}

/* ---- findings ---- */

/* The log of a build that failed is left where it was built: "DKMS make.log for NAME-VERSION for kernel R (ARCH)". */
static bool has_failed(const struct search *s, const struct package *p, char log[static PATH_MAX])
{
	char head[LOG_HEAD];
	const char *kernel;
	size_t n = strlen(s->q->release);

	if (!join(log, p->dir, "build/make.log") || file_read_line(&s->q->sys->root, log, head, sizeof(head)) < 0)
		return false;
	kernel = strstr(head, " for kernel ");
	if (!kernel)
		return false;
	kernel += strlen(" for kernel ");
	return n > 0 && strncmp(kernel, s->q->release, n) == 0 && (kernel[n] == ' ' || !kernel[n]);
}

static int tell_failed(const struct search *s, const struct package *p, const char *log)
{
	const struct policy_entry at = { .file = log };
	int r = why_add(s->found, WHY_OBSTACLE, WHY_DKMS_FAILED, &at,
			"DKMS could not build %s/%s for the running kernel %s", p->name, p->version, s->q->release);

	if (r >= 0)
		r = why_fix(s->found, "the log of the build says why: %s", log);
	return r < 0 ? r : why_command(s->found, "tail", "-n", "50", log);
}

static int tell_not_installed(const struct search *s, const struct package *p)
{
	_cleanup_buf_ struct buf package = BUF_INIT;
	int r = why_add(s->found, WHY_OBSTACLE, WHY_DKMS_NOT_INSTALLED, NULL,
			"DKMS has built %s/%s for the running kernel %s, but its module is not installed", p->name,
			p->version, s->q->release);

	if (r >= 0)
		r = why_fix(s->found, "install what was built");
	buf_addf(&package, "%s/%s", p->name, p->version);
	return r < 0 ? r : why_command(s->found, "dkms", "install", "-k", s->q->release, buf_str(&package));
}

static int tell_not_built(const struct search *s, const struct package *p)
{
	_cleanup_buf_ struct buf kernels = BUF_INIT;
	char headers[PATH_MAX];
	bool lacks_headers =
		(size_t)snprintf(headers, sizeof(headers), RELEASES_DIR "/%s/build", s->q->release) < sizeof(headers) &&
		!root_exists(&s->q->sys->root, headers);
	int r;

	for (size_t i = 0; i < p->kernels.n; i++)
		buf_addf(&kernels, "%s%s", i ? ", " : ", only for ", p->kernels.items[i]);
	r = why_add(s->found, WHY_OBSTACLE, WHY_DKMS_NOT_BUILT, NULL,
		    "DKMS has not built %s/%s for the running kernel %s%s%s", p->name, p->version, s->q->release,
		    buf_str(&kernels),
		    lacks_headers ? "; the headers of this kernel, which that takes, are missing" : "");
	if (r >= 0)
		r = why_fix(s->found, lacks_headers ? "install the headers of the kernel, then build it" :
						      "build and install it");
	return r < 0 ? r : why_command(s->found, "dkms", "autoinstall", "-k", s->q->release);
}

static int tell(const struct search *s, const struct package *p)
{
	char log[PATH_MAX];

	if (p->for_release)
		return tell_not_installed(s, p);
	return has_failed(s, p, log) ? tell_failed(s, p, log) : tell_not_built(s, p);
}

/* ---- the packages ---- */

/* 1: it provides the module, which was reported. */
static int look_at_version(const struct search *s, const char *name, const char *version)
{
	struct package p = { 0 };
	int r;

	if ((size_t)snprintf(p.dir, sizeof(p.dir), DKMS_DIR "/%s/%s", name, version) >= sizeof(p.dir) ||
	    strlen(name) > NAME_MAX || strlen(version) > NAME_MAX)
		return 0;
	strcpy(p.name, name);
	strcpy(p.version, version);
	r = find_kernels(s, &p);
	if (r >= 0 && (p.kernels.n || conf_names(s, &p))) {
		r = tell(s, &p);
		r = r < 0 ? r : 1;
	}
	strv_done(&p.kernels);
	return r;
}

static int look_at_package(const struct search *s, const char *name)
{
	_cleanup_strv_ struct strv versions = { 0 };
	char dir[PATH_MAX];
	int r = join(dir, DKMS_DIR, name) ? only_oom(root_list(&s->q->sys->root, dir, &versions)) : 0;

	for (size_t i = versions.n; i-- > 0 && r == 0;)
		if (strncmp(versions.items[i], "kernel-", strlen("kernel-")) != 0)
			r = look_at_version(s, name, versions.items[i]);
	return r;
}

int why_dkms(const struct why_query *q, const char *asked, struct why *found)
{
	_cleanup_strv_ struct strv packages = { 0 };
	char module[MODNAME_MAX];
	const struct search s = { q, module, found };
	int r;

	if (modname_normalize(asked, module) < 0)
		return 0;
	r = only_oom(root_list(&q->sys->root, DKMS_DIR, &packages));
	for (size_t i = 0; i < packages.n && r == 0; i++)
		r = look_at_package(&s, packages.items[i]);
	return r;
}
