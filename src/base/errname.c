// SPDX-License-Identifier: MIT
#include "base/errname.h"

#include <errno.h>
#include <stddef.h>

#include "base/cleanup.h"

#define NAMED(error) [error] = #error

/* The errors that loading, reading and writing modules may return. */
static const char *const names[] = {
	NAMED(E2BIG),       NAMED(EACCES),       NAMED(EAGAIN),       NAMED(EBADF),   NAMED(EBADMSG),
	NAMED(EBUSY),       NAMED(ECANCELED),    NAMED(EDQUOT),       NAMED(EEXIST),  NAMED(EFAULT),
	NAMED(EFBIG),       NAMED(EINTR),        NAMED(EINVAL),       NAMED(EIO),     NAMED(EISDIR),
	NAMED(EKEYEXPIRED), NAMED(EKEYREJECTED), NAMED(EKEYREVOKED),  NAMED(ELIBBAD), NAMED(ELOOP),
	NAMED(EMFILE),      NAMED(EMLINK),       NAMED(ENAMETOOLONG), NAMED(ENFILE),  NAMED(ENODATA),
	NAMED(ENODEV),      NAMED(ENOENT),       NAMED(ENOEXEC),      NAMED(ENOKEY),  NAMED(ENOMEM),
	NAMED(ENOPKG),      NAMED(ENOSPC),       NAMED(ENOSYS),       NAMED(ENOTDIR), NAMED(ENOTEMPTY),
	NAMED(ENOTSUP),     NAMED(ENXIO),        NAMED(EOVERFLOW),    NAMED(EPERM),   NAMED(EPIPE),
	NAMED(ERANGE),      NAMED(EROFS),        NAMED(ESPIPE),       NAMED(ESRCH),   NAMED(ETIMEDOUT),
	NAMED(ETXTBSY),     NAMED(EXDEV),
};

const char *errname(int error)
{
	return error > 0 && (size_t)error < ELEMENTSOF(names) && names[error] ? names[error] : "?";
}
