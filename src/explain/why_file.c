// SPDX-License-Identifier: MIT
#include "explain/why_file.h"

#include <errno.h>
#include <string.h>

#include "image/facts.h"
#include "image/siginfo.h"

static int tell_vermagic(const struct why_query *q, const struct elf *e, struct why *found)
{
	struct modinfo info = { 0 };
	const char *magic;
	size_t n;
	int r = 0;

	if (modinfo_read(e, &info) < 0)
		return why_add(found, WHY_OBSTACLE, "file", "no-modinfo", NULL, "the file has no .modinfo section: it is no kernel module");
	magic = modinfo_get(&info, "vermagic");
	n = magic ? strcspn(magic, " ") : 0;
	if (magic && (strlen(q->release) != n || strncmp(magic, q->release, n) != 0))
		r = why_add(found, WHY_OBSTACLE, "file", "vermagic", NULL, "built for kernel %.*s, but %s is running", (int)n, magic, q->release);
	modinfo_done(&info);
	return r;
}

/* What refuses unsigned modules; NULL: nothing does. */
static const char *signature_rule(const struct lockstate *l)
{
	if (l->lockdown > LOCKDOWN_NONE)
		return "the kernel is locked down (Secure Boot)";
	return l->sig_enforce == LOCK_YES ? "module.sig_enforce is on" : NULL;
}

static int tell_signature(struct source *src, const struct lockstate *l, struct why *found)
{
	const char *rule = signature_rule(l);
	struct siginfo info;
	struct trailer t;
	int r = trailer_peek(src, &t);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (t.state == TRAILER_NONE && rule)
		return why_add(found, WHY_OBSTACLE, "signature", "unsigned", NULL, "not signed, and %s", rule);
	if (t.state == TRAILER_NONE)
		return why_add(found, WHY_FACT, "signature", "unsigned", NULL, "not signed; this kernel does not demand it");
	if (t.state == TRAILER_DAMAGED)
		return why_add(found, WHY_OBSTACLE, "signature", "damaged", NULL,
			       "the signature at the end of the file is damaged: sign the module again");
	siginfo_read(&t, &info);
	if (!info.parsed)
		return why_add(found, rule ? WHY_OBSTACLE : WHY_NOTE, "signature", "unreadable", NULL, "the signature cannot be read");
	return why_add(found, WHY_FACT, "signature", "signed", NULL, "signed by \"%s\" (%s)%s%s", info.signer, info.hash,
		       rule ? "; only a key that the kernel has will do: " : "", rule ? rule : "");
}

static int tell_source(const struct why_query *q, const char *path, const struct lockstate *l, struct why *found)
{
	_cleanup_(scratch_free_p) struct scratch *scratch = scratch_new();
	struct source *src = NULL;
	struct elf e;
	int r = scratch ? source_open(q->root, path, scratch, NULL, &src) : -ENOMEM;

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return why_add(found, WHY_OBSTACLE, "file", "unreadable", NULL, "%s cannot be read: %s", path, strerror(-r));
	if (elf_open(src, &e) < 0)
		r = why_add(found, WHY_OBSTACLE, "file", "not-elf", NULL, "%s is damaged: not a sound ELF object", path);
	else {
		r = why_add(found, WHY_FACT, "file", "file", NULL, "%s", path);
		if (r >= 0)
			r = tell_vermagic(q, &e, found);
		if (r >= 0)
			r = tell_signature(src, l, found);
		elf_done(&e);
	}
	source_close(src);
	return r;
}

int why_file(const struct why_query *q, const char *name, const char *path, const struct lockstate *l, struct why *found)
{
	if (catalog_is_builtin(q->world->catalog, name))
		return 0;
	if (!path)
		return why_add(found, WHY_OBSTACLE, "file", "no-file", NULL, "no module file of this name is in %s", catalog_dir(q->world->catalog));
	if (!root_exists(q->root, path))
		return why_add(found, WHY_OBSTACLE, "file", "file-missing", NULL,
			       "modules.dep names %s, which does not exist: run depmod, or install the package again", path);
	return tell_source(q, path, l, found);
}
