// SPDX-License-Identifier: MIT
/* Who provides the symbols that a module needs, and does a loaded module already export those that it exports? */
#include <errno.h>
#include <string.h>

#include "read/kernel/kallsyms.h"
#include "verb/why/names.h"
#include "verb/why/parts.h"

/* ---- needed ones ---- */

/* After a refusal only what is loaded counts: insmod loads no dependencies, and modprobe has loaded them. */
static bool will_be_there(const struct subject *s, const struct plan_modules *needs, const char *module)
{
	if (world_state(s->q->world, module) == LIVE_LIVE || catalog_is_builtin(s->q->world->catalog, module))
		return true;
	for (size_t i = 0; i < needs->n && !s->refused; i++)
		if (strcmp(needs->items[i].name, module) == 0)
			return true;
	return false;
}

/* Where each needed symbol would come from; kernel NULL: its names are unknown. */
static void sort_needed(const struct subject *s, const struct symbols *imports, const struct plan_modules *needs,
			const struct kallsyms *kernel, struct names *nobodys, struct names *others)
{
	for (size_t i = 0; i < imports->n; i++) {
		const char *name = imports->items[i].name, *module;

		if (imports->items[i].bind != 'U' || (kernel && kallsyms_has(kernel, name)))
			continue;
		module = subject_provider(s, name);
		if (module && strcmp(module, s->c->name) != 0 && !will_be_there(s, needs, module))
			names_add(others, name, module, NULL);
		else if (!module && kernel)
			names_add(nobodys, name, NULL, NULL);
	}
}

/* A file outside of the tree: what it needs is loaded first. */
static int load_others(struct subject *s, const struct names *others)
{
	const char *argv[NAMES_MODULES + 3] = { "modprobe", "-a" };

	for (size_t i = 0; i < others->n_modules; i++)
		argv[2 + i] = others->modules[i];
	return why_command_argv(s->found, argv);
}

static int tell_needed(struct subject *s, struct names *nobodys, struct names *others)
{
	const char *release = s->q->release;
	int r = 0;

	if (others->n) {
		r = why_add(s->found, WHY_OBSTACLE, WHY_SYMBOL_NOT_LOADED, NULL,
			    "it needs symbols of modules that are not loaded and not among its dependencies: %s",
			    names_end(others));
		if (r >= 0 && s->c->path)
			r = why_fix(s->found,
				    "modprobe these modules first, or put the file below /lib/modules/%s and run"
				    " depmod",
				    release);
		else if (r >= 0)
			r = why_fix(s->found, "run depmod");
		if (r >= 0)
			r = s->c->path ? load_others(s, others) : why_command(s->found, "depmod", "-a", release);
	}
	if (r >= 0 && nobodys->n) {
		r = why_add(s->found, WHY_OBSTACLE, WHY_SYMBOL_UNKNOWN, NULL,
			    "it needs symbols that neither the kernel nor any installed module has: %s",
			    names_end(nobodys));
		if (r >= 0)
			r = why_fix(s->found,
				    "rebuild it for %s, or install the module that exports them and run depmod",
				    release);
	}
	return buf_error(&nobodys->text) || buf_error(&others->text) ? -ENOMEM : r;
}

static int find_needed(struct subject *s, const struct symbols *imports, const struct kallsyms *kernel)
{
	_cleanup_names_ struct names nobodys = { 0 }, others = { 0 };
	struct plan_modules needs = { 0 };
	int r = world_dependencies(s->q->world, s->c->name, &needs);

	if (r >= 0) {
		sort_needed(s, imports, &needs, kernel, &nobodys, &others);
		r = tell_needed(s, &nobodys, &others);
	}
	plan_modules_done(&needs);
	return r;
}

int why_needed(struct subject *s)
{
	_cleanup_kallsyms_ struct kallsyms kernel = { 0 };
	struct symbols imports = { 0 };
	int known, r;

	if (!s->is_module || s->state == LIVE_LIVE)
		return 0;
	known = kallsyms_read(&s->q->sys->root, &kernel);
	r = known == -ENOMEM ? known : facts_imports(&s->elf, &imports);
	if (r >= 0)
		r = find_needed(s, &imports, known < 0 ? NULL : &kernel);
	symbols_done(&imports);
	return r == -ENOMEM ? r : 0;
}

/* ---- exported ones ---- */

int why_exported(struct subject *s)
{
	_cleanup_names_ struct names twice = { 0 };
	struct symbols exports = { 0 };
	int r;

	if (!s->is_module || s->state == LIVE_LIVE)
		return 0;
	r = facts_exports(&s->elf, &exports);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < exports.n; i++) {
		const char *module = subject_provider(s, exports.items[i].name);

		if (module && strcmp(module, s->c->name) != 0 && world_state(s->q->world, module) == LIVE_LIVE)
			names_add(&twice, exports.items[i].name, module, NULL);
	}
	symbols_done(&exports);
	if (!twice.n)
		return 0;
	r = why_add(s->found, WHY_OBSTACLE, WHY_SYMBOL_TWICE, NULL,
		    "it exports symbols that a loaded module already exports: %s", names_end(&twice));
	if (r < 0 || buf_error(&twice.text))
		return -ENOMEM;
	r = why_fix(s->found, "only one of the two can be loaded: unload the other one first");
	return r < 0 ? r : why_command(s->found, "modprobe", "-r", twice.modules[0]);
}
