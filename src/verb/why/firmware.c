// SPDX-License-Identifier: MIT
/*
 * Firmware files that a module names, and which of them the kernel would not find
 * (Documentation/driver-api/firmware, fw_search_path and firmware-usage-guidelines).
 */
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "read/kernel/kconfig.h"
#include "verb/why/firmware.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"

#define PATH_ATTRIBUTE "/sys/module/firmware_class/parameters/path"
#define NAMES_SHOWN 6

#define ANY_FORM 7u

static const struct {
	const char *ending, *option;
} forms[] = {
	{ "", NULL },
	{ ".xz", "CONFIG_FW_LOADER_COMPRESS_XZ" },
	{ ".zst", "CONFIG_FW_LOADER_COMPRESS_ZSTD" },
};

/* The kernel's order. */
static int search_path(const struct root *root, const char *release, struct strv *ret)
{
	static const char *const places[] = { "/lib/firmware/updates/%s", "/lib/firmware/updates", "/lib/firmware/%s",
					      "/lib/firmware" };
	char first[PATH_MAX];
	int r = 0;

	if (file_read_line(root, PATH_ATTRIBUTE, first, sizeof(first)) >= 0 && *first)
		r = strv_add(ret, first);
	for (size_t i = 0; i < ELEMENTSOF(places) && r >= 0; i++) {
		_cleanup_buf_ struct buf path = BUF_INIT;
		const char *mark = strstr(places[i], "%s");

		buf_addf(&path, "%.*s%s", mark ? (int)(mark - places[i]) : (int)strlen(places[i]), places[i],
			 mark ? release : "");
		r = strv_take(ret, buf_steal(&path));
	}
	return r;
}

/* A configuration that was read and has none of the options for a form says that the kernel cannot unpack it. */
static bool can_unpack(const struct root *root, const char *release, const char *option)
{
	static const char *const common[] = { "CONFIG_FW_LOADER", "CONFIG_FW_LOADER_COMPRESS" };
	struct kconfig_entry e;

	if (kconfig_find(root, release, common[0], &e) != 1 || strcmp(e.value, "y") != 0)
		return true;
	if (kconfig_find(root, release, common[1], &e) != 1 || strcmp(e.value, "y") != 0)
		return false;
	/* Before Linux 5.19 there was but one form, and no option of its own. */
	return kconfig_find(root, release, option, &e) == 1 ? strcmp(e.value, "y") == 0 :
							      strcmp(option, forms[1].option) == 0;
}

/* The forms that count: the first is not packed. */
static unsigned usable_forms(const struct root *root, const char *release)
{
	unsigned usable = 1;

	for (size_t i = 1; i < ELEMENTSOF(forms); i++)
		usable |= can_unpack(root, release, forms[i].option) ? 1u << i : 0;
	return usable;
}

static bool matches(const char *file, const char *pattern, unsigned usable)
{
	for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
		char whole[NAME_MAX + 8];

		if ((usable & 1u << i) &&
		    (size_t)snprintf(whole, sizeof(whole), "%s%s", pattern, forms[i].ending) < sizeof(whole) &&
		    fnmatch(whole, file, 0) == 0)
			return true;
	}
	return false;
}

/* Drivers name files that depend on the board as brcm/brcmfmac43456-sdio.*.bin: the last component is a pattern. */
static bool has_match(const struct root *root, const char *path, unsigned usable)
{
	_cleanup_closedir_ DIR *d = NULL;
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX], file[PATH_MAX];
	struct dirent *e;

	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	if (root_opendir(root, dir, &d) < 0)
		return false;
	while ((e = readdir(d)))
		if (matches(e->d_name, slash + 1, usable) &&
		    (size_t)snprintf(file, sizeof(file), "%s/%s", dir, e->d_name) < sizeof(file) &&
		    root_exists(root, file))
			return true;
	return false;
}

/* The first of them where it is; NULL: none. */
static const char *place_of(const struct root *root, const struct strv *places, const char *name, unsigned usable)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < places->n; i++)
		if ((size_t)snprintf(path, sizeof(path), "%s/%s", places->items[i], name) < sizeof(path) &&
		    has_match(root, path, usable))
			return places->items[i];
	return NULL;
}

/* The files are there, in a form that this kernel cannot unpack. */
static int tell_packed(struct subject *s)
{
	int r = why_add(s->found, WHY_TROUBLE, WHY_FIRMWARE_MISSING, NULL,
			"the firmware that it may request is there only in a form that this kernel cannot unpack "
			"(CONFIG_FW_LOADER_COMPRESS)");

	return r < 0 ? r : why_fix(s->found, "unpack it (xz -d, zstd -d), and load the module again");
}

static int tell_absent(struct subject *s, size_t named, const struct strv *absent, bool packed)
{
	_cleanup_buf_ struct buf list = BUF_INIT;
	bool all = named == absent->n;
	int r;

	for (size_t i = 0; i < absent->n && i < NAMES_SHOWN; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", absent->items[i]);
	if (absent->n > NAMES_SHOWN)
		buf_addf(&list, " and %zu more", absent->n - NAMES_SHOWN);
	if (buf_error(&list))
		return -ENOMEM;
	if (!all)
		return why_add(s->found, WHY_NOTE, WHY_FIRMWARE_PARTLY, NULL,
			       "%zu of the %zu firmware files that it may request %s not in /lib/firmware: %s",
			       absent->n, named, absent->n == 1 ? "is" : "are", buf_str(&list));
	if (packed)
		return tell_packed(s);
	r = why_add(s->found, WHY_TROUBLE, WHY_FIRMWARE_MISSING, NULL,
		    "none of the firmware that it may request is in /lib/firmware: %s", buf_str(&list));
	if (r < 0)
		return r;
	r = why_fix(s->found, "install the package that has it; if the initramfs loads the module, rebuild the "
			      "initramfs; then load the module again");
	return r < 0 ? r : remedy_firmware(s->found, &s->q->sys->root, absent->items[0]);
}

static bool is_firmware(const struct modinfo_item *item)
{
	return item->key_len == strlen("firmware") && memcmp(item->key, "firmware", item->key_len) == 0;
}

int firmware_read(const struct root *root, const char *release, const struct modinfo *info, struct firmware_files *ret)
{
	_cleanup_strv_ struct strv places = { 0 };
	unsigned usable = usable_forms(root, release);
	int r = search_path(root, release, &places);

	for (size_t i = 0; i < info->n && r >= 0; i++) {
		struct firmware_file f = { .name = info->items[i].value };

		if (!is_firmware(&info->items[i]))
			continue;
		f.is_there = place_of(root, &places, f.name, usable);
		f.is_packed = !f.is_there && place_of(root, &places, f.name, ANY_FORM);
		r = vec_room(&ret->items, ret->n, &ret->cap);
		if (r >= 0)
			ret->items[ret->n++] = f;
	}
	return r;
}

int firmware_find(const struct root *root, const char *release, const char *name, struct buf *into)
{
	_cleanup_strv_ struct strv places = { 0 };
	int r = search_path(root, release, &places);
	const char *place = r >= 0 ? place_of(root, &places, name, usable_forms(root, release)) : NULL;

	return place ? buf_adds(into, place) : r;
}

void firmware_done(struct firmware_files *f)
{
	free(f->items);
	*f = (struct firmware_files){ 0 };
}

int why_firmware(struct subject *s)
{
	_cleanup_firmware_ struct firmware_files files = { 0 };
	_cleanup_strv_ struct strv absent = { 0 };
	bool packed = false;
	int r = s->is_module ? firmware_read(&s->q->sys->root, s->q->release, &s->info, &files) : 0;

	for (size_t i = 0; i < files.n && r >= 0; i++) {
		packed |= files.items[i].is_packed;
		if (!files.items[i].is_there)
			r = strv_add(&absent, files.items[i].name);
	}
	if (r < 0 || !files.n)
		return r;
	return absent.n ? tell_absent(s, files.n, &absent, packed) :
			  why_add(s->found, WHY_FACT, WHY_FIRMWARE, NULL,
				  "no firmware file that it may request is missing (%zu)", files.n);
}
