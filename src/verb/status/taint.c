// SPDX-License-Identifier: MIT
#include "verb/status/status.h"

#include <errno.h>
#include <stdlib.h>

#include "base/fileio.h"
#include "base/num.h"
#include "base/oom.h"

#define TAINTED "/proc/sys/kernel/tainted"

/* Documentation/admin-guide/tainted-kernels.rst */
static const struct status_taint_flag flags[] = {
	[0] = { 'P', false, "proprietary module" },
	[1] = { 'F', true, "a module was loaded by force" },
	[2] = { 'S', false, "out of specification" },
	[3] = { 'R', true, "a module was unloaded by force" },
	[4] = { 'M', true, "a machine check: faulty hardware" },
	[5] = { 'B', true, "a bad page: faulty memory, or a bug" },
	[6] = { 'U', false, "set from user space" },
	[7] = { 'D', true, "the kernel died: an oops or a BUG" },
	[8] = { 'A', false, "ACPI table replaced" },
	[9] = { 'W', true, "the kernel issued a warning" },
	[10] = { 'C', false, "staging driver" },
	[11] = { 'I', false, "workaround for firmware" },
	[12] = { 'O', false, "out-of-tree module" },
	[13] = { 'E', false, "unsigned module" },
	[14] = { 'L', true, "a soft lockup" },
	[15] = { 'K', false, "live patched" },
	[16] = { 'X', false, "auxiliary" },
	[17] = { 'T', false, "randomized structures" },
	[18] = { 'N', false, "test run in the kernel" },
	[19] = { 'J', true, "a debug operation of fwctl was used" },
};

const struct status_taint_flag *status_taint_flag(unsigned bit)
{
	return bit < ELEMENTSOF(flags) ? &flags[bit] : NULL;
}

int status_read_taint(struct sys *sys, struct status_taint *ret)
{
	char text[32];

	ret->error = file_read_line(&sys->root, TAINTED, text, sizeof(text));
	if (ret->error == 0)
		ret->error = parse_u64(text, 10, &ret->bits);
	ret->live_error = live_read(&sys->root, NULL, &ret->live);
	return only_oom(ret->live_error);
}
