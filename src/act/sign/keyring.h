/* SPDX-License-Identifier: MIT */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "base/root.h"

struct cert;
struct kernel_target;

/* The certificates that are trusted. */
struct keyring {
	struct cert **certs; /* owned */
	size_t n, cap;
	size_t left_out; /* files of directories that hold no certificate that can be read */
};

/* Becomes the owner of c, also on failure. */
int keyring_take(struct keyring *ring, struct cert *c);
/* Every certificate of a file. As cert_load_each(). */
int keyring_add_file(struct keyring *ring, const struct root *root, const char *path, struct diag *diag);
/*
 * Every certificate in the files (.der .pem .crt .cer .x509 .pub, in any case) of a directory, by name. Unusable ones
 * are reported, left out and counted, except for .pub, which may be a public key.
 */
int keyring_add_directory(struct keyring *ring, const struct root *root, const char *path, struct diag *diag);
/* Keeps with each certificate what the kernel makes of it (cert_kernel.h): what verify_bytes() then goes by. */
void keyring_judge(struct keyring *ring, const struct kernel_target *kernel);
void keyring_done(struct keyring *ring);

#define _cleanup_keyring_ _cleanup_(keyring_done)
