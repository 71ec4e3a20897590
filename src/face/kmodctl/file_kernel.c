// SPDX-License-Identifier: MIT
#include "face/kmodctl/file_kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "read/image/elf.h"
#include "read/image/facts.h"
#include "read/kernel/calls.h"
#include "system/target.h"

/* One whose configuration is at hand. */
struct known_kernel {
	char release[RELEASE_MAX + 1];
	struct kernel_target target;
};

int file_kernels_open(struct sys *sys, const struct module_files *files, struct file_kernels *ret)
{
	struct file_kernels k = { .sys = sys, .is_named = files->version || files->all };
	struct utsname u;
	int r = kernel_target_read(sys, files->version, &k.usual);

	if (r < 0)
		return r;
	if (kernel_uname(sys->kernel, &u) == 0)
		snprintf(k.running, sizeof(k.running), "%s", u.release);
	*ret = k;
	pthread_mutex_init(&ret->lock, NULL);
	return 0;
}

void file_kernels_done(struct file_kernels *k)
{
	if (!k->sys)
		return;
	pthread_mutex_destroy(&k->lock);
	free(k->known);
	*k = (struct file_kernels){ 0 };
}

/* ---- the file ---- */

/* The first word of vermagic, which is cut where it is too long for a release. "": there is none. 0 or -ENOMEM. */
static int read_release(struct source *src, char ret[static RELEASE_MAX + 1])
{
	_cleanup_modinfo_ struct modinfo info = { 0 };
	_cleanup_elf_ struct elf elf = { 0 };
	const char *magic = NULL;
	int r = elf_open(src, &elf);

	if (r == 0)
		r = modinfo_read(&elf, &info);
	if (r == -ENOMEM)
		return r;
	if (r == 0)
		magic = modinfo_get(&info, "vermagic");
	snprintf(ret, RELEASE_MAX + 1, "%.*s", magic ? (int)strcspn(magic, " ") : 0, magic ? magic : "");
	return 0;
}

/* ---- its kernel ---- */

static const struct kernel_target *find_known(const struct file_kernels *k, const char *release)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->known[i].release, release) == 0)
			return &k->known[i].target;
	return NULL;
}

/* Whoever names many releases that are not installed keeps no others from being known. */
static int know(struct file_kernels *k, const char *release, const struct kernel_target *target)
{
	if (target->config.error)
		return 0;
	if (vec_room(&k->known, k->n, &k->cap) < 0)
		return -ENOMEM;
	k->known[k->n].target = *target;
	snprintf(k->known[k->n].release, sizeof(k->known->release), "%s", release);
	k->n++;
	return 0;
}

/* Leaves *ret as it is where no more configurations are to be read. */
static int look_up(struct file_kernels *k, const char *release, struct kernel_target *ret)
{
	const struct kernel_target *known = find_known(k, release);
	int r = 0;

	if (known)
		*ret = *known;
	else if (k->n < FILE_KERNELS_MAX) {
		r = kernel_target_read(k->sys, release, ret);
		if (r == 0)
			r = know(k, release, ret);
	}
	return r;
}

int file_kernel_find(struct file_kernels *k, struct source *src, struct kernel_target *ret)
{
	struct kernel_target by_version = { .config.error = -ENOENT };
	char release[RELEASE_MAX + 1] = "";
	int r = k->is_named ? 0 : read_release(src, release);

	if (r < 0)
		return r;
	if (strcmp(release, k->running) == 0 || release_version(release, &by_version.version) < 0) {
		*ret = k->usual;
		return 0;
	}
	*ret = by_version;
	if (release_is_name(release)) {
		pthread_mutex_lock(&k->lock);
		r = look_up(k, release, ret);
		pthread_mutex_unlock(&k->lock);
	}
	return r < 0 ? r : 1;
}
