// SPDX-License-Identifier: MIT
/* Initial root file systems: every file lies inside of the archive, and what is no image is refused. */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "read/image/initrd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int look(void *data, const struct initrd_file *file)
{
	size_t *sum = data;

	for (size_t i = 0; i < file->name.n; i++)
		*sum += file->name.p[i];
	for (size_t i = 0; i < file->content.n; i++)
		*sum += file->content.p[i];
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t sum = 0;
	int r;

	if (size > 1 << 16)
		return 0;
	r = initrd_walk(span_of(data, size), look, &sum);
	assert(r == 0 || r == -ENOEXEC || r == -EINVAL || r == -ENOSYS || r == -EFBIG || r == -ENOMEM);
	assert(size > 0 || r == -ENOEXEC);
	return 0;
}
