// SPDX-License-Identifier: MIT
/* A signature that the kernel does not see: it looks at the very end of the unpacked module. */
#ifndef KMODCTL_SMALL
#include <stdio.h>
#include <string.h>

#include "read/image/source.h"
#include "read/image/trailer.h"
#include "verb/why/signature.h"

#define BEHIND_MAX 4096 /* bytes after a signature */
#define PREFIX_MIN 16   /* of the words that end one */

/* How many bytes follow a whole signature; 0: there is none within reach. */
static size_t bytes_behind(struct span file)
{
	for (size_t n = 1; n <= BEHIND_MAX && n < file.n; n++)
		if (trailer_read(span_of(file.p, file.n - n)).state == TRAILER_OK)
			return n;
	return 0;
}

/* Does the file end inside of the words that end a signature? */
static bool is_cut_off(struct span file)
{
	for (size_t n = TRAILER_MAGIC_LEN - 1; n >= PREFIX_MIN; n--)
		if (span_ends(file, TRAILER_MAGIC, n))
			return true;
	return false;
}

const char *signature_unseen(const struct source *src, struct span file, char *ret, size_t n)
{
	size_t behind;

	if (source_is_signed_outside(src))
		return "it was signed after it was compressed, and the kernel looks for a signature in what it unpacks";
	if (is_cut_off(file))
		return "the end of its signature is missing";
	behind = bytes_behind(file);
	if (!behind)
		return NULL;
	snprintf(ret, n, "%zu %s its signature, which must be the end of the file", behind,
		 behind == 1 ? "byte follows" : "bytes follow");
	return ret;
}
#endif
