// SPDX-License-Identifier: MIT
#include "face/kmodctl/machine_rows.h"

#include <string.h>

#include "face/common/table.h"

static struct machine_row row(const char *name, const char *title, const struct trust_fact *f, const char *yes,
			      const char *no)
{
	return (struct machine_row){ name, title, trust_answer_word(f->value, yes, no), f->source, f->error };
}

void machine_rows(const struct trust_machine *m, struct machine_row ret[MACHINE_ROWS])
{
	const char *level = lockdown_name(m->lockdown);
	const struct trust_fact never = { TRUST_NO, m->without_modules.source, 0 };
	const struct machine_row rows[MACHINE_ROWS] = {
		row("efi", "UEFI boot", &m->efi, "yes", "no"),
		row("secure-boot", "Secure Boot", &m->secure_boot, "on", "off"),
		row("setup-mode", "setup mode", &m->setup_mode, "on", "off"),
		row("shim-validation", "shim validation", &m->shim_validation, "on", "off"),
		row("mok-trusted", "MOK list trusted", &m->mok_trusted, "yes", "no"),
		{ "lockdown", "lockdown", level ? level : "unknown", m->lockdown_source.source,
		  m->lockdown_source.error },
		row("sig_enforce", "module.sig_enforce", &m->sig_enforce, "on", "off"),
		row("signatures-checked", "signatures checked", &m->sig_checked, "yes", "no"),
		row("modules_disabled", "modules_disabled", &m->modules_disabled, "on", "off"),
		row("may-load", "allowed to load", m->without_modules.value == TRUST_YES ? &never : &m->may_load, "yes",
		    "no"),
	};

	memcpy(ret, rows, sizeof(rows));
}

static const struct table_column columns[] = {
	{ .before = "  ", .width = 20, .after = " " },
	{ .key = "value", .width = 10, .after = " " },
	{ .key = "source" },
	{ .key = "error", .before = ": could not read: " },
};

void machine_row_print(const struct machine_row *row, FILE *out, struct json *j)
{
	const struct table_cell cells[] = {
		{ .text = row->title },
		{ .text = row->value },
		{ .text = row->source },
		{ .text = row->error ? strerror(row->error < 0 ? -row->error : row->error) : NULL },
	};

	if (j)
		table_json(j, row->name, columns, cells, ELEMENTSOF(cells));
	else
		table_line(out, columns, cells, ELEMENTSOF(cells));
}
