// SPDX-License-Identifier: MIT
/*
 * Symbols that exist, but not for this module: exported to GPL modules only, or in a namespace that it does not import
 * (Documentation/core-api/symbol-namespaces.rst). The rule is read from the module that modules.symbols names; for
 * the kernel's own symbols, from build/Module.symvers of the running release, where that is installed.
 */
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/map.h"
#include "base/oom.h"
#include "read/index/symvers.h"
#include "read/kernel/kconfig.h"
#include "verb/why/names.h"
#include "verb/why/parts.h"

#define MODULES_PREFIX "module:"

struct rules {
	struct subject *s;
	struct symbols needed;
	const char **providers; /* of each: a module; NULL: the kernel itself, or no provider */
	bool kernel_unknown;    /* it needs symbols of the kernel, whose rules could not be read */
	struct names gpl, namespaced;
	struct map imported;  /* the names of namespaces */
	struct map to_import; /* of those that were missing */
	struct buf imports;   /* as the source would have to import them */
};

static int find_imported(struct rules *x)
{
	static const char key[] = "import_ns";
	const struct modinfo *m = &x->s->info;
	int r = 0;

	for (size_t i = 0; i < m->n && r >= 0; i++)
		if (m->items[i].key_len == strlen(key) && memcmp(m->items[i].key, key, strlen(key)) == 0)
			r = map_put(&x->imported, m->items[i].value, NULL);
	return r < 0 ? r : 0;
}

/* "module:kvm,kvm-*": not a namespace to import, but the names of the modules that may use the symbol. */
static bool is_listed(const char *list, const char *name)
{
	char pattern[128];

	for (const char *p = list; *p; p += *p == ',') {
		size_t n = strcspn(p, ",");

		if (n < sizeof(pattern)) {
			memcpy(pattern, p, n);
			pattern[n] = '\0';
			for (char *c = pattern; *c; c++)
				*c = *c == '-' ? '_' : *c;
			if (fnmatch(pattern, name, 0) == 0)
				return true;
		}
		p += n;
	}
	return false;
}

static bool is_in_reach(const struct rules *x, const char *ns)
{
	size_t n = strlen(MODULES_PREFIX);

	if (!*ns)
		return true;
	return strncmp(ns, MODULES_PREFIX, n) == 0 ? is_listed(ns + n, x->s->c->name) : map_has(&x->imported, ns);
}

static int add_import(struct rules *x, const char *ns)
{
	const char *kept;

	if (strncmp(ns, MODULES_PREFIX, strlen(MODULES_PREFIX)) == 0 || map_has(&x->to_import, ns))
		return 0;
	kept = arena_str(&x->s->found->strings, ns);
	if (!kept)
		return -ENOMEM;
	buf_addf(&x->imports, "%sMODULE_IMPORT_NS(\"%s\")", x->to_import.n ? " and " : "", ns);
	return map_put(&x->to_import, kept, x);
}

static int judge(struct rules *x, size_t i, bool gpl_only, const char *ns)
{
	const char *symbol = x->needed.items[i].name, *module = x->providers[i];

	if (gpl_only && !modinfo_is_gpl(&x->s->info))
		names_add(&x->gpl, symbol, module, NULL);
	if (is_in_reach(x, ns))
		return 0;
	names_add(&x->namespaced, symbol, module, ns);
	return add_import(x, ns);
}

/* ---- symbols of other modules ---- */

/* All that the module needs from the provider of its first-th symbol, which is opened once. */
static int judge_provider(struct rules *x, struct source *src, size_t first)
{
	_cleanup_export_rules_ struct export_rules rules = { 0 };
	_cleanup_elf_ struct elf e = { 0 };
	struct export_rule rule;
	int r = elf_open(src, &e);

	if (r == 0)
		r = export_rules_read(&e, &rules);
	if (r < 0)
		return only_oom(r);
	for (size_t i = first; i < x->needed.n && r >= 0; i++)
		if (x->providers[i] && strcmp(x->providers[i], x->providers[first]) == 0 &&
		    export_rules_find(&rules, x->needed.items[i].name, &rule))
			r = judge(x, i, rule.gpl_only, rule.ns);
	return r;
}

static bool is_first_of_provider(const struct rules *x, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (x->providers[k] && strcmp(x->providers[k], x->providers[i]) == 0)
			return false;
	return true;
}

static int judge_modules(struct rules *x)
{
	const struct why_query *q = x->s->q;
	int r = 0;

	for (size_t i = 0; i < x->needed.n && r >= 0; i++) {
		_cleanup_(source_close_p) struct source *src = NULL;
		_cleanup_free_ char *path = NULL;

		if (!x->providers[i] || !is_first_of_provider(x, i))
			continue;
		r = world_path(q->world, x->providers[i], &path);
		if (r >= 0 && path && source_open(&q->sys->root, path, NULL, NULL, &src) >= 0)
			r = judge_provider(x, src, i);
	}
	return r;
}

/* ---- symbols of the kernel ---- */

static int index_kernels(const struct rules *x, struct map *by_name)
{
	for (size_t i = 0; i < x->needed.n; i++)
		if (!x->providers[i] && map_put(by_name, x->needed.items[i].name, (void *)(uintptr_t)(i + 1)) < 0)
			return -ENOMEM;
	return 0;
}

static int open_symvers(const struct rules *x, struct symvers *ret)
{
	const struct why_query *q = x->s->q;
	_cleanup_buf_ struct buf path = BUF_INIT;

	if (!q->world->catalog)
		return -ENOENT;
	buf_addf(&path, "%s/build/Module.symvers", catalog_dir(q->world->catalog));
	return buf_error(&path) ? -ENOMEM : symvers_open(&q->sys->root, buf_str(&path), ret);
}

static int judge_kernel(struct rules *x)
{
	_cleanup_symvers_ struct symvers list = SYMVERS_INIT;
	_cleanup_map_ struct map by_name = { 0 };
	struct symvers_entry e;
	int r = index_kernels(x, &by_name);

	if (r < 0 || !by_name.n)
		return r;
	r = open_symvers(x, &list);
	if (r < 0) {
		x->kernel_unknown = true;
		return r == -ENOMEM ? r : 0;
	}
	while (r >= 0 && symvers_next(&list, &e) > 0) {
		size_t i = symvers_is_kernel(&e) ? (uintptr_t)map_get(&by_name, e.symbol) : 0;

		r = i ? judge(x, i - 1, e.gpl_only, e.ns) : 0;
	}
	return r;
}

/* ---- findings ---- */

/* modpost builds no module without a license: a missing one adds nothing. */
static int tell_unknown(struct rules *x, const char *license)
{
	if (!x->kernel_unknown || !license || modinfo_is_gpl(&x->s->info))
		return 0;
	return why_add(x->s->found, WHY_NOTE, WHY_SYMBOL_RULES_UNKNOWN, NULL,
		       "its license is %s: it may not use symbols exported only to GPL modules, and which of the "
		       "kernel's symbols are is unknown here",
		       license);
}

static int tell_gpl(struct rules *x)
{
	const char *license = modinfo_get(&x->s->info, "license");

	if (!x->gpl.n)
		return tell_unknown(x, license);
	return why_add(x->s->found, WHY_OBSTACLE, WHY_SYMBOL_GPL_ONLY, NULL,
		       "it needs symbols that only GPL modules may use: %s; its license is %s", names_end(&x->gpl),
		       license ? license : "not given");
}

/* A kernel may have been built to warn only. */
static bool only_warns(const struct subject *s)
{
	static const char option[] = "CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS";
	struct kconfig_entry e;

	return kconfig_find(&s->q->sys->root, s->q->release, option, &e) == 1 && strcmp(e.value, "y") == 0;
}

static int tell_namespaces(struct rules *x)
{
	struct subject *s = x->s;
	int r;

	if (!x->namespaced.n)
		return 0;
	r = why_add(s->found, only_warns(s) ? WHY_NOTE : WHY_OBSTACLE, WHY_SYMBOL_NAMESPACE, NULL,
		    "it needs symbols of namespaces that it does not import: %s", names_end(&x->namespaced));
	if (r < 0 || !x->to_import.n)
		return r;
	return why_fix(s->found, "add %s to its source and build it again", buf_str(&x->imports));
}

static int tell(struct rules *x)
{
	int r = tell_gpl(x);

	if (r >= 0)
		r = tell_namespaces(x);
	return buf_error(&x->gpl.text) || buf_error(&x->namespaced.text) || buf_error(&x->imports) ? -ENOMEM : r;
}

/* Weak symbols may be missing. */
static int find_needed(struct rules *x)
{
	size_t n = 0;
	int r = facts_imports(&x->s->elf, &x->needed);

	if (r == 0)
		r = find_imported(x);
	if (r < 0)
		return r;
	for (size_t i = 0; i < x->needed.n; i++)
		if (x->needed.items[i].bind == 'U')
			x->needed.items[n++] = x->needed.items[i];
	x->needed.n = n;
	x->providers = calloc(n + 1, sizeof(*x->providers));
	if (!x->providers)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		x->providers[i] = subject_provider(x->s, x->needed.items[i].name);
	return 0;
}

int why_rules(struct subject *s)
{
	struct rules x = { .s = s };
	int r = s->is_module && s->state != LIVE_LIVE ? find_needed(&x) : -ENODATA;

	if (r >= 0)
		r = judge_modules(&x);
	if (r >= 0)
		r = judge_kernel(&x);
	if (r >= 0)
		r = tell(&x);
	names_done(&x.gpl);
	names_done(&x.namespaced);
	buf_done(&x.imports);
	map_done(&x.imported);
	map_done(&x.to_import);
	free(x.providers);
	symbols_done(&x.needed);
	return r == -ENOMEM ? r : 0;
}
