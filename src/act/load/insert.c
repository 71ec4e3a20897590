// SPDX-License-Identifier: MIT
#include "act/load/insert.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read/image/codec.h"
#include "read/image/elf.h"
#include "read/image/source.h"
#include "read/kernel/live.h"

/* The library's flags and the kernel's have swapped values. */
static int finit_flags(unsigned flags, bool compressed)
{
	return (flags & INSERT_FORCE_VERMAGIC ? KERNEL_FINIT_IGNORE_VERMAGIC : 0) |
	       (flags & INSERT_FORCE_MODVERSION ? KERNEL_FINIT_IGNORE_MODVERSIONS : 0) |
	       (compressed ? KERNEL_FINIT_COMPRESSED : 0);
}

/* Can this kernel unpack the file? */
static bool kernel_unpacks(struct sys *sys, struct source *src)
{
	const struct codec *codec = codec_by_id(source_codec(src));
	char word[32] = "";

	if (!codec)
		return false;
	live_compression(&sys->root, word, sizeof(word));
	if (*word && !codec_by_kernel_name(word))
		sys_error(sys, "load.kernel-compression", "unknown kernel compression %s", word);
	return strcmp(word, codec->kernel) == 0;
}

/*
 * Errors that may come from the kernel's decompressor (or from a kernel that lost it) and not from the module
 * itself.
 */
static bool may_be_unpacking(int r)
{
	return r == -EINVAL || r == -ENOEXEC || r == -EOPNOTSUPP || r == -EBADMSG || r == -EIO || r == -EFBIG;
}

/* ---- forcing through init_module(2), which has no flags: the copy is edited ---- */

/* The kernel ignores versions in a section without SHF_ALLOC: clears that flag in the section's header. */
static void hide_versions(const struct elf *e, uint8_t *copy, size_t n)
{
	const struct elf_section *s = elf_find(e, "__versions");
	size_t width = e->is64 ? 8 : 4;
	uint64_t at;

	if (!s)
		return;
	at = e->shoff + (uint64_t)(s - e->sections) * e->shentsize +
	     (e->is64 ? offsetof(Elf64_Shdr, sh_flags) : offsetof(Elf32_Shdr, sh_flags)) + (e->big ? width - 1 : 0);
	if (at < n)
		copy[at] &= (uint8_t)~SHF_ALLOC;
}

/* -ENODATA: the module says nothing about its kernel. */
static int wipe_vermagic(const struct elf *e, uint8_t *copy, size_t n)
{
	static const char key[] = "vermagic=";
	const struct elf_section *s = elf_find(e, ".modinfo");
	struct span strings;
	uint64_t at = 0;

	if (!s || elf_bytes(e, s, &strings) < 0 || s->offset > n || strings.n > n - s->offset)
		return -ENODATA;
	while (at < strings.n) {
		const char *string;

		if (span_cstr(strings, at, &string) < 0)
			return -ENODATA;
		if (strncmp(string, key, sizeof(key) - 1) == 0) {
			memset(copy + s->offset + at, 0, strlen(string));
			return 0;
		}
		at += strlen(string) + 1;
	}
	return -ENODATA;
}

static int strip_versions(struct source *src, unsigned flags, uint8_t *copy, size_t n)
{
	_cleanup_elf_ struct elf e = { 0 };
	int r = elf_open(src, &e);

	if (r < 0)
		return r;
	if (flags & INSERT_FORCE_MODVERSION)
		hide_versions(&e, copy, n);
	if (flags & INSERT_FORCE_VERMAGIC)
		r = wipe_vermagic(&e, copy, n);
	return r;
}

static int insert_forced(struct sys *sys, struct source *src, struct span image, const char *options, unsigned flags)
{
	_cleanup_free_ uint8_t *copy = malloc(image.n ? image.n : 1);
	int r;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, image.p, image.n);
	r = strip_versions(src, flags, copy, image.n);
	if (r < 0) {
		sys_error(sys, "load.strip-versions", "Failed to strip version information: %s", strerror(-r));
		return r;
	}
	return kernel_init_module(sys->kernel, copy, image.n, options);
}

static int insert_image(struct sys *sys, struct source *src, const char *options, unsigned flags)
{
	struct span image;
	int r = source_whole(src, &image);

	if (r < 0)
		return r;
	if (flags)
		return insert_forced(sys, src, image, options, flags);
	return kernel_init_module(sys->kernel, image.p, image.n, options);
}

static int insert_file(struct sys *sys, struct source *src, const char *options, unsigned flags)
{
	bool compressed = source_codec(src) != CODEC_NONE;
	int r;

	if (compressed && !kernel_unpacks(sys, src))
		return insert_image(sys, src, options, flags);
	r = kernel_finit_module(sys->kernel, source_fd(src), options, finit_flags(flags, compressed));
	if (r == -ENOSYS || (compressed && may_be_unpacking(r)))
		return insert_image(sys, src, options, flags);
	return r;
}

int insert_module(struct sys *sys, const char *path, const char *options, unsigned flags)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	int r = source_open_lazy(&sys->root, path, &sys->diag, &src);

	if (r == -ESPIPE)
		return -EINVAL; /* as the kernel says of a device; ESPIPE is no error of a load */
	return r < 0 ? r : insert_file(sys, src, options ? options : "", flags);
}
