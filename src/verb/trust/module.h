/* SPDX-License-Identifier: MIT */
#pragma once

/* One module file against the machine and its keys. */

#include "read/image/siginfo.h"
#include "read/image/source.h"
#include "verb/trust/keystore.h"
#include "verb/trust/machine.h"
#include "decide/verdict/verdict.h"

/* How it is known that the kernel trusts the signer's key. */
enum trust_evidence {
	TRUST_PREDICTED, /* by the rules alone: another state was assumed, or the rings could not be read */
	TRUST_RING_READ, /* the ring was read and holds the key's id */
	TRUST_ASKED,     /* a ring restricted to the kernel's own took the certificate */
};

struct module_reading {
	char *path;
	struct source *source;
	struct siginfo siginfo;
	bool is_signed;
	bool is_compressed;
	struct trust_module module;   /* .signer points into siginfo */
	struct trust_verdict verdict;
	enum trust_evidence evidence;
	enum trust_answer kernel_verified; /* the kernel's own crypto on content and signature; unknown: not asked */
	const struct key_entry *key;  /* whose certificate made the signature; borrowed from the stores; NULL: unknown */
	const char *store;            /* the list it is in */
	char detail[256];             /* what the check of the signature said */
};

struct trust_context {
	struct sys *sys;
	const struct machine_reading *reading;
	struct trust_machine machine; /* as read, or as assumed */
	bool assumed;
	struct key_stores *stores;
	bool forced;                  /* as with modprobe --force */
};

/* Reported: a file that cannot be read (-errno). The reading must not be moved. */
int module_read(struct trust_context *ctx, const char *path, struct module_reading *ret);
void module_reading_done(struct module_reading *m);

/* The ring that the certificate is in: as seen, or for an assumed state as the kernel would place it. */
enum trust_ring trust_entry_ring(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

/* Does this kernel refuse what the certificate of dbx or MokListXRT signed? */
bool trust_entry_revokes(const struct trust_context *ctx, enum key_store_id store, const struct key_entry *e);

#define _cleanup_module_reading_ _cleanup_(module_reading_done)
