// SPDX-License-Identifier: MIT
/*
 * Index files replaced under a context: replace DIR NAME OTHER
 *
 * DIR/old and DIR/new are module directories; only new knows OTHER, both know NAME. DIR/live is made here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libkmod.h>

static const char *const files[] = { "modules.dep.bin", "modules.alias.bin", "modules.symbols.bin",
				     "modules.builtin.bin", "modules.builtin.alias.bin" };

/* As depmod does: a new file renamed over the old one. */
static void install(const char *dir, const char *from)
{
	char command[3 * 4096];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(command, sizeof(command), "cp '%s/%s/%s' '%s/live/tmp' && mv '%s/live/tmp' '%s/live/%s'", dir,
			 from, files[i], dir, dir, dir, files[i]);
		if (system(command) != 0)
			exit(2);
	}
}

static int finds(struct kmod_ctx *ctx, const char *name)
{
	struct kmod_list *list = NULL;
	int found = kmod_module_new_from_lookup(ctx, name, &list) >= 0 && list;

	kmod_module_unref_list(list);
	return found;
}

static int failures;

static void expect(const char *what, int ok)
{
	printf("%s - %s\n", ok ? "ok" : "not ok", what);
	failures += !ok;
}

int main(int argc, char **argv)
{
	const char *const config[] = { NULL };
	struct kmod_ctx *loaded, *lazy;
	char live[2048], command[4200];

	if (argc < 4)
		return 2;
	if (snprintf(live, sizeof(live), "%s/live", argv[1]) >= (int)sizeof(live))
		return 2;
	snprintf(command, sizeof(command), "rm -rf '%s'; mkdir '%s'", live, live);
	if (system(command) != 0)
		return 2;
	install(argv[1], "old");
	loaded = kmod_new(live, config);
	lazy = kmod_new(live, config);
	expect("resources load", kmod_load_resources(loaded) == 0);
	expect("before: both find the old name", finds(loaded, argv[2]) && finds(lazy, argv[2]));
	expect("before: nobody finds the new name", !finds(loaded, argv[3]) && !finds(lazy, argv[3]));
	expect("before: resources are valid", kmod_validate_resources(loaded) == KMOD_RESOURCES_OK);
	install(argv[1], "new");
	expect("after: loaded indexes still answer from the old files",
	       finds(loaded, argv[2]) && !finds(loaded, argv[3]));
	expect("after: they must be reloaded", kmod_validate_resources(loaded) == KMOD_RESOURCES_MUST_RELOAD);
	expect("after: without loaded indexes the new files answer", finds(lazy, argv[2]) && finds(lazy, argv[3]));
	kmod_unload_resources(loaded);
	expect("reloaded: the new name is found", kmod_load_resources(loaded) == 0 && finds(loaded, argv[3]));
	expect("reloaded: valid again", kmod_validate_resources(loaded) == KMOD_RESOURCES_OK);
	kmod_unref(loaded);
	kmod_unref(lazy);
	return failures != 0;
}
