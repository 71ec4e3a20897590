// SPDX-License-Identifier: MIT
/*
 * A program of someone else's: built by tests/abi/consume against an installed libkmod, shared and static. Its own
 * functions have names that the library uses inside; with the archive they must not get in each other's way.
 */
#include <libkmod.h>
#include <stdio.h>

const char *buf_str(const char *text);
int resolve(struct kmod_ctx *ctx, const char *name, struct kmod_module **ret);

const char *buf_str(const char *text)
{
	return text;
}

int resolve(struct kmod_ctx *ctx, const char *name, struct kmod_module **ret)
{
	return kmod_module_new_from_name(ctx, name, ret);
}

int main(int argc, char **argv)
{
	static const char *const no_configuration[] = { NULL };
	struct kmod_ctx *ctx = kmod_new("/nonexistent", no_configuration);
	struct kmod_module *mod = NULL;

	if (argc != 2 || !ctx || resolve(ctx, "snd-hda-intel", &mod) < 0)
		return 1;
	printf("%s %s\n", buf_str(kmod_module_get_name(mod)), argv[1]);
	kmod_module_unref(mod);
	kmod_unref(ctx);
	return 0;
}
