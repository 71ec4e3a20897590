// SPDX-License-Identifier: MIT
// The header in a C++ program.
#include <libkmod.h>

int main()
{
	struct kmod_ctx *ctx = kmod_new(nullptr, nullptr);

	return ctx && !kmod_unref(ctx) ? 0 : 1;
}
