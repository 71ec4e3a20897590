// SPDX-License-Identifier: MIT
/*
 * Nanoseconds per alias look-up through libkmod: lookup [-n] [-r ROUNDS] ROOT/lib/modules/VERSION ALIASES
 *
 * ALIASES: one modalias per line. -n: without kmod_load_resources(). Which library is measured is the dynamic
 * linker's business (LD_LIBRARY_PATH). Prints: library path, look-ups, modules found, ns per look-up (best
 * round), ns per kmod_new(), ns per kmod_load_resources().
 */
#include <libkmod.h>

#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

static char **read_lines(const char *path, size_t *ret_n)
{
	FILE *f = fopen(path, "r");
	char **lines = NULL, line[4096];
	size_t n = 0;

	if (!f)
		return NULL;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (n % 1024 == 0)
			lines = realloc(lines, (n + 1024) * sizeof(*lines));
		lines[n++] = strdup(line);
	}
	fclose(f);
	*ret_n = n;
	return lines;
}

static size_t look_up_all(struct kmod_ctx *ctx, char **lines, size_t n)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		struct kmod_list *list = NULL, *e;

		if (kmod_module_new_from_lookup(ctx, lines[i], &list) < 0)
			continue;
		kmod_list_foreach(e, list)
			found++;
		kmod_module_unref_list(list);
	}
	return found;
}

int main(int argc, char **argv)
{
	const char *const config[] = { NULL };
	uint64_t best = UINT64_MAX, t0, t1, t2;
	size_t n = 0, found = 0, rounds = 3;
	bool resources = true;
	struct kmod_ctx *ctx;
	char **lines;
	Dl_info info;
	int c;

	while ((c = getopt(argc, argv, "nr:")) != -1) {
		if (c == 'n')
			resources = false;
		else
			rounds = strtoul(optarg, NULL, 10);
	}
	if (argc - optind < 2 || !(lines = read_lines(argv[optind + 1], &n)) || !n)
		return 2;
	t0 = now_ns();
	ctx = kmod_new(argv[optind], config);
	t1 = now_ns();
	if (!ctx || (resources && kmod_load_resources(ctx) < 0))
		return 1;
	t2 = now_ns();
	for (size_t i = 0; i < rounds; i++) {
		uint64_t start = now_ns(), took;

		found = look_up_all(ctx, lines, n);
		took = (now_ns() - start) / n;
		best = took < best ? took : best;
	}
	dladdr((void *)(uintptr_t)kmod_new, &info);
	printf("%s %zu %zu %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", info.dli_fname, n, found, best, t1 - t0, t2 - t1);
	kmod_unref(ctx);
	return 0;
}
