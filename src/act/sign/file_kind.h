/* SPDX-License-Identifier: MIT */
#pragma once

/* What a file is that is not the certificate or key that was wanted, by its content. */

#include "base/diag.h"
#include "base/span.h"

/* What the file is wanted for. */
enum file_want { WANT_CERTIFICATE, WANT_KEY, WANT_EITHER };

bool file_is_pkcs12(struct span bytes);
/* A private key in some form, also in one that cannot be read here. */
bool file_holds_key(struct span bytes);
/* A public key by itself, of OpenSSL or OpenSSH. */
bool file_is_public_key(struct span bytes);
/* Reports what the file is and, where there is one, the command that makes of it what is wanted. */
void file_report_kind(struct span bytes, const char *path, enum file_want want, const char *code, struct diag *diag);
