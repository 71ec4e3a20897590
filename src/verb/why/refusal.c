// SPDX-License-Identifier: MIT
#include "verb/why/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "verb/why/exports.h"
#include "verb/why/cause_symbols.h"
#include "verb/why/signature.h"
#include "read/image/facts.h"
#include "read/kernel/lockstate.h"

/* What is known of the file when its turn comes. */
struct cause_file {
	struct source *src; /* NULL: cannot be read */
	struct elf elf;
	bool is_elf;
};

static int add(struct strv *lines, const struct cause_query *q, const char *fmt, ...) _printf_(3, 4);

static int add(struct strv *lines, const struct cause_query *q, const char *fmt, ...)
{
	_cleanup_buf_ struct buf line = BUF_INIT;
	va_list ap;

	buf_addf(&line, "%s: ", q->name);
	va_start(ap, fmt);
	buf_vaddf(&line, fmt, ap);
	va_end(ap);
	return strv_take(lines, buf_steal(&line));
}

bool cause_is_signature(int error)
{
	return error == -EPERM || error == -EKEYREJECTED || error == -ENOKEY || error == -EBADMSG || error == -ENOPKG;
}

/* ---- EPERM: may anything be loaded at all, and this module? In the kernel's order. ---- */

static int cause_permission(const struct cause_query *q, const struct lockstate *s, struct strv *lines)
{
	if (s->cap_sys_module == LOCK_NO)
		return add(lines, q, "this process may not load modules: it lacks CAP_SYS_MODULE (not root, or in a container)");
	if (s->in_user_namespace == LOCK_YES)
		return add(lines, q, "modules cannot be loaded from within a user namespace (container): load it on the host");
	if (s->modules_disabled == LOCK_YES)
		return add(lines, q, "module loading is switched off until the next boot (kernel.modules_disabled=1)");
	if (lockstate_is_blacklisted(s, q->name))
		return add(lines, q, "denied by module_blacklist= on the kernel command line");
	return 0;
}

static int cause_refused(const struct cause_query *q, const struct cause_file *f, struct strv *lines)
{
	_cleanup_lockstate_ struct lockstate s = { 0 };
	size_t before = lines->n;
	struct span file;
	int r = lockstate_read(q->root, &s);

	if (r >= 0 && q->error == -EPERM)
		r = cause_permission(q, &s, lines);
	if (r < 0 || lines->n > before || !f->src || source_whole(f->src, &file) < 0)
		return r;
	return cause_trust(q, &s, file, lines);
}

/* ---- the file and this kernel ---- */

static int cause_vermagic(const struct cause_query *q, const struct elf *e, struct strv *lines)
{
	struct modinfo info = { 0 };
	char release[128];
	const char *magic;
	int r = 0;

	if (modinfo_read(e, &info) < 0)
		return 0;
	magic = modinfo_get(&info, "vermagic");
	if (magic && file_read_line(q->root, "/proc/sys/kernel/osrelease", release, sizeof(release)) >= 0) {
		size_t n = strcspn(magic, " ");

		if (strlen(release) != n || strncmp(magic, release, n) != 0)
			r = add(lines, q, "built for kernel %.*s, but %s is running", (int)n, magic, release);
	}
	modinfo_done(&info);
	return r;
}

static int cause_format(const struct cause_query *q, const struct cause_file *f, struct strv *lines)
{
	if (f->src && !f->is_elf)
		return add(lines, q, "%s is not a module file (no sound ELF object)", q->path);
	return f->is_elf ? cause_vermagic(q, &f->elf, lines) : 0;
}

/* A kernel that unpacks itself knows CRC32 only (lib/xz). */
static int cause_xz(const struct cause_query *q, struct strv *lines)
{
	static const uint8_t magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
	_cleanup_close_ int fd = root_open(q->root, q->path, O_RDONLY);
	uint8_t head[8];

	if (fd < 0 || pread(fd, head, sizeof(head), 0) != sizeof(head) || memcmp(head, magic, sizeof(magic)) != 0 ||
	    (head[7] & 0x0f) <= 1)
		return 0;
	return add(lines, q, "the .xz file has a check that kernels cannot verify; make it with xz --check=crc32 --lzma2=dict=1MiB");
}

/* All symbols are there, as far as can be seen, and the rules of the kernel's own are not known here. */
static int cause_license(const struct cause_query *q, const struct elf *e, struct strv *lines)
{
	struct modinfo info = { 0 };
	const char *license;
	int r = 0;

	if (modinfo_read(e, &info) < 0)
		return 0;
	license = modinfo_get(&info, "license");
	if (!modinfo_is_gpl(&info))
		r = add(lines, q, "its license is %s: it does not get symbols that are for GPL modules only",
			license ? license : "not given");
	modinfo_done(&info);
	return r;
}

static int cause_symbols(const struct cause_query *q, const struct elf *e, struct strv *lines)
{
	size_t before = lines->n;
	int r = cause_unresolved(q, e, lines);

	if (r >= 0)
		r = cause_export_rules(q, e, lines);
	return r < 0 || lines->n > before ? r : cause_license(q, e, lines);
}

static int cause_missing(const struct cause_query *q, const struct cause_file *f, struct strv *lines)
{
	if (!root_exists(q->root, q->path))
		return add(lines, q, "%s does not exist: modules.dep is out of date, run depmod", q->path);
	return f->is_elf ? cause_symbols(q, &f->elf, lines) : 0;
}

/* A namespace that is not imported gives EINVAL, too. */
static int cause_invalid(const struct cause_query *q, const struct cause_file *f, struct strv *lines)
{
	int r = cause_xz(q, lines);

	return f->is_elf && r >= 0 ? cause_export_rules(q, &f->elf, lines) : r;
}

static int cause_in_file(const struct cause_query *q, const struct cause_file *f, struct strv *lines)
{
	if (!q->path)
		return 0;
	switch (q->error) {
	case -ENOENT:
		return cause_missing(q, f, lines);
	case -ENOEXEC:
		return cause_format(q, f, lines);
	case -EINVAL:
		return cause_invalid(q, f, lines);
	}
	return cause_is_signature(q->error) ? cause_refused(q, f, lines) : 0;
}

/* ---- the kernel's own words ---- */

/* Records that begin with the module's name, in either spelling of '-'. */
static bool speaks_of(const char *text, const char *name)
{
	for (; *name; name++, text++)
		if (*text != *name && !(*text == '-' && *name == '_'))
			return false;
	return *text == ':' || *text == ' ';
}

static int add_kernel_words(const struct cause_query *q, struct strv *lines, size_t limit)
{
	for (size_t i = 0; q->kmsg && i < q->kmsg->n && lines->n < limit; i++) {
		const char *text = q->kmsg->items[i].text;

		if (speaks_of(text, q->name) && add(lines, q, "the kernel says: %s", text) < 0)
			return -ENOMEM;
	}
	return 0;
}

int cause_of_load(const struct cause_query *q, struct strv *lines)
{
	struct cause_file f = { 0 };
	size_t limit = lines->n + CAUSE_LINES_MAX;
	int r;

	if (q->path && source_open(q->root, q->path, NULL, NULL, &f.src) >= 0)
		f.is_elf = elf_open(f.src, &f.elf) >= 0;
	r = cause_in_file(q, &f, lines);
	if (f.is_elf)
		elf_done(&f.elf);
	source_close(f.src);
	return r < 0 ? r : add_kernel_words(q, lines, limit);
}
