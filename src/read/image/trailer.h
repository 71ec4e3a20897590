/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The signature that is appended to a module: payload | signer | key id | signature | 12-byte info | magic
 * (include/linux/module_signature.h). Over unpacked bytes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

#define TRAILER_MAGIC "~Module signature appended~\n"
#define TRAILER_MAGIC_LEN 28
#define TRAILER_INFO_LEN 12

enum trailer_state {
	TRAILER_NONE,    /* no magic at the end: unsigned */
	TRAILER_OK,      /* well-formed info, sizes fit */
	TRAILER_DAMAGED, /* magic there, info impossible; the kernel says EBADMSG */
};

enum trailer_id_type { TRAILER_PGP = 0, TRAILER_X509 = 1, TRAILER_PKCS7 = 2 };

struct trailer {
	enum trailer_state state;
	uint8_t algo, hash, id_type, signer_len, key_id_len;
	uint8_t pad[3];
	uint32_t sig_len;
	struct span payload; /* the module without any of it (everything before the magic when damaged) */
	struct span signer, key_id, signature;
};

struct trailer trailer_read(struct span file);
/* Its octets behind the payload; 0: there is none. */
uint64_t trailer_size(const struct trailer *t);
/* As kmod shows signatures: algo < 2, hash < 9, id_type < 3, length != 0. */
bool trailer_is_shown(const struct trailer *t);
