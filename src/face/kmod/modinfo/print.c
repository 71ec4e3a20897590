// SPDX-License-Identifier: MIT
/* modinfo's own form: one `key:` per line, padded to 16 columns. */
#include <string.h>

#include "base/hex.h"
#include "face/kmod/modinfo/private.h"

#define KEY_COLUMNS 16
/* bytes per line of a key or signature */
#define HEX_WRAP 20

static void print_padded(FILE *out, const char *key, size_t key_len, const char *value, char separator)
{
	int pad = key_len + 1 < KEY_COLUMNS ? (int)(KEY_COLUMNS - 1 - key_len) : 0;

	fwrite(key, 1, key_len, out);
	fprintf(out, ":%*s%s%c", pad, "", value, separator);
}

static bool key_equals(const char *key, size_t key_len, const char *name)
{
	return strlen(name) == key_len && memcmp(key, name, key_len) == 0;
}

static void print_entry(FILE *out, const struct modinfo_style *style, const char *key, size_t key_len,
			const char *value)
{
	if (style->field) {
		if (key_equals(key, key_len, style->field))
			fprintf(out, "%s%c", value, style->separator);
	} else if (style->separator == '\0') {
		fwrite(key, 1, key_len, out);
		fprintf(out, "=%s%c", value, style->separator);
	} else {
		print_padded(out, key, key_len, value, style->separator);
	}
}

bool modinfo_print_head(FILE *out, const char *name, const char *path, const struct modinfo_style *style)
{
	const char *shown = path ? path : "(builtin)";

	if (!style->field) {
		if (!path)
			print_padded(out, "name", 4, name, style->separator);
		print_padded(out, "filename", 8, shown, style->separator);
		return false;
	}
	if (strcmp(style->field, "filename") == 0) {
		fprintf(out, "%s%c", shown, style->separator);
		return true;
	}
	if (!path && strcmp(style->field, "name") == 0) {
		fprintf(out, "%s%c", name, style->separator);
		return true;
	}
	return false;
}

static int print_hex(FILE *out, const struct modinfo_style *style, const char *key, struct span bytes)
{
	_cleanup_buf_ struct buf text = BUF_INIT;
	int r = hex_colons(bytes, HEX_WRAP, &text);

	if (r == 0)
		print_entry(out, style, key, strlen(key), buf_str(&text));
	return r;
}

static int print_signature(FILE *out, const struct modinfo_style *style, const struct siginfo *s)
{
	int r;

	print_entry(out, style, "sig_id", strlen("sig_id"), s->id_type);
	print_entry(out, style, "signer", strlen("signer"), s->signer);
	r = print_hex(out, style, "sig_key", s->key_id);
	print_entry(out, style, "sig_hashalgo", strlen("sig_hashalgo"), s->hash);
	return r < 0 ? r : print_hex(out, style, "signature", s->signature);
}

static void print_parameter(FILE *out, const struct modinfo_style *style, const struct parameter *p)
{
	if (!style->field)
		fprintf(out, "parm:%*s", KEY_COLUMNS - 5, "");
	fprintf(out, "%.*s:", (int)p->name_len, p->name);
	if (p->description && p->type)
		fprintf(out, "%s (%s)%c", p->description, p->type, style->separator);
	else if (p->description)
		fprintf(out, "%s%c", p->description, style->separator);
	else if (style->field)
		fprintf(out, " (%s)%c", p->type, style->separator);
	else
		fprintf(out, "%s%c", p->type, style->separator);
}

static bool is_parameter(const struct modinfo_item *item)
{
	return key_equals(item->key, item->key_len, "parm") || key_equals(item->key, item->key_len, "parmtype");
}

static void report_bad_parameters(const struct modinfo *m, struct diag *diag)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct modinfo_item *item = &m->items[i];

		if (is_parameter(item) && !strchr(item->value, ':'))
			diag_err(diag, "modinfo.bad-parameter", "Found invalid \"%s\": missing ':'", item->key);
	}
}

static void print_parameters(FILE *out, const struct modinfo_subject *s, const struct modinfo_style *style,
			     struct diag *diag)
{
	report_bad_parameters(&s->info, diag);
	for (size_t i = s->parameters.n; i > 0; i--)
		print_parameter(out, style, &s->parameters.items[i - 1]);
}

int modinfo_print(FILE *out, const struct modinfo_subject *s, const struct modinfo_style *style, struct diag *diag)
{
	bool parameters = !style->field || strcmp(style->field, "parm") == 0;
	int r = 0;

	for (size_t i = 0; i < s->info.n; i++) {
		const struct modinfo_item *item = &s->info.items[i];

		if (!parameters || !is_parameter(item))
			print_entry(out, style, item->key, item->key_len, item->value);
	}
	if (s->build_id.n > 0)
		r = print_hex(out, style, "build-id", s->build_id);
	if (r == 0 && s->is_signed)
		r = print_signature(out, style, &s->signature);
	if (parameters)
		print_parameters(out, s, style, diag);
	return r;
}
