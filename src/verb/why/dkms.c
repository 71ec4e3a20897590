// SPDX-License-Identifier: MIT
/*
 * What DKMS knows of a module that is not installed for the running kernel (dkms(8)): below /var/lib/dkms/NAME/VERSION
 * lie a link to the source, build/ of a build that failed, and KERNEL/ARCH/module/ of those that did not.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "base/modname.h"
#include "base/oom.h"
#include "read/conf/dkms.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define DKMS_DIR "/var/lib/dkms"
#define CONF_MAX (256u << 10)
#define LOG_HEAD 4096

/* One version of a package of DKMS, and the kernels for which it has built the module. */
struct package {
	char dir[PATH_MAX];
	char name[NAME_MAX + 1], version[NAME_MAX + 1];
	struct strv kernels;
	bool for_release; /* the running one is among them */
	char conf_path[PATH_MAX];
	int conf_error; /* -errno: dkms.conf could not be read */
	struct dkms_conf conf;
};

struct search {
	const struct why_query *q;
	const char *module; /* normalized */
	struct why *found;
	struct buf *package; /* of dkms_find() */
};

static bool join(char ret[static PATH_MAX], const char *dir, const char *name)
{
	return (size_t)snprintf(ret, PATH_MAX, "%s/%s", dir, name) < PATH_MAX;
}

/* ---- does it provide the module? ---- */

/* The link to the source may lead nowhere. */
static int read_conf(const struct search *s, struct package *p)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (!join(p->conf_path, p->dir, "source/dkms.conf"))
		return 0;
	p->conf_error = file_read_regular(&s->q->sys->root, p->conf_path, CONF_MAX, &text);
	if (p->conf_error < 0)
		return only_oom(p->conf_error);
	return dkms_conf_read(buf_span(&text), s->q->release, &p->conf);
}

static bool conf_names(const struct search *s, const struct package *p)
{
	for (size_t i = 0; i < p->conf.modules.n; i++)
		if (modname_equal(p->conf.modules.items[i], s->module))
			return true;
	return false;
}

/* DKMS cannot use it, and what it provided cannot be seen but in its name. */
static bool is_broken(const struct search *s, const struct package *p)
{
	return (p->conf_error < 0 || p->conf.state == DKMS_INVALID) && modname_equal(p->name, s->module);
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

static int tell_excluded(const struct search *s, const struct package *p)
{
	const struct policy_entry at = { .file = p->conf_path, .line = p->conf.kernels_line };
	int r = why_add(s->found, WHY_OBSTACLE, WHY_DKMS_EXCLUDED, &at,
			"DKMS does not build %s/%s for the running kernel %s, which BUILD_EXCLUSIVE_KERNEL does not "
			"match: %s",
			p->name, p->version, s->q->release, p->conf.kernels);

	return r < 0 ? r : why_fix(s->found, "install a version that supports this kernel, or boot another kernel");
}

/* A link to the source that leads nowhere is what is left when that was deleted. */
static int tell_broken(const struct search *s, const struct package *p)
{
	const struct policy_entry at = { .file = p->conf_path };
	int r = why_add(s->found, WHY_OBSTACLE, WHY_DKMS_BROKEN, &at,
			"DKMS has a package %s/%s, and cannot use it, because its dkms.conf %s%s", p->name, p->version,
			p->conf_error < 0 ? "cannot be read: " : "lacks PACKAGE_NAME or PACKAGE_VERSION",
			p->conf_error < 0 ? strerror(-p->conf_error) : "");

	return r < 0 ? r : why_fix(s->found, "install its source again");
}

static bool lacks_headers(const struct search *s)
{
	char headers[PATH_MAX];

	return (size_t)snprintf(headers, sizeof(headers), RELEASES_DIR "/%s/build", s->q->release) < sizeof(headers) &&
	       !root_exists(&s->q->sys->root, headers);
}

static int fix_not_built(const struct search *s, const struct package *p, bool headers)
{
	_cleanup_buf_ struct buf package = BUF_INIT;
	int r;

	buf_addf(&package, "%s/%s", p->name, p->version);
	if (buf_error(&package))
		return -ENOMEM;
	if (headers) {
		r = why_fix(s->found, "install the headers of the kernel, then build it: dkms install -k %s %s",
			    s->q->release, buf_str(&package));
		return r < 0 ? r : remedy_headers(s->found, &s->q->sys->root, s->q->release);
	}
	r = why_fix(s->found, "build and install it");
	if (r < 0)
		return r;
	return p->conf.autoinstall ? why_command(s->found, "dkms", "autoinstall", "-k", s->q->release) :
				     why_command(s->found, "dkms", "install", "-k", s->q->release, buf_str(&package));
}

static int tell_not_built(const struct search *s, const struct package *p)
{
	_cleanup_buf_ struct buf kernels = BUF_INIT;
	bool headers = lacks_headers(s);
	int r;

	for (size_t i = 0; i < p->kernels.n; i++)
		buf_addf(&kernels, "%s%s", i ? ", " : ", only for ", p->kernels.items[i]);
	r = why_add(s->found, WHY_OBSTACLE, WHY_DKMS_NOT_BUILT, NULL,
		    "DKMS has not built %s/%s for the running kernel %s%s%s", p->name, p->version, s->q->release,
		    buf_str(&kernels), headers ? "; the headers of this kernel, which that takes, are missing" : "");
	return r < 0 ? r : fix_not_built(s, p, headers);
}

static int tell(const struct search *s, const struct package *p)
{
	char log[PATH_MAX];

	if (p->for_release)
		return tell_not_installed(s, p);
	if (has_failed(s, p, log))
		return tell_failed(s, p, log);
	return dkms_conf_takes(&p->conf, s->q->release) ? tell_not_built(s, p) : tell_excluded(s, p);
}

/* ---- the packages ---- */

static int found(int r)
{
	return r < 0 ? r : 1;
}

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
	if (r >= 0)
		r = read_conf(s, &p);
	if (r >= 0 && (p.kernels.n || conf_names(s, &p)))
		r = found(tell(s, &p));
	else if (r >= 0 && is_broken(s, &p))
		r = found(tell_broken(s, &p));
	strv_done(&p.kernels);
	dkms_conf_done(&p.conf);
	return r;
}

static int look_at_package(const struct search *s, const char *name,
			   int (*look)(const struct search *s, const char *name, const char *version))
{
	_cleanup_strv_ struct strv versions = { 0 };
	char dir[PATH_MAX];
	int r = join(dir, DKMS_DIR, name) ? only_oom(root_list(&s->q->sys->root, dir, &versions)) : 0;

	for (size_t i = versions.n; i-- > 0 && r == 0;)
		if (strncmp(versions.items[i], "kernel-", strlen("kernel-")) != 0)
			r = look(s, name, versions.items[i]);
	return r;
}

int why_dkms(const struct why_query *q, const char *asked, struct why *found)
{
	_cleanup_strv_ struct strv packages = { 0 };
	char module[MODNAME_MAX];
	const struct search s = { .q = q, .module = module, .found = found };
	int r;

	if (modname_normalize(asked, module) < 0)
		return 0;
	r = only_oom(root_list(&q->sys->root, DKMS_DIR, &packages));
	for (size_t i = 0; i < packages.n && r == 0; i++)
		r = look_at_package(&s, packages.items[i], look_at_version);
	return r;
}

/* ---- what it has built ---- */

/* 1: that version has built the module for the release, and is added. */
static int note_version(const struct search *s, const char *name, const char *version)
{
	struct package p = { 0 };
	int r = 0;

	if ((size_t)snprintf(p.dir, sizeof(p.dir), DKMS_DIR "/%s/%s", name, version) < sizeof(p.dir))
		r = find_kernels(s, &p);
	strv_done(&p.kernels);
	if (r < 0 || !p.for_release)
		return r;
	r = buf_addf(s->package, "%s/%s", name, version);
	return r < 0 ? r : 1;
}

int dkms_find(const struct why_query *q, const char *module, struct buf *ret)
{
	const struct search s = { .q = q, .module = module, .package = ret };
	_cleanup_strv_ struct strv packages = { 0 };
	int r = only_oom(root_list(&q->sys->root, DKMS_DIR, &packages));

	for (size_t i = 0; i < packages.n && r == 0; i++)
		r = look_at_package(&s, packages.items[i], note_version);
	return r;
}
