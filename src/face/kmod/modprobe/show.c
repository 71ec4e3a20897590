// SPDX-License-Identifier: MIT
/* modprobe -c, --show-modversions, --show-exports: what is configured, and what a module file needs and gives. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "read/image/facts.h"
#include "face/kmod/modprobe/private.h"
#include "face/common/answer.h"
#include "face/common/report.h"

/* ---- -c ---- */

static int print_entry(const struct policy_entry *e, FILE *out)
{
	_cleanup_buf_ struct buf deps = BUF_INIT;

	fprintf(out, "%s %s", policy_kind_name(e->kind), e->name);
	if (e->kind == POLICY_SOFTDEP || e->kind == POLICY_WEAKDEP) {
		if (policy_format_deps(e, &deps) < 0)
			return -ENOMEM;
		fprintf(out, " %s", buf_str(&deps));
	} else if (e->value) {
		fprintf(out, " %s", e->value);
	}
	fputc('\n', out);
	return 0;
}

static int print_config(struct modprobe *m)
{
	const struct policy *policy = m->world.policy;

	for (int kind = 0; kind < POLICY_N; kind++)
		for (size_t i = 0; i < policy_count(policy, kind); i++)
			if (print_entry(policy_get(policy, kind, i), m->env->out) < 0)
				return 1;
	fputs("\n# End of configuration files. Dumping indexes now:\n\n", m->env->out);
	catalog_dump(m->world.catalog, CATALOG_ALIAS, m->env->out);
	catalog_dump(m->world.catalog, CATALOG_SYMBOL, m->env->out);
	return 0;
}

static void names_json(struct json *j, const char *key, const char *const *names, size_t n)
{
	json_array(j, key);
	for (size_t i = 0; i < n; i++)
		json_str(j, NULL, names[i]);
	json_end(j);
}

static void entry_json(struct json *j, const struct policy_entry *e)
{
	json_object(j, NULL);
	json_str(j, "name", e->name);
	json_str(j, "value", e->value);
	names_json(j, "pre", e->pre, e->kind == POLICY_WEAKDEP ? 0 : e->n_pre);
	names_json(j, "post", e->post, e->n_post);
	names_json(j, "weak", e->pre, e->kind == POLICY_WEAKDEP ? e->n_pre : 0);
	json_str(j, "file", e->file);
	if (e->line)
		json_uint(j, "line", e->line);
	else
		json_null(j, "line");
	json_end(j);
}

static int config_json(struct modprobe *m)
{
	const struct policy *policy = m->world.policy;
	struct json j;

	answer_open(m->env, &j);
	for (int kind = 0; kind < POLICY_N; kind++) {
		json_array(&j, policy_kind_name(kind));
		for (size_t i = 0; i < policy_count(policy, kind); i++)
			entry_json(&j, policy_get(policy, kind, i));
		json_end(&j);
	}
	answer_close(m->env, &j);
	return 0;
}

int modprobe_show_config(struct modprobe *m)
{
	return m->o->json ? config_json(m) : print_config(m);
}

/* ---- symbols of a file ---- */

static int read_symbols(struct modprobe *m, const char *path, int (*read)(const struct elf *, struct symbols *),
			struct symbols *ret)
{
	_cleanup_(source_close_p) struct source *src = NULL;
	_cleanup_elf_ struct elf elf = { 0 };
	int r = source_open(&m->env->sys.root, path, NULL, &m->env->sys.diag, &src);

	if (r >= 0)
		r = elf_open(src, &elf);
	if (r < 0)
		return r;
	r = read(&elf, ret);
	if (r >= 0)
		for (size_t i = 0; i < ret->n; i++)
			fprintf(m->env->out, "0x%08" PRIx64 "\t%s\n", ret->items[i].crc, ret->items[i].name);
	return r;
}

static int show_symbols(struct modprobe *m, const struct candidate *c, const char *what,
			int (*read)(const struct elf *, struct symbols *))
{
	_cleanup_symbols_ struct symbols symbols = { 0 };
	_cleanup_free_ char *found = NULL;
	int r = c->path ? 0 : world_path(&m->world, c->name, &found);
	const char *path = c->path ? c->path : found;

	if (r >= 0)
		r = path ? read_symbols(m, path, read, &symbols) : -ENOENT;
	if (r < 0)
		report_fatal(m->env, "modprobe.symbols", "could not get %s of %s: %s", what, c->name, strerror(-r));
	return r < 0;
}

static int show_of_all(struct modprobe *m, const char *arg, const char *what,
		       int (*read)(const struct elf *, struct symbols *))
{
	_cleanup_candidates_ struct candidates found = { 0 };
	int status = 0;

	if (modprobe_find(m, arg, &found) <= 0)
		return 1;
	for (size_t i = 0; i < found.n && !report_was_fatal(m->env); i++)
		status |= show_symbols(m, &found.items[i], what, read);
	return status;
}

int modprobe_show_versions(struct modprobe *m, const char *arg)
{
	return show_of_all(m, arg, "modversions", facts_versions);
}

int modprobe_show_exports(struct modprobe *m, const char *arg)
{
	return show_of_all(m, arg, "symbols", facts_exports);
}
