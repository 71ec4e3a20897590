// SPDX-License-Identifier: MIT
#include "verb/trust/keystore.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/hex.h"
#include "base/oom.h"
#include "base/vec.h"
#include "read/image/vmlinuz.h"

struct store_row {
	const char *name;
	struct efi_guid guid;
	bool in_table; /* shim publishes it: whole in the table, perhaps split over several variables */
};

static const struct store_row rows[STORES] = {
	[STORE_PK] = { "PK", EFI_GUID_GLOBAL, false },
	[STORE_KEK] = { "KEK", EFI_GUID_GLOBAL, false },
	[STORE_DB] = { "db", EFI_GUID_SECURITY, false },
	[STORE_DBX] = { "dbx", EFI_GUID_SECURITY, false },
	[STORE_MOK] = { "MokListRT", EFI_GUID_SHIM, true },
	[STORE_MOKX] = { "MokListXRT", EFI_GUID_SHIM, true },
	[STORE_MOK_NEW] = { "MokNew", EFI_GUID_SHIM, false },
	[STORE_MOK_DELETE] = { "MokDel", EFI_GUID_SHIM, false },
	[STORE_MOKX_NEW] = { "MokXNew", EFI_GUID_SHIM, false },
	[STORE_MOKX_DELETE] = { "MokXDel", EFI_GUID_SHIM, false },
	[STORE_KERNEL] = { "kernel image", { { 0 } }, false },
};

const char *key_store_name(enum key_store_id id)
{
	return rows[id].name;
}

bool key_store_origin(enum key_store_id id, enum trust_origin *ret)
{
	switch (id) {
	case STORE_KERNEL:
		*ret = TRUST_FROM_KERNEL;
		return true;
	case STORE_MOK:
		*ret = TRUST_FROM_MOK;
		return true;
	case STORE_MOKX:
		*ret = TRUST_FROM_MOKX;
		return true;
	case STORE_DB:
		*ret = TRUST_FROM_DB;
		return true;
	case STORE_DBX:
		*ret = TRUST_FROM_DBX;
		return true;
	default:
		return false;
	}
}

unsigned key_use(const struct cert_facts *f)
{
	/* The kernel takes a certificate without keyUsage for one that names none, not all of them. */
	return (f->is_ca ? TRUST_USE_CA : 0u) | (f->has_key_usage && f->cert_sign ? TRUST_USE_CERT_SIGN : 0u) |
	       (f->has_key_usage && f->digital_signature ? TRUST_USE_SIGNATURE : 0u);
}

unsigned key_entry_use(const struct key_entry *e)
{
	return key_use(&e->facts);
}

bool key_stores_show_rings(const struct key_stores *s)
{
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		if (s->rings[r].error == 0)
			return true;
	return false;
}

void key_stores_prove(const struct key_stores *s, struct trust_machine *machine)
{
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		if (s->rings[r].error == 0)
			trust_machine_saw_ring(machine, r, s->rings[r].n > 0);
}

enum trust_ring key_entry_ring(const struct key_entry *e)
{
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		if (e->seen_in & 1u << r)
			return r;
	return TRUST_RING_NONE;
}

const struct key_entry *key_stores_certificate(const struct key_stores *s, const char *description)
{
	for (enum key_store_id id = 0; id < STORES; id++)
		for (size_t i = 0; i < s->stores[id].n; i++) {
			const struct key_entry *e = &s->stores[id].entries[i];

			if (e->cert && (ring_key_has_id(description, cert_skid(e->cert)) ||
					ring_key_has_id(description, cert_serial(e->cert))))
				return e;
		}
	return NULL;
}

/* ---- reading ---- */

static int read_lists(struct sys *sys, enum key_store_id id, struct key_store *s)
{
	struct efi_var v = { 0 };
	int r;

	if (rows[id].in_table)
		return efi_read_mok_list(&sys->root, rows[id].name, &s->lists, &s->source);
	s->source = EFI_FROM_VARIABLES;
	r = efi_var_read(&sys->root, rows[id].name, &rows[id].guid, &v);
	if (r == 0)
		s->lists = v.data;
	return r;
}

static struct key_entry *add_entry(struct key_store *s)
{
	if (vec_room(&s->entries, s->n, &s->cap) < 0)
		return NULL;
	s->entries[s->n] = (struct key_entry){ 0 };
	return &s->entries[s->n++];
}

static void set_cert(struct key_entry *e, struct cert *cert)
{
	e->cert = cert;
	cert_facts(cert, time(NULL), &e->facts);
}

static int read_entries(struct key_store *s)
{
	struct siglist_iter it;
	struct siglist_entry e;
	int r;

	siglist_iter_init(&it, buf_span(&s->lists));
	while ((r = siglist_next(&it, &e)) > 0) {
		struct key_entry *k = add_entry(s);
		struct cert *cert;

		if (!k)
			return -ENOMEM;
		k->type = e.type;
		k->type_guid = e.type_guid;
		k->owner = e.owner;
		k->data = e.data;
		/*
		 * A certificate that cannot be read is shown as such, not reported: it was not requested
		 * individually.
		 */
		if (e.type == SIGLIST_X509 && cert_parse(e.data, s->name, NULL, &cert) == 0)
			set_cert(k, cert);
	}
	return r;
}

static int read_store(struct sys *sys, enum key_store_id id, struct key_store *s)
{
	int r;

	s->name = rows[id].name;
	s->error = read_lists(sys, id, s);
	if (s->error < 0)
		return only_oom(s->error);
	r = read_entries(s);
	s->error = r;
	return only_oom(r);
}

static int read_rings(struct sys *sys, struct key_stores *s)
{
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++) {
		int e = 0;

		if (sys->keyring)
			e = ring_read(&sys->root, sys->keyring, trust_ring_name(r), &s->rings[r]);
		else
			s->rings[r].error = -ENOSYS;
		if (e < 0)
			return e;
	}
	return 0;
}

/* The ids by which a ring names a certificate: its subject key identifier, or the serial number when it has none. */
static void see(const struct key_stores *s, struct key_entry *e)
{
	struct span id = cert_skid(e->cert);

	if (id.n == 0)
		id = cert_serial(e->cert);
	for (enum trust_ring r = TRUST_RING_BUILTIN; r < TRUST_RINGS; r++)
		for (size_t i = 0; i < s->rings[r].n; i++)
			if (ring_key_has_id(s->rings[r].keys[i].description, id))
				e->seen_in |= 1u << r;
}

#define SHA256_SIZE 32

static int add_listed(struct ring *ring, const char *kind, struct span digest)
{
	_cleanup_buf_ struct buf description = BUF_INIT;
	char *text;

	buf_addf(&description, "%s:", kind);
	hex_plain(digest, &description);
	text = buf_steal(&description);
	if (!text || vec_room(&ring->keys, ring->n, &ring->cap) < 0) {
		free(text);
		return -ENOMEM;
	}
	ring->keys[ring->n++] = (struct ring_key){ .description = text };
	return 0;
}

/* The digests that kernels take from these lists: SHA-256, behind which a certificate's entry has a time. */
static int list_digests(struct key_stores *s, enum key_store_id id)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < s->stores[id].n; i++) {
		const struct key_entry *e = &s->stores[id].entries[i];
		struct span digest;

		if ((e->type != SIGLIST_SHA256 && e->type != SIGLIST_X509_SHA256) ||
		    span_sub(e->data, 0, SHA256_SIZE, &digest) < 0)
			continue;
		r = add_listed(&s->listed, e->type == SIGLIST_SHA256 ? "bin" : "tbs", digest);
	}
	return r;
}

int key_stores_read(struct sys *sys, struct key_stores *ret)
{
	_cleanup_key_stores_ struct key_stores s = { 0 };
	int r = read_rings(sys, &s);

	for (enum key_store_id id = 0; r == 0 && id < STORE_KERNEL; id++)
		r = read_store(sys, id, &s.stores[id]);
	if (r == 0 && !key_stores_show_rings(&s))
		r = list_digests(&s, STORE_DBX);
	if (r == 0 && !key_stores_show_rings(&s))
		r = list_digests(&s, STORE_MOKX);
	if (r < 0)
		return r;
	s.stores[STORE_KERNEL] = (struct key_store){ .name = rows[STORE_KERNEL].name, .error = -ENOENT };
	for (enum key_store_id id = 0; id < STORE_KERNEL; id++)
		for (size_t i = 0; i < s.stores[id].n; i++)
			if (s.stores[id].entries[i].cert)
				see(&s, &s.stores[id].entries[i]);
	*ret = s;
	s = (struct key_stores){ 0 };
	return 0;
}

void key_stores_done(struct key_stores *s)
{
	for (enum key_store_id id = 0; id < STORES; id++) {
		for (size_t i = 0; i < s->stores[id].n; i++)
			cert_free(s->stores[id].entries[i].cert);
		free(s->stores[id].entries);
		buf_done(&s->stores[id].lists);
	}
	for (enum trust_ring r = 0; r < TRUST_RINGS; r++)
		ring_done(&s->rings[r]);
	ring_done(&s->listed);
	*s = (struct key_stores){ 0 };
}

/* As if the certificate were in the store. Takes ownership of cert, also on failure. */
static int add_certificate(struct key_stores *s, enum key_store_id store, struct cert *cert)
{
	struct key_entry *e = add_entry(&s->stores[store]);

	if (!e) {
		cert_free(cert);
		return -ENOMEM;
	}
	e->type = SIGLIST_X509;
	e->type_guid = *siglist_type_guid(SIGLIST_X509);
	e->data = cert_der(cert);
	set_cert(e, cert);
	see(s, e);
	return 0;
}

/* ---- the kernel image ---- */

/* Keeps the certificate if .builtin_trusted_keys shows its id, and if it is the first of that id. */
static int take_if_builtin(struct key_stores *s, struct cert *cert)
{
	struct key_store *store = &s->stores[STORE_KERNEL];
	int r = add_certificate(s, STORE_KERNEL, cert);
	struct key_entry *e = r == 0 ? &store->entries[store->n - 1] : NULL;
	bool wanted;

	if (!e)
		return r;
	wanted = e->seen_in & 1u << TRUST_RING_BUILTIN;
	for (size_t i = 0; i + 1 < store->n; i++)
		wanted = wanted && !span_eq(cert_skid(store->entries[i].cert), cert_skid(cert));
	if (!wanted) {
		cert_free(cert);
		store->n--;
	}
	return 0;
}

/* Every place that begins like a certificate: SEQUENCE of two length bytes, in it another one. */
static int scan_certificates(struct key_stores *s, struct span image)
{
	size_t limit = image.n > 8 ? image.n - 8 : 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < limit; i++) {
		const uint8_t *p = memchr(image.p + i, 0x30, limit - i);
		struct cert *cert;
		size_t len;

		if (!p)
			break;
		i = (size_t)(p - image.p);
		if (p[1] != 0x82 || p[4] != 0x30 || p[5] != 0x82)
			continue;
		len = 4 + (size_t)load_be16(p + 2);
		if (len > image.n - i || cert_parse(span_of(p, len), rows[STORE_KERNEL].name, NULL, &cert) < 0)
			continue;
		r = take_if_builtin(s, cert);
	}
	return r;
}

int key_stores_add_kernel(struct sys *sys, const char *release, struct key_stores *s)
{
	_cleanup_buf_ struct buf image = BUF_INIT;
	struct key_store *store = &s->stores[STORE_KERNEL];
	int r;

	if (s->kernel_tried || s->rings[TRUST_RING_BUILTIN].n == 0)
		return 0;
	s->kernel_tried = true;
	r = vmlinuz_read(&sys->root, release, &image);
	store->error = r;
	if (r == 0)
		r = scan_certificates(s, buf_span(&image));
	return only_oom(r);
}
