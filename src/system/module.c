// SPDX-License-Identifier: MIT
#include "system/module.h"

#include <errno.h>
#include <string.h>

static void report_damaged(const struct catalog *catalog, struct diag *diag)
{
	_cleanup_free_ char *path = NULL;

	if (catalog_join(catalog, BUILTIN_MODINFO, strlen(BUILTIN_MODINFO), &path) == 0)
		diag_report(diag, LOG_ERR, "index.builtin-modinfo", path, 0,
			    "%s: damaged: not strings that begin with the name of a module", path);
}

int module_read_builtin(const struct catalog *catalog, const char *name, struct diag *diag, struct modinfo *ret)
{
	struct span strings;
	int r = catalog ? catalog_builtin_modinfo(catalog, &strings) : -ENOENT;

	if (r < 0)
		return r;
	r = modinfo_parse_builtin(strings, name, ret);
	if (r == -EINVAL && diag)
		report_damaged(catalog, diag);
	return r;
}

/* A release without that file is not an error. */
static int read_builtin(const struct catalog *catalog, struct diag *diag, struct modinfo_subject *s)
{
	int r = module_read_builtin(catalog, s->name, diag, &s->info);

	return r == -ENOENT ? 0 : r;
}

static int read_signature(struct modinfo_subject *s)
{
	struct trailer t;
	int r = source_trailer(s->src, &t);

	if (r < 0)
		return r;
	s->is_signed = trailer_is_shown(&t);
	if (s->is_signed)
		siginfo_read(&t, &s->signature);
	return 0;
}

static int read_file(const struct root *root, struct scratch *scratch, struct diag *diag, struct modinfo_subject *s)
{
	int r = source_open(root, s->path, scratch, diag, &s->src);

	if (r == 0)
		r = elf_open(s->src, &s->elf);
	if (r == 0)
		r = modinfo_read(&s->elf, &s->info);
	if (r < 0)
		return r;
	r = facts_build_id(&s->elf, &s->build_id);
	return r < 0 && r != -ENODATA ? r : read_signature(s);
}

int modinfo_subject_read(const struct root *root, const struct catalog *catalog, const char *name, const char *path,
			 struct scratch *scratch, struct diag *diag, struct modinfo_subject *ret)
{
	struct modinfo_subject s = { .name = name, .path = path };
	int r = path ? read_file(root, scratch, diag, &s) : read_builtin(catalog, diag, &s);

	if (r == 0)
		r = parameters_read(&s.info, &s.parameters);
	if (r < 0)
		modinfo_subject_done(&s);
	else
		*ret = s;
	return r;
}

void modinfo_subject_done(struct modinfo_subject *s)
{
	parameters_done(&s->parameters);
	modinfo_done(&s->info);
	elf_done(&s->elf);
	source_close(s->src);
	*s = (struct modinfo_subject){ 0 };
}
