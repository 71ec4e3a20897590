// SPDX-License-Identifier: MIT
/*
 * Every allocation made to fail in turn: oom ROOT/lib/modules/VERSION NAME...
 *
 * The scenario runs once to count its allocations, then once per allocation with that one failing. It must
 * neither crash nor lose a block. Linked against the static library; this malloc serves libc's own calls too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario.h"

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

static long allocations; /* made since the last reset */
static long failing;     /* which of them fails; 0: none */
static long blocks;      /* not freed */

static int fails(void)
{
	if (++allocations != failing)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	void *p = fails() ? NULL : __libc_malloc(n);

	blocks += p != NULL;
	return p;
}

void *calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __libc_calloc(n, size);

	blocks += p != NULL;
	return p;
}

void *realloc(void *old, size_t n)
{
	void *p = fails() ? NULL : __libc_realloc(old, n);

	blocks += p != NULL && !old;
	return p;
}

void free(void *p)
{
	blocks -= p != NULL;
	__libc_free(p);
}

static long run(const struct scenario *s, long which, int *ret_found)
{
	long before = blocks;

	allocations = 0;
	failing = which;
	*ret_found = scenario_run(s);
	failing = 0;
	return blocks - before;
}

static int check(const struct scenario *s)
{
	long total, lost;
	int found, bad = 0;

	run(s, 0, &found); /* what libc and the codecs keep for ever is taken now */
	lost = run(s, 0, &found);
	total = allocations;
	if (lost != 0 || found <= 0) {
		fprintf(stderr, "oom: undisturbed run: %d modules, %ld blocks lost\n", found, lost);
		return 1;
	}
	for (long i = 1; i <= total; i++) {
		lost = run(s, i, &found);
		if (lost != 0) {
			fprintf(stderr, "oom: allocation %ld of %ld failing: %ld blocks lost\n", i, total, lost);
			bad = 1;
		}
	}
	printf("oom: %ld allocations made to fail one by one, %d modules%s\n", total, found,
	       s->resources ? ", indexes loaded" : "");
	return bad;
}

int main(int argc, char **argv)
{
	const char *const config[] = { NULL };
	struct scenario s = { .config = config };
	int bad;

	if (argc < 3)
		return 2;
	s.dirname = argv[1];
	s.names = (const char *const *)(argv + 2);
	bad = check(&s);
	s.resources = true;
	return bad | check(&s);
}
