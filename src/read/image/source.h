/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The bytes of one module file. The magic number, not the name, says how it is compressed. Of plain files only the
 * requested parts are read (pread: no mapping, so that a file truncated meanwhile gives an error and not a signal, and
 * threads do not contend for one address space); compressed ones are unpacked completely, into memory that the scratch
 * lends.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/root.h"
#include "base/span.h"
#include "read/image/codec.h"
#include "read/image/scratch.h"
#include "read/image/trailer.h"

struct source; /* opaque */

/* Anything with fewer bytes is too short for the magic numbers, and is refused with -EINVAL. */
#define SOURCE_MIN 6

/*
 * path: logical, below root. Reported: unreadable (-errno), not seekable (-ESPIPE), damaged (-EINVAL), the
 * decompression library is missing (-ENOSYS, message names the library), unpacked too large (-EFBIG). The fd stays
 * open until source_close().
 */
int source_open(const struct root *root, const char *path, struct scratch *scratch, struct diag *diag,
		struct source **ret);
/* The same for a file that is open for reading; fd stays the caller's. label is used in messages. */
int source_open_fd(int fd, const char *label, struct scratch *scratch, struct diag *diag, struct source **ret);
/*
 * Opens the file and looks at the magic, but unpacks nothing until bytes are requested: for finit_module(2) on
 * compressed files.
 */
int source_open_lazy(const struct root *root, const char *path, struct diag *diag, struct source **ret);
/* Bytes in memory (not copied, must outlive it); compressed ones are unpacked. label is used in messages. */
int source_open_span(struct span bytes, const char *label, struct diag *diag, struct source **ret);
void source_close(struct source *s);

enum codec_id source_codec(const struct source *s);
int source_fd(const struct source *s); /* borrowed; -1 for memory */
const char *source_label(const struct source *s);

int source_size(struct source *s, uint64_t *ret); /* of the unpacked content */
int source_fetch(struct source *s, uint64_t off, uint64_t len,
		 struct span *ret); /* -ERANGE; valid until source_close() */
int source_whole(struct source *s, struct span *ret);
/*
 * The trailer of the unpacked content. Only its end is read, so .payload is not the whole payload. -errno only when
 * reading fails.
 */
int source_trailer(struct source *s, struct trailer *ret);
/*
 * Octets of the unpacked content that a kernel that checks signatures takes for the module: all before a PKCS#7
 * signature, whatever the lengths of a signer's name and key id are, which it has none of; with any other scheme, all
 * before the words that end a signature.
 */
int source_payload_size(struct source *s, uint64_t *ret);
/* A trailer follows the compressed data, where the kernel does not look for one. It is not part of the content. */
bool source_is_signed_outside(const struct source *s);

DEFINE_CLEANUP(struct source *, source_close)
