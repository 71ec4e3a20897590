/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Everything on this machine that holds keys: the firmware's and shim's lists with their certificates read, and the
 * kernel's rings, each certificate matched with the ring it is seen in.
 */

#include <sys/utsname.h>

#include "read/efi/siglist.h"
#include "read/efi/vars.h"
#include "act/sign/cert.h"
#include "system/sys.h"
#include "decide/verdict/machine.h"

enum key_store_id {
	STORE_PK,
	STORE_KEK,
	STORE_DB,
	STORE_DBX,
	STORE_MOK,
	STORE_MOKX,
	STORE_MOK_NEW,
	STORE_MOK_DELETE,
	STORE_MOKX_NEW,
	STORE_MOKX_DELETE,
	STORE_KERNEL, /* certificates inside the kernel image; only after key_stores_add_kernel() */
	STORES,
};

struct key_entry {
	enum siglist_type type;
	struct efi_guid type_guid;
	struct efi_guid owner;
	struct span data;        /* borrowed from the store's lists, or the certificate's own */
	struct cert *cert;       /* NULL: not a certificate, or one that cannot be read */
	struct cert_facts facts; /* with a certificate only */
	unsigned seen_in;        /* set of 1 << enum trust_ring: rings that hold a key of this id */
};

struct key_store {
	const char *name; /* "MokListRT" */
	struct buf lists;
	enum efi_list_source source;
	int error; /* 0, -ENOENT: not there, -EBADMSG: damaged from some point on, or why it could not be read */
	struct key_entry *entries;
	size_t n, cap;
};

struct key_stores {
	struct key_store stores[STORES];
	struct ring rings[TRUST_RINGS];
	struct ring listed; /* if no ring is shown: digests in dbx and MokListX, described as they are on .blacklist */
	bool kernel_tried;
};

/* 0 or -ENOMEM; the error of what cannot be read is kept in its store or ring. */
int key_stores_read(struct sys *sys, struct key_stores *ret);
/*
 * Looks for the certificates of .builtin_trusted_keys in the kernel image /boot/vmlinuz-RELEASE. Only those whose id
 * the ring shows are taken. Does so once. 0 also when nothing was found, or -ENOMEM.
 */
int key_stores_add_kernel(struct sys *sys, const char *release, struct key_stores *s);
void key_stores_done(struct key_stores *s);

const char *key_store_name(enum key_store_id id);
/*
 * The origin that decides the ring for a store's certificates. false: the kernel does not read that store into a
 * ring.
 */
bool key_store_origin(enum key_store_id id, enum trust_origin *ret);
/* What its certificate says it may be used for: a set of enum trust_use. */
unsigned key_use(const struct cert_facts *facts);
unsigned key_entry_use(const struct key_entry *e);
/* Is any of its rings shown? The kernel shows them to root only, and every kernel has some. */
bool key_stores_show_rings(const struct key_stores *s);
/* What the rings that were read prove of the machine. */
void key_stores_prove(const struct key_stores *s, struct trust_machine *machine);
/* The certificate behind a ring's entry, if one of the lists has it; NULL. */
const struct key_entry *key_stores_certificate(const struct key_stores *s, const char *description);
/* The first ring the entry is seen in; TRUST_RING_NONE. */
enum trust_ring key_entry_ring(const struct key_entry *e);

#define _cleanup_key_stores_ _cleanup_(key_stores_done)
