// SPDX-License-Identifier: MIT
/* Lockdown, sig_enforce, modules_disabled, CapEff, uid_map and module_blacklist=: six files in one input. */
#include "scratch.h"

#include "parts.h"
#include "text.h"

#include "read/kernel/lockstate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const files[] = {
	"sys/kernel/security/lockdown",
	"sys/module/module/parameters/sig_enforce",
	"proc/sys/kernel/modules_disabled",
	"proc/self/status",
	"proc/self/uid_map",
	"proc/cmdline",
};
enum { LOCKDOWN = 0, UID_MAP = 4, CMDLINE = 5 };

static void check_answer(enum lock_answer answer, const struct lock_source *source)
{
	if (!source->path || source->error > 0 || (answer == LOCK_UNKNOWN) != (source->error < 0))
		abort();
}

static void check_lockdown(const struct lockstate *s, const char *text)
{
	char word[32];

	if ((s->lockdown == LOCKDOWN_UNKNOWN) != (s->lockdown_source.error < 0))
		abort();
	if (s->lockdown == LOCKDOWN_UNKNOWN)
		return;
	snprintf(word, sizeof(word), "[%s]", lockdown_name(s->lockdown));
	if (!strstr(text, word) || lockdown_parse(word) != s->lockdown)
		abort();
}

static void check_uid_map(const struct lockstate *s, const char *text)
{
	unsigned long long inside = 1, outside = 1, count = 0;

	if (s->in_user_namespace != LOCK_NO)
		return;
	if (sscanf(text, "%llu %llu %llu", &inside, &outside, &count) != 3 || inside || outside ||
	    count != 4294967295ULL)
		abort();
}

/* Every name is one that the command line spells, by the rule for module names. */
static void check_blacklist(const struct lockstate *s, char *cmdline)
{
	const struct strv *const lists[] = { &s->blacklist, &s->replaced, &s->initcalls };

	for (size_t k = 0; k < ELEMENTSOF(lists); k++)
		for (size_t i = 0; i < lists[k]->n; i++)
			if (!*lists[k]->items[i] || !strstr(cmdline, lists[k]->items[i]))
				abort();
	for (size_t i = 0; i < s->blacklist.n; i++)
		if (!lockstate_is_blacklisted(s, s->blacklist.items[i]))
			abort();
	for (char *p = cmdline; *p; p++)
		*p = *p == '-' ? '_' : *p;
	if (s->blacklist.n + s->replaced.n && !strstr(cmdline, "module_blacklist"))
		abort();
	if (s->initcalls.n && !strstr(cmdline, "initcall_blacklist"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_lockstate_ struct lockstate s = { 0 };
	const struct root root = scratch_root();
	struct span rest = span_of(data, size);
	char *texts[ELEMENTSOF(files)];

	if (size > 4096 || (size && memchr(data, '\0', size)))
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(files); i++) {
		struct span part = fuzz_part(&rest);

		scratch_write(files[i], part.p, part.n);
		texts[i] = span_dup(part);
	}
	if (lockstate_read(&root, &s) < 0)
		abort();
	check_answer(s.sig_enforce, &s.sig_enforce_source);
	check_answer(s.modules_disabled, &s.modules_disabled_source);
	check_answer(s.cap_sys_module, &s.cap_source);
	check_answer(s.in_user_namespace, &s.userns_source);
	check_lockdown(&s, texts[LOCKDOWN]);
	check_uid_map(&s, texts[UID_MAP]);
	check_blacklist(&s, texts[CMDLINE]);
	for (size_t i = 0; i < ELEMENTSOF(files); i++)
		free(texts[i]);
	return 0;
}
