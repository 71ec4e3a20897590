// SPDX-License-Identifier: MIT
/*
 * The module's file: does it exist, is it valid, for this kernel, the only one of its name, and can the kernel unpack
 * it?
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/modname.h"
#include "base/moduletree.h"
#include "base/oom.h"
#include "base/paths.h"
#include "verb/why/parts.h"
#include "verb/why/remedy.h"
#include "read/conf/search.h"
#include "read/image/xzhead.h"
#include "read/kernel/kconfig.h"
#include "read/kernel/live.h"

#define HEAD_SIZE 64

/* ---- the file itself ---- */

/*
 * With CRCs of symbols in file and kernel, the kernel compares these and not the release. why_versions() does the
 * same, and checks whether the kernel has them.
 */
static bool has_versions(const struct subject *s, const char *magic)
{
	return strstr(magic, " modversions") && elf_find(&s->elf, "__versions");
}

#ifdef KMODCTL_SMALL
static int tell_no_vermagic(struct subject *s _unused_)
{
	return 0;
}

static int tell_livepatch(struct subject *s _unused_)
{
	return 0;
}
#else
/* The configuration says that the option is not set, and *ret where. */
static bool is_not_set(const struct subject *s, const char *option, struct kconfig_entry *ret)
{
	return kconfig_find(&s->q->sys->root, s->q->release, option, ret) == 1 && strcmp(ret->value, "n") == 0;
}

/* Only a kernel on which loads can be forced takes a module that does not say what it was built for. */
static int tell_no_vermagic(struct subject *s)
{
	static const char option[] = "CONFIG_MODULE_FORCE_LOAD";
	struct kconfig_entry e;
	int r;

	if (!is_not_set(s, option, &e))
		return 0;
	r = why_add(s->found, WHY_OBSTACLE, WHY_VERMAGIC, &(struct policy_entry){ .file = e.path, .line = e.line },
		    "it does not say for which kernel it was built (vermagic), and %s is not set", option);
	return r < 0 ? r : subject_fix_build(s);
}

/* ENOEXEC, once it is clear for which kernel it was built. */
static int tell_livepatch(struct subject *s)
{
	static const char option[] = "CONFIG_LIVEPATCH";
	struct kconfig_entry e;
	int r;

	if (!modinfo_get(&s->info, "livepatch") || !is_not_set(s, option, &e))
		return 0;
	r = why_add(s->found, WHY_OBSTACLE, WHY_LIVEPATCH, &(struct policy_entry){ .file = e.path, .line = e.line },
		    "it is a live patch, and this kernel was built without %s", option);
	return r < 0 ? r : why_fix(s->found, "use a kernel with %s", option);
}
#endif

static int tell_vermagic(struct subject *s)
{
	const char *magic = modinfo_get(&s->info, "vermagic"), *release = s->q->release;
	size_t n = magic ? strcspn(magic, " ") : 0;
	int r;

	if (!magic)
		return tell_no_vermagic(s);
	if (!*release || (strlen(release) == n && strncmp(magic, release, n) == 0))
		return 0;
	if (has_versions(s, magic))
		return why_add(s->found, WHY_NOTE, WHY_VERMAGIC_VERSIONS, NULL,
			       "built for kernel %.*s; %s accepts it only if the versions of all its symbols match",
			       (int)n, magic, release);
	r = why_add(s->found, WHY_OBSTACLE, WHY_VERMAGIC, NULL, "built for kernel %.*s, but %s is running", (int)n,
		    magic, release);
	return r < 0 ? r : subject_fix_build(s);
}

/* The kernel goes by the name in the file. */
static int tell_name(struct subject *s)
{
	const char *name = modinfo_get(&s->info, "name");
	char normal[MODNAME_MAX];
	int r;

	if (!s->c->path || !name || modname_equal(name, s->c->name))
		return 0;
	if (world_state(s->q->world, name) != LIVE_LIVE)
		return why_add(s->found, WHY_NOTE, WHY_OTHER_NAME, NULL, "the module in the file is called %s", name);
	r = why_add(s->found, WHY_OBSTACLE, WHY_OTHER_NAME, NULL,
		    "the module in the file is called %s, and one of that name is loaded", name);
	if (r >= 0)
		r = why_fix(s->found, "unload that one first");
	return r < 0 || modname_normalize(name, normal) < 0 ? r : why_command(s->found, "modprobe", "-r", normal);
}

static int fix_file(struct subject *s)
{
	int r = why_fix(s->found, "install or build it again");

	return r < 0 ? r : remedy_file(s->found, &s->q->sys->root, s->q->release, s->path);
}

int why_fix_missing(struct subject *s, const char *path)
{
	size_t last = s->found->n - 1;
	int r = why_fix(s->found, "install the package again; if it was removed for good, run depmod");

	if (r >= 0)
		r = remedy_file(s->found, &s->q->sys->root, s->q->release, path);
	if (r < 0 || s->found->items[last].command)
		return r;
	r = why_fix(s->found, "run depmod, or install the package again");
	return r < 0 ? r : why_command(s->found, "depmod", "-a", s->q->release);
}

static bool is_empty(const struct subject *s)
{
	struct stat st;

	return root_stat(&s->q->sys->root, s->path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

static int tell_empty(struct subject *s, enum why_code code)
{
	int r = why_add(s->found, WHY_OBSTACLE, code, NULL, "%s is empty (0 bytes)", s->path);

	return r < 0 ? r : fix_file(s);
}

static int tell_unreadable(struct subject *s)
{
	int r;

	if (is_empty(s))
		return tell_empty(s, WHY_UNREADABLE);
	if (s->error != -EINVAL)
		return why_add(s->found, WHY_OBSTACLE, WHY_UNREADABLE, NULL, "%s cannot be read: %s", s->path,
			       strerror(-s->error));
	r = why_add(s->found, WHY_OBSTACLE, WHY_UNREADABLE, NULL, "%s is damaged: it cannot be unpacked", s->path);
	return r < 0 ? r : fix_file(s);
}

static int tell_not_elf(struct subject *s)
{
	int r;

	if (is_empty(s))
		return tell_empty(s, WHY_NOT_ELF);
	r = why_add(s->found, WHY_OBSTACLE, WHY_NOT_ELF, NULL, "%s is not a valid ELF object: damaged, or not a module",
		    s->path);
	return r < 0 ? r : fix_file(s);
}

#ifdef KMODCTL_SMALL
static int tell_cut(struct subject *s _unused_)
{
	return 0;
}
#else
/* What a kernel makes of it depends on whether it checks signatures at all. */
static int tell_cut(struct subject *s)
{
	static const struct {
		enum why_weight weight;
		enum why_code code;
		const char *means;
	} kernels[] = {
		{ WHY_NOTE, WHY_CUT_UNKNOWN,
		  "whether this kernel takes that off first, and refuses the rest, is unknown" },
		{ WHY_TROUBLE, WHY_CUT,
		  "this kernel, built without CONFIG_MODULE_SIG, takes the whole for the object" },
		{ WHY_OBSTACLE, WHY_CUT, "this kernel takes that off first, and the rest is not a valid ELF object" },
	};
	size_t i = (size_t)(s->takes_off - TRUST_UNKNOWN);
	int r = why_add(s->found, kernels[i].weight, kernels[i].code, NULL,
			"the object in %s reaches into its signature, as if it had been cut before it was signed: %s",
			s->path, kernels[i].means);

	return r < 0 ? r : fix_file(s);
}
#endif

#ifdef KMODCTL_SMALL
bool why_leads_nowhere(const struct root *root _unused_, const char *path _unused_)
{
	return false;
}
#else
bool why_leads_nowhere(const struct root *root, const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *parent = slash > path ? strndup(path, (size_t)(slash - path)) : NULL;
	_cleanup_close_ int dir = parent ? root_open(root, parent, O_RDONLY | O_DIRECTORY) : -1;
	struct stat st;

	return dir >= 0 && fstatat(dir, slash + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) &&
	       !root_exists(root, path);
}
#endif

static int tell_missing(struct subject *s)
{
	int r;

	if (s->c->path)
		return why_add(s->found, WHY_OBSTACLE, WHY_FILE_MISSING, NULL, "%s does not exist", s->path);
	r = why_add(s->found, WHY_OBSTACLE, WHY_FILE_MISSING, NULL, "modules.dep names %s, which %s", s->path,
		    why_leads_nowhere(&s->q->sys->root, s->path) ? "is a link that leads nowhere" : "does not exist");
	return r < 0 ? r : why_fix_missing(s, s->path);
}

static int tell_no_file(struct subject *s)
{
	const struct catalog *catalog = s->q->world->catalog;
	const char *dir = catalog ? catalog_dir(catalog) : RELEASES_DIR;

	if (s->c->source == RESOLVE_CONFIG_ALIAS && s->c->entry)
		return why_alias_misses(s, dir);
	return why_add(s->found, WHY_OBSTACLE, WHY_NO_FILE, NULL, "no module file of this name is in %s", dir);
}

int why_file(struct subject *s)
{
	if (s->builtin)
		return 0;
	if (!s->path)
		return tell_no_file(s);
	if (s->error == -ENOENT)
		return tell_missing(s);
	if (s->error < 0 && !s->is_tiny)
		return tell_unreadable(s);
	return s->is_elf ? why_add(s->found, WHY_FACT, WHY_FILE, NULL, "%s", s->path) : 0;
}

int why_object(struct subject *s)
{
	int r = 0;

	if (!s->src && !s->is_tiny)
		return 0;
	if (s->is_cut)
		r = tell_cut(s);
	else if (!s->is_elf)
		r = tell_not_elf(s);
	if (r < 0 || !s->is_elf || s->is_module)
		return r;
	return why_add(s->found, WHY_OBSTACLE, WHY_NO_MODINFO, NULL,
		       "the file has no .modinfo section: it is not a kernel module");
}

int why_built_for(struct subject *s)
{
	int r = s->is_module ? tell_vermagic(s) : 0;

	if (r >= 0 && s->is_module)
		r = tell_livepatch(s);
	return r < 0 || !s->is_module ? r : tell_name(s);
}

int why_format(struct subject *s)
{
	int r = why_object(s);

	return r < 0 ? r : why_built_for(s);
}

/* ---- other files of the same name ---- */

static bool is_same_file(const struct root *root, const char *a, const char *b)
{
	struct stat x, y;

	return root_stat(root, a, &x) == 0 && root_stat(root, b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

#ifdef KMODCTL_SMALL
static bool prefers_other(const struct subject *s _unused_, const char *path _unused_)
{
	return false;
}
#else
/* Without depmod.d(5) this copy would be used. */
static bool prefers_other(const struct subject *s, const char *path)
{
	_cleanup_(search_free_p) struct search *search = NULL;
	const char *dir = catalog_dir(s->q->world->catalog);
	size_t n = strlen(dir);

	if (strncmp(path, dir, n) != 0 || strncmp(s->path, dir, n) != 0 || path[n] != '/' || s->path[n] != '/' ||
	    search_load(&s->q->sys->root, NULL, s->q->release, NULL, &search) < 0)
		return false;
	path += n + 1;
	return search_rank(NULL, path) > search_rank(NULL, s->path + n + 1) &&
	       search_rank(search, path) < search_rank(search, s->path + n + 1);
}
#endif

static int tell_copy(struct subject *s, const char *path)
{
	if (s->c->path)
		return why_add(s->found, WHY_NOTE, WHY_COPY, NULL, "modprobe %s would load another file, %s",
			       s->c->name, path);
	return why_add(s->found, WHY_NOTE, WHY_COPY, NULL, "there is another copy, %s, which is not used%s", path,
		       prefers_other(s, path) ? ", because depmod.d(5) prefers the other one" : "");
}

int why_copies(struct subject *s)
{
	_cleanup_strv_ struct strv files = { 0 };
	_cleanup_free_ char *used = NULL;
	int r = s->builtin ? 0 : world_path(s->q->world, s->c->name, &used);

	if (r < 0 || !used)
		return r;
	if (s->c->path)
		return is_same_file(&s->q->sys->root, s->path, used) ? 0 : tell_copy(s, used);
	r = only_oom(moduletree_find(&s->q->sys->root, catalog_dir(s->q->world->catalog), MODULETREE_RELEASE,
				     s->c->name, &files));
	for (size_t i = 0; i < files.n && r >= 0; i++)
		if (strcmp(files.items[i], used) != 0)
			r = tell_copy(s, files.items[i]);
	return r;
}

/* ---- compression ---- */

static int fix_packing(struct subject *s)
{
	int r = why_fix(s->found, "compress it with xz --check=crc32 --lzma2=dict=1MiB");

	return r < 0 ? r : remedy_recompress(s->found, s->path);
}

static int tell_xz(struct subject *s, uint8_t check)
{
	int r = why_add(s->found, WHY_NOTE, WHY_XZ_CHECK, NULL,
			"its xz check is %s and the kernel supports only CRC32; kmodctl's modprobe unpacks it itself, "
			"kmod's would fail",
			xzhead_check_name(check));

	return r < 0 ? r : fix_packing(s);
}

int why_packing(struct subject *s)
{
	bool is_xz = s->src && source_codec(s->src) == CODEC_XZ;
	_cleanup_close_ int fd = is_xz ? root_open(&s->q->sys->root, s->path, O_RDONLY) : -1;
	uint8_t bytes[HEAD_SIZE], check;
	ssize_t n = fd < 0 ? -1 : pread(fd, bytes, sizeof(bytes), 0);
	char unpacks[16];

	live_compression(&s->q->sys->root, unpacks, sizeof(unpacks));
	if (strcmp(unpacks, "xz") != 0)
		return 0; /* the kernel does not unpack it then */
	if (n < 0 || xzhead_check(span_of(bytes, (size_t)n), &check) < 0 || xzhead_kernel_can(check))
		return 0;
	return tell_xz(s, check);
}
