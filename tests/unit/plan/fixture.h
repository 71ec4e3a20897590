/* SPDX-License-Identifier: MIT */
#pragma once

/* A small installation and a made-up running kernel for the tests of decisions. */

#include "unit.h"

#include "base/fileio.h"
#include "read/index/writer.h"
#include "decide/plan/order.h"
#include "decide/plan/unload.h"

#define FIXTURE_DIR "/lib/modules/5.0.0"

struct fixture_live {
	const char *name;
	enum live_state state;
	int refcnt;
	const char *holders; /* blank separated */
};

struct fixture {
	char *dir;
	struct root root;
	struct catalog *catalog;
	struct policy *policy;
	const struct fixture_live *loaded; /* a NULL name ends it */
	struct live_view live;
	struct plan_world world;
};

/* key=value words; "a=" has an empty value */
static inline _unused_ void fixture_index(const struct fixture *f, const char *file, const char *const *pairs)
{
	struct index_writer *w = index_writer_new();
	_cleanup_strv_ struct strv keys = { 0 };
	_cleanup_buf_ struct buf bytes = BUF_INIT;
	char path[256];

	assert_non_null(w);
	for (unsigned i = 0; pairs && pairs[i]; i++) {
		const char *value = strchr(pairs[i], '=');

		assert_int_equal(strv_addn(&keys, pairs[i], (size_t)(value - pairs[i])), 0);
		assert_int_equal(index_writer_add(w, keys.items[keys.n - 1], value + 1, i), 0);
	}
	assert_int_equal(index_writer_finish(w, &bytes), 0);
	snprintf(path, sizeof(path), FIXTURE_DIR "/%s", file);
	unit_write(f->dir, path + 1, bytes.p, bytes.n);
	index_writer_free(w);
}

static inline const struct fixture_live *fixture_find(void *data, const char *name)
{
	const struct fixture *f = data;

	for (const struct fixture_live *l = f->loaded; l && l->name; l++)
		if (strcmp(l->name, name) == 0)
			return l;
	return NULL;
}

static inline int fixture_state(void *data, const char *name, enum live_state *ret)
{
	const struct fixture_live *l = fixture_find(data, name);

	*ret = l ? l->state : LIVE_ABSENT;
	return 0;
}

static inline bool fixture_is_live(void *data, const char *name)
{
	const struct fixture_live *l = fixture_find(data, name);

	return l && l->state == LIVE_LIVE;
}

static inline int fixture_refcnt(void *data, const char *name, int *ret)
{
	const struct fixture_live *l = fixture_find(data, name);

	if (!l)
		return -ENOENT;
	*ret = l->refcnt;
	return 0;
}

static inline int fixture_holders(void *data, const char *name, struct strv *ret)
{
	const struct fixture_live *l = fixture_find(data, name);
	const char *s = l && l->holders ? l->holders : "";

	while (*s) {
		size_t n = strcspn(s, " ");

		assert_int_equal(strv_addn(ret, s, n), 0);
		s += n + (s[n] == ' ');
	}
	return 0;
}

/* What the examples of docs/formats/lookup.md need, and the tests of softdeps. */
static inline _unused_ void fixture_open(struct fixture *f, const char *conf, const struct fixture_live *loaded)
{
	static const char *const deps[] = {
		"foo_bar=kernel/a/foo-bar.ko:",
		"on=kernel/a/on.ko: kernel/a/foo-bar.ko",
		"zed=kernel/b/zed.ko: kernel/a/foo-bar.ko",
		"a=kernel/a.ko:",
		"b=kernel/b.ko: kernel/a.ko",
		"c=kernel/c.ko: kernel/b.ko kernel/a.ko",
		"d=kernel/d.ko: kernel/a.ko",
		"e=kernel/e.ko:",
		"f=kernel/f.ko:",
		"g=kernel/g.ko:",
		"h=kernel/h.ko: kernel/net/unix.ko", /* which is built in as well */
		"crc_itu_t=kernel/lib/crc-itu-t.ko:",
		"firewire_core=kernel/fw/firewire-core.ko: kernel/lib/crc-itu-t.ko",
		"firewire_ohci=kernel/fw/firewire-ohci.ko: kernel/fw/firewire-core.ko kernel/lib/crc-itu-t.ko",
		NULL,
	};
	static const char *const aliases[] = { "fb_one=zed", "fb_one=foo_bar", "al_x=c", "al_x=d",
					       "gal=g",      "pci:*=e",        NULL };
	static const char *const symbols[] = { "symbol:foo_fn=foo_bar", NULL };
	static const char *const builtins[] = { "unix=", NULL };
	static const char *const builtin_aliases[] = { "net_pf_1=unix", NULL };
	static const char *const none[] = { "/etc/modprobe.d", NULL };
	struct policy_request request = { .paths = none, .no_cmdline = true };

	*f = (struct fixture){ .dir = unit_mkdtemp(), .loaded = loaded };
	f->root = (struct root){ .prefix = f->dir };
	fixture_index(f, "modules.dep.bin", deps);
	fixture_index(f, "modules.alias.bin", aliases);
	fixture_index(f, "modules.symbols.bin", symbols);
	fixture_index(f, "modules.builtin.bin", builtins);
	fixture_index(f, "modules.builtin.alias.bin", builtin_aliases);
	unit_puts(f->dir, "etc/modprobe.d/t.conf", conf);
	request.root = f->root;
	assert_int_equal(policy_load(&request, NULL, &f->policy), 0);
	assert_int_equal(catalog_open(&f->root, FIXTURE_DIR, NULL, &f->catalog), 0);
	f->live = (struct live_view){ fixture_state, fixture_is_live, fixture_refcnt, fixture_holders, f };
	f->world = (struct plan_world){ .catalog = f->catalog, .policy = f->policy, .live = &f->live };
}

static inline _unused_ void fixture_close(struct fixture *f)
{
	catalog_close(f->catalog);
	policy_free(f->policy);
	unit_rmdir(f->dir);
}

/* The lines of all steps, with "kernel/" and what is before it taken off. */
static inline _unused_ char *fixture_lines(const struct plan *p)
{
	char *text = NULL, *at;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	for (size_t i = 0; i < p->n; i++)
		plan_print_step(&p->steps[i], out);
	assert_int_equal(fclose(out), 0);
	while ((at = strstr(text, FIXTURE_DIR "/kernel/")))
		memmove(at, at + strlen(FIXTURE_DIR "/kernel/"), strlen(at + strlen(FIXTURE_DIR "/kernel/")) + 1);
	return text;
}
