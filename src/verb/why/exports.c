// SPDX-License-Identifier: MIT
#include "verb/why/exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fileio.h"
#include "base/map.h"
#include "verb/why/cause_symbols.h"
#include "read/image/facts.h"
#include "decide/plan/world.h"

/* A list of symbols in a message ends after so many names. */
#define NAMES_SHOWN 6
#define SYMVERS_MAX (64U << 20)

/* The symbols that one rule keeps from the module. */
struct kept {
	struct buf names;
	size_t n;
};

struct rules {
	const struct cause_query *q;
	struct modinfo info;    /* of the module that was refused */
	struct symbols needed;
	const char **providers; /* of each: a module, NULL: the kernel itself, or nobody */
	struct kept gpl, namespaced;
};

static void keep(struct kept *k, const char *symbol, const char *module)
{
	if (k->n++ >= NAMES_SHOWN)
		return;
	buf_addf(&k->names, "%s%s", k->n > 1 ? ", " : "", symbol);
	if (module)
		buf_addf(&k->names, " (of module %s)", module);
}

static bool imports(const struct modinfo *m, const char *ns)
{
	static const char key[] = "import_ns";

	for (size_t i = 0; i < m->n; i++)
		if (m->items[i].key_len == strlen(key) && memcmp(m->items[i].key, key, strlen(key)) == 0 &&
		    strcmp(m->items[i].value, ns) == 0)
			return true;
	return false;
}

static void judge(struct rules *x, size_t i, const struct export_rule *rule)
{
	if (rule->gpl_only && !modinfo_is_gpl(&x->info))
		keep(&x->gpl, x->needed.items[i].name, x->providers[i]);
	if (*rule->ns && !imports(&x->info, rule->ns)) {
		keep(&x->namespaced, x->needed.items[i].name, x->providers[i]);
		if (x->namespaced.n <= NAMES_SHOWN)
			buf_addf(&x->namespaced.names, " in %s", rule->ns);
	}
}

/* ---- symbols of other modules ---- */

/* All that the module needs from the provider of its first-th symbol, which is opened once. */
static void judge_provider(struct rules *x, struct source *src, size_t first)
{
	struct export_rule rule;
	struct elf e;

	if (elf_open(src, &e) < 0)
		return;
	for (size_t i = first; i < x->needed.n; i++)
		if (x->providers[i] && strcmp(x->providers[i], x->providers[first]) == 0 &&
		    facts_export_rule(&e, x->needed.items[i].name, &rule) >= 0)
			judge(x, i, &rule);
	elf_done(&e);
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
	const struct plan_world world = { .catalog = x->q->catalog };

	for (size_t i = 0; i < x->needed.n; i++) {
		_cleanup_(source_close_p) struct source *src = NULL;
		_cleanup_free_ char *path = NULL;

		if (!x->providers[i] || !is_first_of_provider(x, i))
			continue;
		if (world_path(&world, x->providers[i], &path) < 0)
			return -ENOMEM;
		if (path && source_open(x->q->root, path, NULL, NULL, &src) >= 0)
			judge_provider(x, src, i);
	}
	return 0;
}

/* ---- symbols of the kernel ---- */

/* `CRC TAB SYMBOL TAB vmlinux TAB EXPORT_SYMBOL[_GPL] TAB [NAMESPACE]` */
static void judge_line(struct rules *x, const struct map *by_name, char *line)
{
	const char *fields[5] = { "", "", "", "", "" };
	struct export_rule rule;
	size_t i;

	for (size_t n = 0; n < ELEMENTSOF(fields) && line; n++)
		fields[n] = strsep(&line, "\t");
	i = (uintptr_t)map_get(by_name, fields[1]);
	if (i == 0 || strcmp(fields[2], "vmlinux") != 0)
		return;
	rule = (struct export_rule){ strcmp(fields[3], "EXPORT_SYMBOL_GPL") == 0, fields[4] };
	judge(x, i - 1, &rule);
}

static int judge_kernel(struct rules *x)
{
	_cleanup_buf_ struct buf path = BUF_INIT, text = BUF_INIT;
	_cleanup_map_ struct map by_name = { 0 };
	char *rest, *line;

	if (!x->q->catalog)
		return 0;
	for (size_t i = 0; i < x->needed.n; i++)
		if (!x->providers[i] && map_put(&by_name, x->needed.items[i].name, (void *)(uintptr_t)(i + 1)) < 0)
			return -ENOMEM;
	buf_addf(&path, "%s/build/Module.symvers", catalog_dir(x->q->catalog));
	if (buf_error(&path) || file_read_regular(x->q->root, buf_str(&path), SYMVERS_MAX, &text) < 0)
		return buf_error(&path);
	rest = text.p;
	while ((line = strsep(&rest, "\n")))
		judge_line(x, &by_name, line);
	return 0;
}

/* ---- the lines ---- */

static int add_line(const struct cause_query *q, const char *what, const struct kept *k, const char *why, struct strv *lines)
{
	_cleanup_buf_ struct buf line = BUF_INIT;

	if (k->n == 0)
		return 0;
	buf_addf(&line, "%s: %s: %s", q->name, what, buf_str(&k->names));
	if (k->n > NAMES_SHOWN)
		buf_addf(&line, " and %zu more", k->n - NAMES_SHOWN);
	buf_adds(&line, why);
	return strv_take(lines, buf_steal(&line));
}

static int tell(const struct rules *x, struct strv *lines)
{
	_cleanup_buf_ struct buf why = BUF_INIT;
	const char *license = modinfo_get(&x->info, "license");
	int r;

	buf_addf(&why, "; the license of this one is %s", license ? license : "not given");
	r = buf_error(&why);
	if (r == 0)
		r = add_line(x->q, "symbols that only GPL modules get", &x->gpl, buf_str(&why), lines);
	if (r == 0)
		r = add_line(x->q, "symbols of namespaces that it does not import", &x->namespaced, "", lines);
	return r;
}

static int find_providers(struct rules *x)
{
	x->providers = calloc(x->needed.n + 1, sizeof(*x->providers));
	if (!x->providers)
		return -ENOMEM;
	for (size_t i = 0; i < x->needed.n; i++)
		x->providers[i] = cause_provider(x->q, x->needed.items[i].name);
	return 0;
}

int cause_export_rules(const struct cause_query *q, const struct elf *e, struct strv *lines)
{
	struct rules x = { .q = q };
	int r = modinfo_read(e, &x.info);

	if (r >= 0)
		r = facts_imports(e, &x.needed);
	if (r >= 0)
		r = find_providers(&x);
	if (r >= 0)
		r = judge_modules(&x);
	if (r >= 0)
		r = judge_kernel(&x);
	if (r >= 0)
		r = tell(&x, lines);
	buf_done(&x.gpl.names);
	buf_done(&x.namespaced.names);
	free(x.providers);
	symbols_done(&x.needed);
	modinfo_done(&x.info);
	return r == -ENOMEM ? r : 0;
}
