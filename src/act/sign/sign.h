/* SPDX-License-Identifier: MIT */
#pragma once

/* Signing module files: in place, whatever their compression, and never leaving a file that the kernel would refuse. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/place.h"
#include "base/root.h"
#include "base/span.h"
#include "read/image/source.h"
#include "act/sign/chain.h"

struct cms_signing;
struct keyring;

/* Appends the trailer of a message: the 12 octets and the magic (module_signature.h). */
int sign_add_trailer(struct buf *into, size_t message_length);

enum sign_mode {
	SIGN_REPLACE,       /* sign; an existing signature is replaced */
	SIGN_ONLY_UNSIGNED, /* sign what carries no signature yet */
	SIGN_DETACHED,      /* leave the module alone, write FILE.p7s */
	SIGN_STRIP,         /* remove the signature */
};

struct sign_job {
	enum sign_mode mode;
	const struct cms_signing *signing; /* NULL for SIGN_STRIP */
	const struct keyring *ring;        /* the certificate alone: what the result is checked against */
	/*
	 * The kernel whose rules the result of a module must meet. Negative, reported: it is not to be signed. Not
	 * called for what is skipped or stripped.
	 */
	int (*kernel_of)(void *data, struct source *src, const char *path, struct chain_kernel *ret);
	void *kernel_data;
	bool dry_run; /* do everything except writing */
};

enum sign_outcome {
	SIGN_FAILED, /* reported; the file is as it was */
	SIGN_SIGNED,
	SIGN_RESIGNED, /* an older signature was replaced */
	SIGN_STRIPPED,
	SIGN_SKIPPED,     /* nothing to do */
	SIGN_NOT_REACHED, /* a signal ended the work before; set by the caller */
	SIGN_OUTCOMES,
};

const char *sign_outcome_name(enum sign_outcome outcome); /* stable, for JSON */

struct sign_result {
	enum sign_outcome outcome;
	int error;             /* of SIGN_FAILED: -errno */
	enum codec_id codec;   /* how the file is compressed */
	uint64_t size;         /* of the module without signature, unpacked */
	size_t signature_size; /* octets of the message; 0: none was made */
};

/*
 * Refused with a message and without a change: a file that is not a kernel module (-ENOEXEC), a damaged trailer that
 * hides where the module ends (-EBADMSG), what kernel_of() refuses, a result that does not verify when it is read back
 * (-EKEYREJECTED). The scratches belong to the calling thread.
 */
struct sign_scratch {
	struct scratch *input, *check;
};
struct sign_target {
	const struct root *root;
	const char *path;
	size_t top; /* what the user named of it (base/place.h) */
};
int sign_file(const struct sign_job *job, const struct sign_target *target, const struct sign_scratch *scratch,
	      struct diag *diag, struct sign_result *ret);
