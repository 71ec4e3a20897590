// SPDX-License-Identifier: MIT
/* The list of security modules, the command line, and the policies and switches of those that judge files. */
#include "scratch.h"

#include "parts.h"

#include "read/kernel/guards.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {
	"sys/kernel/security/lsm",
	"proc/cmdline",
	"sys/kernel/security/ima/policy",
	"sys/kernel/security/ipe/enforce",
	"sys/kernel/security/ipe/policies/p/active",
	"sys/kernel/security/ipe/policies/p/policy",
	"sys/fs/selinux/enforce",
	"proc/sys/kernel/loadpin/enforce",
};
enum { IMA = 2, IPE_ENFORCE, IPE_ACTIVE, IPE, SELINUX, LOADPIN };

static bool begins(struct span s, char c)
{
	return s.n > 0 && s.p[0] == c;
}

static bool has(struct span s, const char *word)
{
	return memmem(s.p, s.n, word, strlen(word)) != NULL;
}

/* Nothing is active without the words that make it so. */
static void check(const struct guards *all, const struct span *parts)
{
	for (enum guard g = 0; g < GUARDS; g++) {
		const struct guard_state *s = &all->items[g];

		if (!s->source[0] || !s->text[0] || s->error > 0 || (s->error && s->active != LOCK_UNKNOWN))
			abort();
	}
	if ((all->items[GUARD_SELINUX].active == LOCK_YES && !begins(parts[SELINUX], '1')) ||
	    (all->items[GUARD_LOADPIN].active == LOCK_YES && !begins(parts[LOADPIN], '1')))
		abort();
	if (all->items[GUARD_IMA].active == LOCK_YES && !has(parts[IMA], "appraise"))
		abort();
	if (all->items[GUARD_IPE].active == LOCK_YES &&
	    (!begins(parts[IPE_ENFORCE], '1') || !begins(parts[IPE_ACTIVE], '1') || !has(parts[IPE], "action=DENY")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct root root = scratch_root();
	struct span rest = span_of(data, size), parts[ELEMENTSOF(files)];
	struct guards all;

	if (size > 4096 || (size && memchr(data, '\0', size)))
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(files); i++) {
		parts[i] = fuzz_part(&rest);
		scratch_write(files[i], parts[i].p, parts[i].n);
	}
	guards_read(&root, "6.1.0", &all);
	check(&all, parts);
	return 0;
}
