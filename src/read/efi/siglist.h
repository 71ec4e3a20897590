/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * EFI_SIGNATURE_LIST (UEFI 2.10, 32.4.1): what db, dbx, KEK, PK and all Mok* lists hold. Several lists follow each
 * other; each has one type and entries of one size, every entry an owner GUID and data.
 *
 * Reading is as strict as the kernel's own reader: a list longer than what is left, an entry shorter than its owner, or
 * a body that is not a whole number of entries is -EBADMSG. Unknown types are returned like the others, so that nothing
 * vanishes from a listing or from a list that is written back.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "read/efi/guid.h"

enum siglist_type {
	SIGLIST_UNKNOWN,
	SIGLIST_X509,
	SIGLIST_SHA1,
	SIGLIST_SHA224,
	SIGLIST_SHA256,
	SIGLIST_SHA384,
	SIGLIST_SHA512,
	SIGLIST_X509_SHA256, /* hash of a certificate's TBS part, with the time of revocation */
	SIGLIST_X509_SHA384,
	SIGLIST_X509_SHA512,
	SIGLIST_RSA2048,
	SIGLIST_TYPES,
};

/* One entry. Everything borrowed from the bytes that are read. */
struct siglist_entry {
	enum siglist_type type;
	struct efi_guid type_guid;
	struct efi_guid owner;
	struct span data;   /* without the owner */
	struct span header; /* the list's own header, empty for all known types */
	size_t list;        /* number of the list, from 0 */
	size_t offset;      /* of this entry's owner field in the whole input */
};

struct siglist_iter {
	struct span all;
	size_t at;   /* of the next entry */
	size_t end;  /* of the current list */
	size_t size; /* of an entry, with owner */
	struct siglist_entry list;
	size_t n_lists;
};

void siglist_iter_init(struct siglist_iter *it, struct span lists);
/* 1 and the entry, 0 at the end, -EBADMSG for damage (it->at stays at the offset of the damaged list). */
int siglist_next(struct siglist_iter *it, struct siglist_entry *ret);

/* The number of entries, or -EBADMSG. */
int64_t siglist_count(struct span lists);

/* "X509", "SHA256", ...; "unknown" */
const char *siglist_type_name(enum siglist_type type);
enum siglist_type siglist_type_of(const struct efi_guid *guid);
const struct efi_guid *siglist_type_guid(enum siglist_type type); /* NULL for SIGLIST_UNKNOWN */
/* The length of a bare hash of this type (20..64), 0 for types other than lists of hashes. */
size_t siglist_hash_len(enum siglist_type type);
bool siglist_hash_type(size_t len, enum siglist_type *ret);

/* Appends one list with one entry. */
int siglist_append(struct buf *into, enum siglist_type type, const struct efi_guid *owner, struct span data);

/* 1: an entry of that type with these data is there, 0: not, -EBADMSG. */
int siglist_contains(struct span lists, enum siglist_type type, struct span data);

/*
 * Appends lists without the entries of that type and data; a list that becomes empty is removed. Other entries keep
 * owner, header and order. Returns the number of removed entries, or -EBADMSG / -ENOMEM.
 */
int siglist_remove(struct span lists, enum siglist_type type, struct span data, struct buf *into);

/*
 * Appends lists with one more hash: at the end of the first list of that type, or in a new list in front.
 * Returns 0, -EBADMSG or -ENOMEM.
 */
int siglist_add_hash(struct span lists, enum siglist_type type, const struct efi_guid *owner, struct span hash,
		     struct buf *into);
