// SPDX-License-Identifier: MIT
#include "verb/trust/key_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "base/nearest.h"
#include "base/vec.h"
#include "verb/trust/place.h"

void key_rows_done(struct key_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		for (size_t c = 0; c < KEY_COLUMNS; c++)
			free(rows->items[i].cells[c]);
	free(rows->items);
}

static char *hex_text(struct span bytes)
{
	struct buf b = BUF_INIT;

	hex_plain(bytes, &b);
	return bytes.n ? buf_steal(&b) : NULL;
}

/* Ids as modinfo and all of kmodctl spell them. */
static char *id_text(struct span bytes)
{
	struct buf b = BUF_INIT;

	hex_colons(bytes, 0, &b);
	return bytes.n ? buf_steal(&b) : NULL;
}

static char *described_id(struct span digits)
{
	struct buf b = BUF_INIT;

	hex_colons_of(digits, &b);
	return buf_steal(&b);
}

/* Of an id in that spelling, 16 digits, or all of a shorter one. */
static char *short_id(const char *id)
{
	return id ? strndup(id, 8 * 3 - 1) : NULL;
}

static char *date_range(const struct cert_facts *f)
{
	char from[16] = "?", to[16] = "?";
	time_t a = (time_t)f->not_before, b = (time_t)f->not_after;
	struct tm tm;
	char *text;

	if (gmtime_r(&a, &tm))
		strftime(from, sizeof(from), "%Y-%m-%d", &tm);
	if (gmtime_r(&b, &tm))
		strftime(to, sizeof(to), "%Y-%m-%d", &tm);
	return asprintf(&text, "%s..%s%s", from, to, f->expired ? " expired" : "") < 0 ? NULL : text;
}

/* The columns that a certificate fills. */
static void cert_cells(struct key_row *row, const struct key_entry *e)
{
	struct buf subject = BUF_INIT;

	cert_subject_text(e->cert, &subject);
	row->cells[KEY_SUBJECT] = buf_steal(&subject);
	row->cells[KEY_SKID] = id_text(cert_skid(e->cert));
	row->cells[KEY_SERIAL] = id_text(cert_serial_id(e->cert));
	row->cells[KEY_ALGORITHM] = strdup(e->facts.algorithm);
	row->cells[KEY_VALID] = date_range(&e->facts);
}

static struct key_row *add_row(struct key_rows *rows, const char *origin)
{
	struct key_row *row;

	if (vec_room(&rows->items, rows->n, &rows->cap) < 0)
		return NULL;
	row = &rows->items[rows->n++];
	*row = (struct key_row){ 0 };
	row->cells[KEY_ORIGIN] = strdup(origin);
	return row;
}

/* What is on .blacklist: certificates everywhere, files ("bin:") by Debian's kernels, and by upstream's not. */
static const char *forbids(const struct trust_context *ctx, const struct ring_key *k)
{
	if (strncmp(k->description, "bin:", strlen("bin:")) != 0 || ctx->machine.flavour == TRUST_DEBIAN)
		return "refused";
	return ctx->machine.flavour == TRUST_UPSTREAM ? "no" : "unknown";
}

static int add_ring(struct key_rows *rows, const struct trust_context *ctx, enum trust_ring id)
{
	const struct ring *r = &ctx->stores->rings[id];
	const char *why;
	bool asked = trust_ring_is_used(&ctx->machine, id, &why);

	for (size_t i = 0; i < r->n; i++) {
		const struct ring_key *k = &r->keys[i];
		const struct key_entry *e = key_stores_certificate(ctx->stores, k->description);
		struct ring_key_name n = ring_key_name(k->description);
		struct key_row *row;

		if (strcmp(k->type, "keyring") == 0)
			continue;
		row = add_row(rows, trust_ring_name(id));
		if (!row)
			return -ENOMEM;
		if (e)
			cert_cells(row, e);
		else
			row->cells[KEY_SUBJECT] = span_dup(n.name);
		if (!e && n.id.n)
			row->cells[KEY_SKID] = described_id(n.id);
		row->cells[KEY_ID] = short_id(row->cells[KEY_SKID]);
		row->cells[KEY_MODULES] = strdup(asked ? "yes" : id == TRUST_RING_BLACKLIST ? forbids(ctx, k) : "no");
	}
	return 0;
}

/* "SHA256 4fe1..." or, for a type that is not known, its GUID and size. */
static char *entry_text(const struct key_entry *e)
{
	_cleanup_free_ char *hex = hex_text(e->data);
	char guid[EFI_GUID_TEXT], *text;
	int n;

	efi_guid_text(&e->type_guid, guid);
	if (e->type == SIGLIST_UNKNOWN)
		n = asprintf(&text, "type %s, %zu bytes", guid, e->data.n);
	else if (e->type == SIGLIST_X509)
		n = asprintf(&text, "certificate that cannot be read, %zu bytes", e->data.n);
	else
		n = asprintf(&text, "%s %.160s", siglist_type_name(e->type), hex ? hex : "");
	return n < 0 ? NULL : text;
}

static const char *entry_use(const struct trust_context *ctx, enum key_store_id id, const struct key_entry *e)
{
	enum trust_origin origin;
	const char *why;

	if (trust_entry_revokes(ctx, id, e))
		return "refused";
	if (!e->cert || id == STORE_DBX || id == STORE_MOKX || !key_store_origin(id, &origin))
		return "no";
	return trust_ring_is_used(&ctx->machine, trust_entry_ring(ctx, id, e), &why) ? "yes" : "no";
}

static int add_store(struct key_rows *rows, const struct trust_context *ctx, enum key_store_id id)
{
	const struct key_store *s = &ctx->stores->stores[id];

	for (size_t i = 0; i < s->n; i++) {
		struct key_row *row = add_row(rows, s->name);

		if (!row)
			return -ENOMEM;
		if (s->entries[i].cert)
			cert_cells(row, &s->entries[i]);
		else
			row->cells[KEY_SUBJECT] = entry_text(&s->entries[i]);
		row->cells[KEY_ID] = short_id(row->cells[KEY_SKID]);
		row->cells[KEY_MODULES] = strdup(entry_use(ctx, id, &s->entries[i]));
	}
	return 0;
}

/* ---- which rings and lists ---- */

/* The rings of the kernel begin with a dot, which is left out often. */
static const char *name_as_in(const char *name, const char *written)
{
	return name + (*name == '.' && *written != '.');
}

bool key_rows_are_wanted(const char *name, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const char *want = ring_argument_name(argv[i]);

		want = want ? want : argv[i];
		if (strcasecmp(want, name_as_in(name, want)) == 0)
			return true;
	}
	return argc == 0;
}

bool key_rows_are_known(const char *argument)
{
	char *one[] = { (char *)(uintptr_t)argument };

	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		if (key_rows_are_wanted(trust_ring_name(r), 1, one))
			return true;
	for (enum key_store_id id = 0; id < STORE_KERNEL; id++)
		if (key_rows_are_wanted(key_store_name(id), 1, one))
			return true;
	return false;
}

int key_rows_hint(const char *name, struct buf *into)
{
	static const char *const verbs[] = { "match", "list" };
	const char *names[TRUST_RINGS + STORE_KERNEL + ELEMENTSOF(verbs)];
	size_t n = 0;

	/* Of words that are equally near the first counts: "mach" is no ring "machine". */
	for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
		names[n++] = verbs[i];
	name += strncmp(name, "%:", 2) == 0 ? 2 : 0;
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		names[n++] = name_as_in(trust_ring_name(r), name);
	for (enum key_store_id id = 0; id < STORE_KERNEL; id++)
		names[n++] = key_store_name(id);
	return nearest_among(name, strlen(name), names, sizeof(names[0]), n, into);
}

int key_rows_collect(const struct trust_context *ctx, int argc, char **argv, struct key_rows *rows)
{
	int r = 0;

	for (enum trust_ring id = TRUST_RING_BUILTIN; r == 0 && id < TRUST_RINGS; id++)
		if (key_rows_are_wanted(trust_ring_name(id), argc, argv))
			r = add_ring(rows, ctx, id);
	for (enum key_store_id id = 0; r == 0 && id < STORE_KERNEL; id++)
		if (key_rows_are_wanted(key_store_name(id), argc, argv))
			r = add_store(rows, ctx, id);
	return r;
}
