// SPDX-License-Identifier: MIT
#include "read/efi/siglist.h"

#define LIST_HEADER 28 /* type GUID, three u32 */

struct type_row {
	const char *name;
	struct efi_guid guid;
	size_t hash_len;
};

static const struct type_row types[SIGLIST_TYPES] = {
	[SIGLIST_UNKNOWN] = { "unknown", { { 0 } }, 0 },
	[SIGLIST_X509] = { "X509", EFI_GUID(0xa5c059a1, 0x94e4, 0x4aa7, 0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72),
			   0 },
	[SIGLIST_SHA1] = { "SHA1", EFI_GUID(0x826ca512, 0xcf10, 0x4ac9, 0xb1, 0x87, 0xbe, 0x01, 0x49, 0x66, 0x31, 0xbd),
			   20 },
	[SIGLIST_SHA224] = { "SHA224",
			     EFI_GUID(0x0b6e5233, 0xa65c, 0x44c9, 0x94, 0x07, 0xd9, 0xab, 0x83, 0xbf, 0xc8, 0xbd), 28 },
	[SIGLIST_SHA256] = { "SHA256",
			     EFI_GUID(0xc1c41626, 0x504c, 0x4092, 0xac, 0xa9, 0x41, 0xf9, 0x36, 0x93, 0x43, 0x28), 32 },
	[SIGLIST_SHA384] = { "SHA384",
			     EFI_GUID(0xff3e5307, 0x9fd0, 0x48c9, 0x85, 0xf1, 0x8a, 0xd5, 0x6c, 0x70, 0x1e, 0x01), 48 },
	[SIGLIST_SHA512] = { "SHA512",
			     EFI_GUID(0x093e0fae, 0xa6c4, 0x4f50, 0x9f, 0x1b, 0xd4, 0x1e, 0x2b, 0x89, 0xc1, 0x9a), 64 },
	[SIGLIST_X509_SHA256] = { "X509_SHA256",
				  EFI_GUID(0x3bd2a492, 0x96c0, 0x4079, 0xb4, 0x20, 0xfc, 0xf9, 0x8e, 0xf1, 0x03, 0xed),
				  0 },
	[SIGLIST_X509_SHA384] = { "X509_SHA384",
				  EFI_GUID(0x7076876e, 0x80c2, 0x4ee6, 0xaa, 0xd2, 0x28, 0xb3, 0x49, 0xa6, 0x86, 0x5b),
				  0 },
	[SIGLIST_X509_SHA512] = { "X509_SHA512",
				  EFI_GUID(0x446dbf63, 0x2502, 0x4cda, 0xbc, 0xfa, 0x24, 0x65, 0xd2, 0xb0, 0xfe, 0x9d),
				  0 },
	[SIGLIST_RSA2048] = { "RSA2048",
			      EFI_GUID(0x3c5766e8, 0x269c, 0x4e34, 0xaa, 0x14, 0xed, 0x77, 0x6e, 0x85, 0xb3, 0xb6), 0 },
};

const char *siglist_type_name(enum siglist_type type)
{
	return types[type].name;
}

const struct efi_guid *siglist_type_guid(enum siglist_type type)
{
	return type == SIGLIST_UNKNOWN ? NULL : &types[type].guid;
}

enum siglist_type siglist_type_of(const struct efi_guid *guid)
{
	for (enum siglist_type t = SIGLIST_UNKNOWN + 1; t < SIGLIST_TYPES; t++)
		if (efi_guid_eq(guid, &types[t].guid))
			return t;
	return SIGLIST_UNKNOWN;
}

size_t siglist_hash_len(enum siglist_type type)
{
	return types[type].hash_len;
}

bool siglist_hash_type(size_t len, enum siglist_type *ret)
{
	for (enum siglist_type t = SIGLIST_UNKNOWN + 1; len && t < SIGLIST_TYPES; t++)
		if (types[t].hash_len == len) {
			*ret = t;
			return true;
		}
	return false;
}

void siglist_iter_init(struct siglist_iter *it, struct span lists)
{
	*it = (struct siglist_iter){ .all = lists };
}

/* Enters the list at it->at. */
static int enter_list(struct siglist_iter *it)
{
	struct span list;
	uint32_t list_size, header_size, entry_size;
	size_t body;

	if (span_from(it->all, it->at, &list) < 0 || span_le32(list, 16, &list_size) < 0 ||
	    span_le32(list, 20, &header_size) < 0 || span_le32(list, 24, &entry_size) < 0)
		return -EBADMSG;
	if (list_size > list.n || list_size < LIST_HEADER || header_size > list_size - LIST_HEADER ||
	    entry_size < EFI_GUID_LEN)
		return -EBADMSG;
	body = list_size - LIST_HEADER - header_size;
	if (body % entry_size != 0)
		return -EBADMSG;
	memcpy(it->list.type_guid.b, list.p, EFI_GUID_LEN);
	it->list.type = siglist_type_of(&it->list.type_guid);
	it->list.header = span_of(list.p + LIST_HEADER, header_size);
	it->list.list = it->n_lists++;
	it->size = entry_size;
	it->end = it->at + list_size;
	it->at += LIST_HEADER + header_size;
	return 0;
}

int siglist_next(struct siglist_iter *it, struct siglist_entry *ret)
{
	while (it->at == it->end) {
		if (it->at == it->all.n)
			return 0;
		if (enter_list(it) < 0)
			return -EBADMSG;
	}
	*ret = it->list;
	ret->offset = it->at;
	memcpy(ret->owner.b, it->all.p + it->at, EFI_GUID_LEN);
	ret->data = span_of(it->all.p + it->at + EFI_GUID_LEN, it->size - EFI_GUID_LEN);
	it->at += it->size;
	return 1;
}

int64_t siglist_count(struct span lists)
{
	struct siglist_iter it;
	struct siglist_entry e;
	int64_t n = 0;
	int r;

	siglist_iter_init(&it, lists);
	while ((r = siglist_next(&it, &e)) > 0)
		n++;
	return r < 0 ? r : n;
}

static int add_le32(struct buf *into, uint32_t v)
{
	uint8_t b[4];

	store_le32(b, v);
	return buf_add(into, b, sizeof(b));
}

static int add_list_header(struct buf *into, const struct efi_guid *type, struct span header, size_t entry_size,
			   size_t n)
{
	buf_add(into, type->b, EFI_GUID_LEN);
	add_le32(into, (uint32_t)(LIST_HEADER + header.n + entry_size * n));
	add_le32(into, (uint32_t)header.n);
	add_le32(into, (uint32_t)entry_size);
	return buf_add(into, header.p, header.n);
}

static int add_entry(struct buf *into, const struct efi_guid *owner, struct span data)
{
	buf_add(into, owner->b, EFI_GUID_LEN);
	return buf_add(into, data.p, data.n);
}

int siglist_append(struct buf *into, enum siglist_type type, const struct efi_guid *owner, struct span data)
{
	add_list_header(into, &types[type].guid, span_of(NULL, 0), EFI_GUID_LEN + data.n, 1);
	return add_entry(into, owner, data);
}

static bool entry_is(const struct siglist_entry *e, enum siglist_type type, struct span data)
{
	return e->type == type && span_eq(e->data, data);
}

int siglist_contains(struct span lists, enum siglist_type type, struct span data)
{
	struct siglist_iter it;
	struct siglist_entry e;
	int r;

	siglist_iter_init(&it, lists);
	while ((r = siglist_next(&it, &e)) > 0)
		if (entry_is(&e, type, data))
			return 1;
	return r;
}

/* Rewrites lists entry by entry: every list is closed by writing its final size into its header. */
struct rewriter {
	struct buf *into;
	size_t start; /* of the open list's header in *into */
	size_t list;  /* its number */
	bool open;
};

static void close_list(struct rewriter *w)
{
	if (w->open && buf_error(w->into) == 0)
		store_le32(w->into->p + w->start + EFI_GUID_LEN, (uint32_t)(w->into->n - w->start));
	w->open = false;
}

static void copy_entry(struct rewriter *w, const struct siglist_entry *e)
{
	if (!w->open || w->list != e->list) {
		close_list(w);
		w->start = w->into->n;
		w->list = e->list;
		w->open = true;
		add_list_header(w->into, &e->type_guid, e->header, EFI_GUID_LEN + e->data.n, 0);
	}
	add_entry(w->into, &e->owner, e->data);
}

int siglist_remove(struct span lists, enum siglist_type type, struct span data, struct buf *into)
{
	struct rewriter w = { .into = into };
	struct siglist_iter it;
	struct siglist_entry e;
	int r, removed = 0;

	siglist_iter_init(&it, lists);
	while ((r = siglist_next(&it, &e)) > 0) {
		if (entry_is(&e, type, data))
			removed++;
		else
			copy_entry(&w, &e);
	}
	close_list(&w);
	if (r < 0)
		return r;
	return buf_error(into) < 0 ? buf_error(into) : removed;
}

/* The number of the first list that can take this hash, or -1. */
static int first_list_for(struct span lists, enum siglist_type type, size_t len, int64_t *ret)
{
	struct siglist_iter it;
	struct siglist_entry e;
	int r;

	siglist_iter_init(&it, lists);
	*ret = -1;
	while ((r = siglist_next(&it, &e)) > 0)
		if (*ret < 0 && e.type == type && e.data.n == len)
			*ret = (int64_t)e.list;
	return r;
}

int siglist_add_hash(struct span lists, enum siglist_type type, const struct efi_guid *owner, struct span hash,
		     struct buf *into)
{
	struct rewriter w = { .into = into };
	struct siglist_iter it;
	struct siglist_entry e;
	int64_t target;
	int r = first_list_for(lists, type, hash.n, &target);

	if (r < 0)
		return r;
	if (target < 0)
		siglist_append(into, type, owner, hash);
	siglist_iter_init(&it, lists);
	while (siglist_next(&it, &e) > 0) {
		if (target >= 0 && (int64_t)e.list > target) {
			add_entry(into, owner, hash);
			target = -1;
		}
		copy_entry(&w, &e);
	}
	if (target >= 0)
		add_entry(into, owner, hash);
	close_list(&w);
	return buf_error(into);
}
