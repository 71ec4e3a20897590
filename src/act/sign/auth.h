/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Authenticated writes to Secure Boot variables (UEFI 2.10, 8.2.2): EFI_VARIABLE_AUTHENTICATION_2 with a signature by
 * a key of the list above (KEK for db), and the payload behind it.
 */

#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/span.h"

struct key;
struct cert;

#define AUTH_GUID_LEN 16

struct auth_request {
	const char *variable;          /* "db"; ASCII */
	uint8_t vendor[AUTH_GUID_LEN]; /* its GUID as it lies in memory */
	int64_t time;                  /* seconds since 1970; ignored by firmware for appends */
	struct span payload;           /* signature lists */
};

/* Attributes of an appending write: non-volatile, boot and run time, time-based authentication, append. */
#define AUTH_APPEND_ATTRIBUTES UINT32_C(0x67)

/* Appends the blob. Reported: the pair does not match, signing fails. */
int auth_append_blob(const struct auth_request *request, const struct key *key, const struct cert *cert,
		     struct diag *diag, struct buf *ret);
