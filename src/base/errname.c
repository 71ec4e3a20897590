// SPDX-License-Identifier: MIT
#include "base/errname.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"

/* The errors that loading, reading and writing modules may return. An array by number would be mostly gaps. */
/* clang-format off */
#define ERRORS(DO) \
	DO(E2BIG) DO(EACCES) DO(EAGAIN) DO(EBADF) DO(EBADMSG) DO(EBUSY) DO(ECANCELED) DO(EDQUOT) DO(EEXIST) \
	DO(EFAULT) DO(EFBIG) DO(EINTR) DO(EINVAL) DO(EIO) DO(EISDIR) DO(EKEYEXPIRED) DO(EKEYREJECTED) \
	DO(EKEYREVOKED) DO(ELIBBAD) DO(ELOOP) DO(EMFILE) DO(EMLINK) DO(EMSGSIZE) DO(ENAMETOOLONG) DO(ENFILE) \
	DO(ENODATA) DO(ENODEV) DO(ENOENT) DO(ENOEXEC) DO(ENOKEY) DO(ENOMEM) DO(ENOPKG) DO(ENOSPC) DO(ENOSYS) \
	DO(ENOTDIR) DO(ENOTEMPTY) DO(ENOTSUP) DO(ENXIO) DO(EOVERFLOW) DO(EPERM) DO(EPIPE) DO(ERANGE) DO(EROFS) \
	DO(ESPIPE) DO(ESRCH) DO(ETIMEDOUT) DO(ETXTBSY) DO(EXDEV)
/* clang-format on */
#define NUMBER(error) error,
#define NAME(error) #error "\0"

static const short numbers[] = { ERRORS(NUMBER) };
static const char names[] = ERRORS(NAME); /* in the same order */

const char *errname(int error)
{
	const char *name = names;

	for (size_t i = 0; i < ELEMENTSOF(numbers); i++, name += strlen(name) + 1)
		if (numbers[i] == error)
			return name;
	return "?";
}
