// SPDX-License-Identifier: MIT
#include "verb/config/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/paths.h"
#include "read/conf/lexer.h"
#include "read/image/initrd.h"

#define IMAGE_MAX (UINT64_C(1) << 30)
/* A file of configuration that is longer is not compared. */
#define COPY_MAX (1U << 20)

/* ---- where it is ---- */

/* Debian, Fedora, SUSE; kernel-install's layout; Arch, whose images have the name of the package. */
static const char *image_path(const struct config *c, struct buf *path)
{
	static const char *const forms[][2] = {
		{ "/boot/initrd.img-", "" },
		{ "/boot/initramfs-", ".img" },
		{ "/boot/initrd-", "" },
		{ RELEASES_DIR "/", "/initrd" },
	};
	char base[128];

	for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
		buf_clear(path);
		buf_addf(path, "%s%s%s", forms[i][0], c->release, forms[i][1]);
		if (root_exists(&c->sys->root, buf_str(path)))
			return buf_str(path);
	}
	buf_clear(path);
	buf_addf(path, "%s/pkgbase", catalog_dir(c->catalog));
	if (file_read_line(&c->sys->root, buf_str(path), base, sizeof(base)) < 0 || strchr(base, '/'))
		return NULL;
	buf_clear(path);
	buf_addf(path, "/boot/initramfs-%s.img", base);
	return root_exists(&c->sys->root, buf_str(path)) ? buf_str(path) : NULL;
}

/* ---- its files ---- */

/* /lib is /usr/lib where /usr is merged, and images are made by either name. */
static struct span plain_name(struct span name)
{
	static const char *const prefixes[] = { "./", "/", "usr/" };
	struct span ignored;

	for (size_t i = 0; i < ELEMENTSOF(prefixes); i++)
		if (span_starts(name, prefixes[i], strlen(prefixes[i])) && (i < 2 || span_starts(name, "usr/lib/", 8)))
			span_take(&name, strlen(prefixes[i]), &ignored);
	return name;
}

static bool is_wanted(struct span name)
{
	return memmem(name.p, name.n, "modprobe.d/", 11) || memmem(name.p, name.n, "modules-load.d/", 15);
}

static int keep_copy(void *data, const struct initrd_file *file)
{
	struct config_image *i = data;
	struct span name = plain_name(file->name);
	struct config_copy copy = { 0 };

	if (!is_wanted(name) || S_ISDIR(file->mode))
		return 0;
	copy.name = span_dup(name);
	if (copy.name && S_ISREG(file->mode) && !file->is_elsewhere && file->content.n <= COPY_MAX) {
		copy.content = span_dup(file->content);
		copy.n = file->content.n;
	}
	if (!copy.name || vec_room(&i->items, i->n, &i->cap) < 0) {
		free(copy.name);
		free(copy.content);
		return -ENOMEM;
	}
	i->items[i->n++] = copy;
	return map_put(&i->by_name, copy.name, (void *)(uintptr_t)i->n) < 0 ? -ENOMEM : 0;
}

int config_image_open(const struct config *c, struct config_image *ret)
{
	_cleanup_buf_ struct buf path = BUF_INIT, image = BUF_INIT;
	const char *found = c->release ? image_path(c, &path) : NULL;

	*ret = (struct config_image){ .error = -ENOENT };
	if (!found)
		return buf_error(&path);
	ret->path = strdup(found);
	if (!ret->path)
		return -ENOMEM;
	ret->error = file_read_regular(&c->sys->root, found, IMAGE_MAX, &image);
	if (ret->error == 0)
		ret->error = initrd_walk(buf_span(&image), keep_copy, ret);
	if (ret->error == -ENOMEM) {
		config_image_close(ret);
		return -ENOMEM;
	}
	return 0;
}

void config_image_close(struct config_image *i)
{
	for (size_t k = 0; k < i->n; k++) {
		free(i->items[k].name);
		free(i->items[k].content);
	}
	map_done(&i->by_name);
	free(i->items);
	free(i->path);
	*i = (struct config_image){ 0 };
}

const char *config_image_trouble(const struct config_image *i)
{
	if (!i->path)
		return "no image of this release was found";
	if (i->error == -ENOSYS)
		return "it is packed in a way that cannot be undone here";
	if (i->error == -ENOEXEC || i->error == -EINVAL)
		return "it is no archive that could be read";
	return i->error < 0 ? strerror(-i->error) : NULL;
}

int64_t config_image_age(const struct config *c, const struct config_image *i, const char *file)
{
	struct stat image, st;

	if (!i->path || root_stat(&c->sys->root, i->path, &image) < 0 || root_stat(&c->sys->root, file, &st) < 0)
		return 0;
	return st.st_mtime > image.st_mtime ? st.st_mtime - image.st_mtime : 0;
}

/* ---- comparing ---- */

static const struct config_copy *copy_of(const struct config_image *i, const char *file)
{
	size_t number = (uintptr_t)map_get(&i->by_name, (const char *)plain_name(span_of_str(file)).p);

	return number ? &i->items[number - 1] : NULL;
}

/* All that the copy says. */
static int collect_lines(struct span content, struct arena *strings, struct map *ret)
{
	_cleanup_lexer_ struct lexer l;
	char *text;
	int r;

	lexer_init(&l, content);
	while ((r = lexer_next(&l, &text)) > 0) {
		const char *kept = arena_str(strings, text);

		if (!kept || map_put(ret, kept, NULL) < 0)
			return -ENOMEM;
	}
	return r;
}

/* lines: of one file, in its order. */
static int compare_lines(struct span content, const struct config_copy *copy, struct config_line *lines, size_t n)
{
	_cleanup_arena_ struct arena strings = { 0 };
	_cleanup_map_ struct map theirs = { 0 };
	_cleanup_lexer_ struct lexer l;
	size_t k = 0;
	char *text;
	int r;

	lexer_init(&l, content);
	r = collect_lines(span_of(copy->content, copy->n), &strings, &theirs);
	while (r >= 0 && k < n && (r = lexer_next(&l, &text)) > 0) {
		while (k < n && lines[k].line < l.line)
			k++;
		for (; k < n && lines[k].line == l.line; k++)
			lines[k].in_image = map_has(&theirs, text) ? CONFIG_IMAGE_SAME : CONFIG_IMAGE_OTHER;
	}
	return r < 0 ? r : 0;
}

/* Only what is in a directory of configuration is copied into an image. */
static bool is_copied(const struct config_line *l)
{
	return l->line && !l->by_depmod && is_wanted(span_of_str(l->file));
}

static void set_all(struct config_line *lines, size_t n, enum config_image_has has)
{
	for (size_t k = 0; k < n; k++)
		lines[k].in_image = has;
}

/* lines: of one file. -ENOMEM. */
static int compare_file(const struct config *c, const struct config_image *i, struct config_line *lines, size_t n)
{
	_cleanup_buf_ struct buf content = BUF_INIT;
	const struct config_copy *copy = i->error < 0 ? NULL : copy_of(i, lines->file);
	int r = copy && copy->content ? file_read_regular(&c->sys->root, lines->file, COPY_MAX, &content) : -ENODATA;

	set_all(lines, n, i->error < 0 || copy ? CONFIG_IMAGE_UNKNOWN : CONFIG_IMAGE_LACKS);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (span_eq(buf_span(&content), span_of(copy->content, copy->n))) {
		set_all(lines, n, CONFIG_IMAGE_SAME);
		return 0;
	}
	set_all(lines, n, CONFIG_IMAGE_OTHER);
	r = compare_lines(buf_span(&content), copy, lines, n);
	if (r < 0)
		set_all(lines, n, CONFIG_IMAGE_UNKNOWN);
	return r == -ENOMEM ? r : 0;
}

int config_image_compare(struct config *c, const struct config_image *i)
{
	int r = 0;

	for (size_t k = 0, n; k < c->n && r == 0; k += n) {
		struct config_line *l = &c->lines[k];

		for (n = 1; k + n < c->n && is_copied(l) && is_copied(&l[n]) && strcmp(l->file, l[n].file) == 0;)
			n++;
		if (is_copied(l))
			r = compare_file(c, i, l, n);
		else
			l->in_image = CONFIG_IMAGE_NONE;
	}
	return r;
}

const char *config_image_name(enum config_image_has has)
{
	static const char *const names[] = {
		[CONFIG_IMAGE_NONE] = NULL,     [CONFIG_IMAGE_UNKNOWN] = "unknown", [CONFIG_IMAGE_SAME] = "same",
		[CONFIG_IMAGE_OTHER] = "other", [CONFIG_IMAGE_LACKS] = "absent",
	};

	return names[has];
}
