// SPDX-License-Identifier: MIT
/*
 * Sequences of calls of the library on a small root: modprobe.d and the loaded modules come first in the input, each
 * octet of the rest is a call. Lists are what their counts say, every state is one that the header names, and whoever
 * gives back all references has given back the context. The kernel is one that answers and does nothing.
 */
#include <fcntl.h>
#include <sys/utsname.h>

#include "scratch.h"

#include "mkko.h"
#include "parts.h"

#include "base/fileio.h"
#include "face/libkmod/private.h"
#include "read/index/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DIR_NAME "lib/modules/f"
#define CALLS_MAX 256
#define HELD_MAX 8

/* ---- a kernel ---- */

static int fake_init(void *data _unused_, const void *image _unused_, size_t len, const char *options)
{
	return !len || !options ? -EINVAL : len % 2 ? -EEXIST : 0;
}

static int fake_finit(void *data _unused_, int fd, const char *options, int flags _unused_)
{
	return fd < 0 || !options ? -EBADF : 0;
}

static int fake_delete(void *data _unused_, const char *name, unsigned flags _unused_)
{
	return *name ? -EWOULDBLOCK : -ENOENT;
}

static int fake_uname(void *data _unused_, struct utsname *ret)
{
	*ret = (struct utsname){ .release = "f" };
	return 0;
}

static const struct kernel_calls fake_calls = { fake_init, fake_finit, fake_delete, fake_uname };
static const struct kernel fake_kernel = { &fake_calls, NULL };

/* ---- a root ---- */

static void write_module(const char *name, const char *recipe)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	char path[64];

	if (mkko_build(recipe, &image) < 0)
		abort();
	snprintf(path, sizeof(path), DIR_NAME "/%s.ko", name);
	scratch_write(path, (const uint8_t *)image.p, image.n);
}

static void write_index(const char *name, const char *const entries[][2])
{
	_cleanup_(index_writer_free_p) struct index_writer *w = index_writer_new();
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	char path[64];

	for (uint32_t i = 0; entries[i][0]; i++)
		if (!w || index_writer_add(w, entries[i][0], entries[i][1], i) < 0)
			abort();
	if (index_writer_finish(w, &bytes) < 0)
		abort();
	snprintf(path, sizeof(path), DIR_NAME "/%s", name);
	scratch_write(path, (const uint8_t *)bytes.p, bytes.n);
}

/* What does not depend on the input. S/dev or S/tmp leads to the real one: the library's paths begin with S. */
static void write_fixed(const char *top)
{
	static const char *const deps[][2] = {
		{ "a", "a.ko: b_c.ko" }, { "b_c", "b_c.ko:" }, { "d", "d.ko: a.ko b_c.ko" }, { NULL, NULL }
	};
	static const char *const aliases[][2] = {
		{ "pci:v*d1*", "a" }, { "pci:v*", "d" }, { "net-pf-1", "b_c" }, { NULL, NULL }
	};
	static const char *const symbols[][2] = { { "symbol:b_open", "b_c" }, { NULL, NULL } };
	static const char *const builtin[][2] = { { "unix", "" }, { NULL, NULL } };
	static const char *const builtin_aliases[][2] = { { "net-pf-2", "unix" }, { NULL, NULL } };
	char link[128], target[16];

	write_module("a",
		     "info license=GPL\ninfo alias=pci:v*d1*\nneed b_open\nversion b_open 0x11\nexport a_open 0x22\n");
	write_module("b_c", "export b_open 0x11\n");
	write_module("d", "info parm=x:text\nweak b_open\nneed a_open\ntrailer 2 - - 3003020101\n");
	write_index("modules.dep.bin", deps);
	write_index("modules.alias.bin", aliases);
	write_index("modules.symbols.bin", symbols);
	write_index("modules.builtin.bin", builtin);
	write_index("modules.builtin.alias.bin", builtin_aliases);
	scratch_write("sys/module/a/initstate", (const uint8_t *)"live\n", 5);
	scratch_write("sys/module/a/refcnt", (const uint8_t *)"1\n", 2);
	scratch_write("sys/module/a/coresize", (const uint8_t *)"4096\n", 5);
	scratch_write("sys/module/a/holders/d", (const uint8_t *)"", 0);
	scratch_write("sys/module/a/sections/.text", (const uint8_t *)"0xffffffffc0000000\n", 19);
	snprintf(target, sizeof(target), "%.*s", (int)strcspn(top + 1, "/") + 1, top);
	snprintf(link, sizeof(link), "%s%s", top, target);
	if (symlink(target, link) < 0)
		abort();
}

/* ---- calls ---- */

struct session {
	struct kmod_ctx *ctx;
	struct kmod_module *held[HELD_MAX];
	int null_fd;
};

static int ignore_command(struct kmod_module *m, const char *cmdline, void *data)
{
	if (!kmod_module_get_name(m) || !cmdline || !data)
		abort();
	return (int)strlen(cmdline) % 3 - 1;
}

static void see_action(struct kmod_module *m, bool install _unused_, const char *options _unused_)
{
	if (!kmod_module_get_name(m))
		abort();
}

static const char *const names[] = { "a",        "b-c",      "b_c",           "d",  "unix", "pci:v1d1", "pci:v2",
				     "net-pf-1", "net-pf-2", "symbol:b_open", "x[", "",     "nosuch",   "x",
				     "y",        "z" };

static void hold(struct session *s, size_t slot, struct kmod_module *m)
{
	kmod_module_unref(s->held[slot]);
	s->held[slot] = m;
}

/* Forwards and backwards a list has the same entries. */
static size_t walk(struct session *s, struct kmod_list *list, size_t slot)
{
	struct kmod_list *e;
	size_t n = 0, back = 0;

	kmod_list_foreach(e, list) {
		struct kmod_module *m = kmod_module_get_module(e);

		if (!m || !*kmod_module_get_name(m))
			abort();
		hold(s, slot, m);
		n++;
	}
	kmod_list_foreach_reverse(e, list) back++;
	if (n != back)
		abort();
	return n;
}

static void walk_and_free(struct session *s, struct kmod_list *list, size_t slot)
{
	walk(s, list, slot);
	kmod_module_unref_list(list);
}

static void call_new(struct session *s, unsigned how, const char *name, size_t slot)
{
	struct kmod_module *m = NULL;
	struct kmod_list *list = NULL;
	char path[160];

	switch (how) {
	case 0:
		if (kmod_module_new_from_name(s->ctx, name, &m) == 0)
			hold(s, slot, m);
		break;
	case 1:
		snprintf(path, sizeof(path), "%s/" DIR_NAME "/%s.ko", scratch_root().prefix, name);
		if (kmod_module_new_from_path(s->ctx, path, &m) == 0)
			hold(s, slot, m);
		break;
	case 2:
		if (kmod_module_new_from_lookup(s->ctx, name, &list) < 0 && list)
			abort();
		walk_and_free(s, list, slot);
		break;
	case 3:
		if (kmod_module_new_from_name_lookup(s->ctx, name, &m) == 0 && m)
			hold(s, slot, m);
		break;
	default:
		if (kmod_module_new_from_loaded(s->ctx, &list) < 0 && list)
			abort();
		walk_and_free(s, list, slot);
		break;
	}
}

/* get() fills a list of as many entries as it returns, or none. */
#define CHECK_COUNTED(get, use, free_list)             \
	do {                                           \
		struct kmod_list *_l = NULL, *_e;      \
		int _n = get(m, &_l), _seen = 0;       \
		kmod_list_foreach(_e, _l) {            \
			if (!use(_e))                  \
				abort();               \
			_seen++;                       \
		}                                      \
		if (_n < 0 ? _seen != 0 : _n != _seen) \
			abort();                       \
		free_list(_l);                         \
	} while (0)

static void call_file(const struct kmod_module *m)
{
	CHECK_COUNTED(kmod_module_get_info, kmod_module_info_get_key, kmod_module_info_free_list);
	CHECK_COUNTED(kmod_module_get_versions, kmod_module_version_get_symbol, kmod_module_versions_free_list);
	CHECK_COUNTED(kmod_module_get_symbols, kmod_module_symbol_get_symbol, kmod_module_symbols_free_list);
	CHECK_COUNTED(kmod_module_get_dependency_symbols, kmod_module_dependency_symbol_get_symbol,
		      kmod_module_dependency_symbols_free_list);
}

static void call_running(struct session *s, const struct kmod_module *m, size_t slot)
{
	int state = kmod_module_get_initstate(m);
	struct kmod_list *sections = kmod_module_get_sections(m), *e;

	if (state >= 0 && !kmod_module_initstate_str((enum kmod_module_initstate)state))
		abort();
	kmod_list_foreach(e, sections)
		if (!kmod_module_section_get_name(e))
			abort();
	kmod_module_section_free_list(sections);
	kmod_module_get_refcnt(m);
	kmod_module_get_size(m);
	walk_and_free(s, kmod_module_get_holders(m), slot);
}

static void call_configured(struct session *s, const struct kmod_module *m, size_t slot)
{
	struct kmod_list *pre = NULL, *post = NULL, *weak = NULL, *kept = NULL;

	kmod_module_get_path(m);
	kmod_module_get_options(m);
	kmod_module_get_install_commands(m);
	kmod_module_get_remove_commands(m);
	if (kmod_module_get_softdeps(m, &pre, &post) < 0 && (pre || post))
		abort();
	if (kmod_module_get_weakdeps(m, &weak) < 0 && weak)
		abort();
	if (kmod_module_apply_filter(s->ctx, KMOD_FILTER_BLACKLIST | KMOD_FILTER_BUILTIN, pre, &kept) == 0 &&
	    walk(s, kept, slot) > walk(s, pre, slot))
		abort();
	kmod_module_unref_list(kept);
	kmod_module_unref_list(pre);
	walk_and_free(s, post, slot);
	walk_and_free(s, weak, slot);
	walk_and_free(s, kmod_module_get_dependencies(m), slot);
}

static void call_load(struct session *s, struct kmod_module *m, unsigned flags)
{
	static const unsigned masks[] = { 0,
					  KMOD_PROBE_APPLY_BLACKLIST,
					  KMOD_PROBE_APPLY_BLACKLIST_ALL,
					  KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY,
					  KMOD_PROBE_IGNORE_COMMAND | KMOD_PROBE_FAIL_ON_LOADED,
					  KMOD_PROBE_IGNORE_LOADED,
					  KMOD_PROBE_DRY_RUN,
					  KMOD_PROBE_FORCE_VERMAGIC | KMOD_PROBE_FORCE_MODVERSION };

	/* Always with a callback: without one, install commands are run by a shell. */
	if (flags < ELEMENTSOF(masks))
		kmod_module_probe_insert_module(m, masks[flags], flags & 1 ? "x=1 y" : NULL, ignore_command, s,
						flags & 2 ? see_action : NULL);
	else if (flags < 12)
		kmod_module_insert_module(m, flags & 3, flags & 1 ? "x" : "");
	else
		kmod_module_remove_module(m, flags & 1 ? KMOD_REMOVE_FORCE : KMOD_REMOVE_NOLOG);
}

static void call_config(const struct session *s, unsigned which)
{
	struct kmod_config_iter *(*const get[])(const struct kmod_ctx *) = {
		kmod_config_get_blacklists, kmod_config_get_install_commands, kmod_config_get_remove_commands,
		kmod_config_get_aliases,    kmod_config_get_options,          kmod_config_get_softdeps,
		kmod_config_get_weakdeps,
	};
	struct kmod_config_iter *i = get[which % ELEMENTSOF(get)](s->ctx);
	size_t n = 0, again = 0;

	if (!i)
		return;
	if (kmod_config_iter_get_key(i))
		abort();
	for (; kmod_config_iter_next(i); n++)
		if (!kmod_config_iter_get_key(i) || (which % ELEMENTSOF(get) > 0 && !kmod_config_iter_get_value(i)))
			abort();
	while (kmod_config_iter_next(i))
		again++;
	if (n != again)
		abort();
	kmod_config_iter_free_iter(i);
}

static void call_context(struct session *s, unsigned what)
{
	switch (what % 4) {
	case 0:
		kmod_load_resources(s->ctx);
		break;
	case 1:
		kmod_unload_resources(s->ctx);
		break;
	case 2:
		if (kmod_validate_resources(s->ctx) == KMOD_RESOURCES_MUST_RECREATE)
			abort();
		break;
	default:
		kmod_dump_index(s->ctx, (enum kmod_index)(what / 4), s->null_fd);
		break;
	}
}

/* The call of an octet: what in its upper half, about what in its lower. */
static void call(struct session *s, uint8_t octet, size_t slot)
{
	unsigned what = octet >> 4, about = octet & 15;
	/* A reference of its own: what the call finds may take the place of the one that is held. */
	struct kmod_module *m = kmod_module_ref(s->held[about % HELD_MAX]);

	if (what < 5)
		call_new(s, what, names[about], slot);
	else if (what == 5)
		hold(s, slot, kmod_module_ref(m));
	else if (what == 6)
		hold(s, about % HELD_MAX, NULL);
	else if (what == 7)
		call_context(s, about);
	else if (what == 8)
		call_config(s, about);
	else if (what == 9)
		call_file(m);
	else if (what == 10)
		call_running(s, m, slot);
	else if (what == 11)
		call_configured(s, m, slot);
	else if (m)
		call_load(s, m, about);
	kmod_module_unref(m);
}

/* ---- */

static struct kmod_ctx *open_context(const struct root *root)
{
	char dir[128], config[128];
	const char *const paths[] = { config, NULL };
	struct kmod_ctx *ctx;

	snprintf(dir, sizeof(dir), "%s/" DIR_NAME, root->prefix);
	snprintf(config, sizeof(config), "%s/modprobe.d", root->prefix);
	ctx = kmod_new(dir, paths);
	if (!ctx)
		return NULL;
	kmod_set_log_fn(ctx, NULL, NULL);
	ctx->sys.root = *root;
	ctx->sys.kernel = &fake_kernel;
	return ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_of(data, size), config = fuzz_part(&rest), loaded = fuzz_part(&rest);
	const struct root root = scratch_root();
	static bool is_written;
	struct session s = { .null_fd = -1 };

	if (size > 4096)
		return 0;
	if (!is_written)
		write_fixed(root.prefix);
	is_written = true;
	scratch_write("modprobe.d/fuzz.conf", config.p, config.n);
	scratch_write("proc/modules", loaded.p, loaded.n);
	s.ctx = open_context(&root);
	if (!s.ctx)
		abort();
	s.null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	for (size_t i = 0; i < rest.n && i < CALLS_MAX; i++)
		call(&s, rest.p[i], i % HELD_MAX);
	for (size_t i = 0; i < HELD_MAX; i++)
		hold(&s, i, NULL);
	if (kmod_unref(s.ctx))
		abort();
	close(s.null_fd);
	return 0;
}
