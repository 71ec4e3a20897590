// SPDX-License-Identifier: MIT
/* A modprobe.d file of arbitrary bytes: every entry is complete and can be printed and asked for. */
#include "scratch.h"

#include <fnmatch.h>

#include "read/conf/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the index of patterns finds is what comparing each of them finds. */
static void ask(const struct policy *p, enum policy_kind kind, const char *name)
{
	_cleanup_policy_found_ struct policy_found found = { 0 };
	size_t n = 0;

	if (policy_find(p, kind, name, &found) < 0)
		abort();
	for (size_t i = 0; i < policy_count(p, kind); i++) {
		const struct policy_entry *e = policy_get(p, kind, i);

		if (fnmatch(e->name, name, 0) == 0 && (n >= found.n || found.items[n++] != e))
			abort();
	}
	if (n != found.n || policy_match(p, kind, name) != (n > 0 ? found.items[0] : NULL))
		abort();
}

/* What is odd in the text is looked for only if somebody wants to hear of it. */
static void read_message(void *data, const struct diag_msg *msg)
{
	(void)data;
	if (!msg->text[0])
		abort();
}

static void use_entry(const struct policy *p, const struct policy_entry *e)
{
	_cleanup_buf_ struct buf text = BUF_INIT;

	if (!e->name || !e->file || e->line == 0)
		abort();
	if (policy_literal(p, e->kind, e->name) == NULL)
		abort();
	ask(p, e->kind, "snd_hda_intel");
	ask(p, e->kind, e->name);
	if (e->kind == POLICY_SOFTDEP || e->kind == POLICY_WEAKDEP)
		policy_format_deps(e, &text);
	if (e->kind == POLICY_OPTIONS && policy_options(p, e->name, "other", &text) != 1)
		abort();
	if (e->value && strlen(e->value) > (1 << 20))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *paths[] = { "/policy", NULL };
	const struct policy_request request = { .root = scratch_root(), .paths = paths, .no_cmdline = true };
	struct diag diag = { read_message, NULL, LOG_WARNING };
	struct policy *p;

	if (size > 4096)
		return 0;
	scratch_write("policy", data, size);
	if (policy_load(&request, &diag, &p) < 0)
		abort();
	for (enum policy_kind kind = 0; kind < POLICY_N; kind++)
		for (size_t i = 0; i < policy_count(p, kind); i++)
			use_entry(p, policy_get(p, kind, i));
	policy_free(p);
	return 0;
}
